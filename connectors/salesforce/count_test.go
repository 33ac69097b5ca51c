package salesforce_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestNumberOfOpenDealsTells hides deals from the login and shows the deals again,
// which changes no stamp: the next poll sweeps. A change of the number that the
// increment explains causes no sweep.
func TestNumberOfOpenDealsTells(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	var open []string
	for _, id := range a.company.IDs("Opportunity") {
		if a.company.Record(id)["IsClosed"] == false {
			open = append(open, id)
		}
	}
	hidden := open[:4]
	each := func(change func(id string)) func() {
		return func() {
			for _, id := range hidden {
				change(id)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func()
		sweeps bool
		calls  int
	}{
		{"the first count", func() {}, false, 2},
		{"nothing", func() {}, false, 2},
		{"hidden", each(func(id string) { a.company.HideRecord(id) }), true, 3},
		{"still hidden", func() {}, false, 2},
		{"shown", each(func(id string) { a.company.ShowRecord(id) }), true, 3},
		{"closed", each(func(id string) { set(t, a, id, "StageName", "Closed Lost") }), false, 2},
	} {
		a.tick()
		c.change()
		a.tick()
		before := src.(crm.Meter).Usage().Calls
		runs := runAll(t, src, at, true)
		deals := runs[crm.Opportunities].Page
		if deals.Sweep != c.sweeps {
			t.Errorf("%s: sweeps %v, want %v", c.name, deals.Sweep, c.sweeps)
		}
		if c.sweeps {
			for _, id := range hidden {
				if got, want := slices.Contains(deals.Exist, id), c.name == "shown"; got != want {
					t.Errorf("%s: %s is mentioned %v, want %v", c.name, id, got, want)
				}
			}
		}
		if n := src.(crm.Meter).Usage().Calls - before; n != int64(c.calls) {
			t.Errorf("%s: %d calls, want %d", c.name, n, c.calls)
		}
		at = advance(runs)
	}
}

// TestCountThatIsRefused: an org that refuses to count is asked for each number
// once, and its deals are read all the same.
func TestCountThatIsRefused(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	a.org.ResetCalls()
	counts := func() (n, objects int) {
		asked := map[string]bool{}
		for _, c := range a.org.Subrequests() {
			if strings.Contains(c.Query, "COUNT()") {
				n++
				asked[strings.Fields(c.Query)[3]] = true
			}
		}
		return n, len(asked)
	}
	a.org.Fault(sim.Fault{Sub: "/query", Match: matches("COUNT"), Times: -1, Status: 400, Body: `[{"errorCode":"QUERY_TIMEOUT","message":"too long"}]`})
	for range 5 {
		disturb(t, a)
		runs := runAll(t, src, at, true)
		if n := len(runs[crm.Opportunities].Page.Opportunities); n == 0 {
			t.Error("no deal was read")
		}
		at = advance(runs)
	}
	if n, objects := counts(); n != 7 || objects != 6 {
		t.Errorf("it was asked to count %d times, %d objects", n, objects)
	}
}
