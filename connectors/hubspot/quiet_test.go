package hubspot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// nothing lets the portal's searches for a kind of object find nothing.
func (a *account) nothing(object string) {
	a.portal.Fault(sim.Fault{
		Kind: sim.Edit, Times: -1, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/"+object+"/search") },
		Change: func([]byte) []byte { return []byte(`{"total":0,"results":[]}`) },
	})
}

// TestASearchThatFoundNothingIsMadeAgain: for a while the index says that nothing was
// touched. The first poll that it answers well brings the changes, without a further call.
func TestASearchThatFoundNothingIsMadeAgain(t *testing.T) {
	for name, c := range map[string]struct {
		object string
		polls  int
		every  time.Duration
		alone  bool
	}{
		"deals":               {"deals", 1, 20 * time.Minute, false},
		"deals, one by one":   {"deals", 1, 20 * time.Minute, true},
		"deals, for an hour":  {"deals", 4, 20 * time.Minute, false},
		"deals, for hours":    {"deals", 10, 20 * time.Minute, false},
		"deals, once in 6 h":  {"deals", 1, 6 * time.Hour, false},
		"notes":               {"notes", 1, 20 * time.Minute, false},
		"notes, for hours":    {"notes", 10, 20 * time.Minute, false},
		"notes, once in 11 h": {"notes", 1, 11 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, src, at, deals, notes := busy(t, 3)
			ask := func() map[crm.Stream]crm.Page {
				if !c.alone {
					return poll(t, src, at)
				}
				out := map[crm.Stream]crm.Page{}
				for _, s := range src.Streams() {
					out[s] = joined(toEnd(t, src, s, at[s]))
					at[s] = out[s].Next
				}
				return out
			}
			a.later(c.every)
			ask()
			if err := a.portal.SetMany("deals", deals[:1], time.Time{}, "amount", "7"); err != nil {
				t.Fatal(err)
			}
			if err := a.portal.SetMany("notes", notes[:1], time.Time{}, "hs_note_body", "x"); err != nil {
				t.Fatal(err)
			}
			came := func(got map[crm.Stream]crm.Page) bool {
				if c.object == "notes" {
					return len(got[crm.Activities].Activities) > 0
				}
				return len(got[crm.Opportunities].Opportunities) > 0 && len(got[crm.History].Changes) > 0
			}
			a.later(c.every - time.Minute)
			a.nothing(c.object)
			for range c.polls {
				if came(ask()) {
					t.Fatal("the scenario does not hold: the change came")
				}
				a.later(c.every)
			}
			a.portal.ClearFaults()
			if !came(ask()) {
				t.Error("the change did not come")
			}
			if came(ask()) {
				t.Error("the change came twice")
			}
		})
	}
}
