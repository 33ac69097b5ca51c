package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestOneDealMakesADifference: one open deal leaves or comes without a trace but the number of
// open deals. Within four polls the cache knows, and a sweep more than that costs no poll.
func TestOneDealMakesADifference(t *testing.T) {
	for name, c := range map[string]struct {
		change func(x *orgBench, id string)
		has    bool
	}{
		"purged": {func(x *orgBench, id string) {
			x.t.Helper()
			if err := x.company.Delete(id); err != nil {
				x.t.Fatal(err)
			}
			if err := x.company.Purge(id); err != nil {
				x.t.Fatal(err)
			}
		}, false},
		"hidden": {func(x *orgBench, id string) { x.company.HideRecord(id) }, false},
		"shown":  {func(x *orgBench, id string) { x.company.ShowRecord(id) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			x := newOrgBench(t, 60)
			id := x.open()[3]
			if c.has {
				x.company.HideRecord(id)
			}
			x.polled()
			x.quarters(3)
			if x.has(crm.Opportunities, id) == c.has {
				t.Fatal("the scenario does not hold")
			}
			c.change(x, id)
			x.quarters(4)
			if x.has(crm.Opportunities, id) != c.has {
				t.Errorf("four polls later the cache has it: %v", !c.has)
			}
			for range 4 { // all is explained
				before := x.calls()
				x.quarters(1)
				if n := x.calls() - before; n != 2 {
					t.Errorf("a quiet poll cost %d calls, want 2", n)
				}
			}
		})
	}
}

// TestADifferenceOfAMoment: deals that are touched between the reading and the counting, and
// a difference that a sweep did not explain, cost no sweep.
func TestADifferenceOfAMoment(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	x.quarters(3)
	base := x.open()
	for n := range 6 {
		if id := base[4+n/2]; n%2 == 0 {
			x.company.HideRecord(id)
		} else {
			x.company.ShowRecord(id)
		}
		before := x.calls()
		x.quarters(1)
		if made := x.calls() - before; made != 2 {
			t.Errorf("poll %d cost %d calls, want 2", n, made)
		}
	}
}

// TestADifferenceThatASweepDoesNotExplain: a deal that the CRM counts and does not give costs
// one sweep, and no further one before the sweep of the day.
func TestADifferenceThatASweepDoesNotExplain(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	x.quarters(3)
	n := len(x.open()) + 1
	x.org.Fault(sim.Fault{Sub: "/query", Times: -1, Status: 200, Body: fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[]}`, n),
		Match: func(r *http.Request) bool {
			return strings.Contains(r.URL.Query().Get("q"), "SELECT COUNT() FROM Opportunity WHERE")
		}})
	before := x.calls()
	x.quarters(12)
	if made := x.calls() - before; made != 12*2+1 {
		t.Errorf("twelve polls cost %d calls, want one sweep", made)
	}
}
