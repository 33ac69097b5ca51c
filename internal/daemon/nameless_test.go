package daemon_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// A row without an id is named by status, be it of an activity, a user or a stage, and costs
// nothing else: the rest is read, what the cache has stays over the daily and the weekly
// reading, and once the row is well nothing is said any more.
func TestARowWithoutAnIDIsNamed(t *testing.T) {
	for _, c := range []struct {
		object  string
		kind    string
		atFirst bool
	}{
		{"Task", "activity", true}, {"Task", "activity", false}, {"User", "user", true}, {"User", "user", false},
		{"OpportunityStage", "stage", false}, {"OpportunityContactRole", "contacts of deal", true}, {"Opportunity", "deal", true}, {"Opportunity", "deal", false},
	} {
		t.Run(fmt.Sprintf("%s, from the first reading on: %v", c.object, c.atFirst), func(t *testing.T) {
			t.Parallel()
			x, twin := newOrgBench(t, 14), newOrgBench(t, 14)
			twin.polled()
			ids := x.company.IDs(c.object)
			id := ids[slices.IndexFunc(ids, func(id string) bool {
				switch c.object {
				case "Task":
					return twin.has(crm.Activities, id)
				case "Opportunity":
					return x.company.Record(id)["IsClosed"] == false
				}
				return true
			})]
			there := func() bool {
				switch c.object {
				case "Task":
					return x.has(crm.Activities, id)
				case "Opportunity":
					return x.has(crm.Opportunities, id)
				}
				return true
			}
			break_ := func() {
				x.org.Fault(sim.Fault{Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
					return bytes.ReplaceAll(body, []byte(`"Id":"`+id+`"`), []byte(`"Id":5`))
				}})
			}
			says := func(when string, want bool) {
				t.Helper()
				st, err := x.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if said := strings.Join(st.Notices, "\n"); strings.Contains(said, c.kind+" ("+c.object+" without an id") != want {
					t.Errorf("%s: want it named: %v; status says\n%s", when, want, said)
				}
			}
			if c.atFirst {
				break_()
			}
			x.polled()
			if got, want := len(x.cached(crm.Activities)), len(twin.cached(crm.Activities)); got < want-1 && c.object != "Opportunity" {
				t.Errorf("the cache has %d activities, want %d or one less", got, want)
			}
			if !c.atFirst {
				break_()
			}
			for range 9 {
				x.later(25 * time.Hour)
				x.polled()
			}
			says("while it is so", true)
			if !c.atFirst && !there() {
				t.Errorf("%s left the cache", id)
			}
			x.org.ClearFaults()
			for range 4 {
				x.later(25 * time.Hour)
				x.polled()
			}
			says("mended", false)
			if !there() {
				t.Errorf("%s is not in the cache", id)
			}
		})
	}
}
