package daemon_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// short is a CRM whose lists of deals can be cut short.
type short struct {
	*orgBench
	bad, good func()
}

func shorts() map[string]func(*testing.T) short {
	return map[string]func(*testing.T) short{
		"salesforce": func(t *testing.T) short {
			x := newOrgBench(t, 60)
			return short{x, func() {
				for _, words := range []string{"FROM Opportunity ORDER", "FROM Opportunity WHERE (IsClosed", "FROM Opportunity WHERE IsDeleted", "FROM Opportunity WHERE Id"} {
					x.org.Fault(sim.Fault{Kind: fault.Edit, Path: "/query", Times: -1, Change: fewer, Match: func(r *http.Request) bool { return strings.Contains(r.URL.Query().Get("q"), words) }})
				}
			}, x.org.ClearFaults}
		},
		"hubspot": func(t *testing.T) short {
			x := newPortalBench(t, 60)
			return short{x.orgBench, func() { fewerDeals(x) }, x.portal.ClearFaults}
		},
	}
}

// fewer leaves two fifths of the rows out of an answer that agrees with itself.
func fewer(body []byte) []byte {
	var page map[string]any
	if err := json.Unmarshal(body, &page); err != nil {
		return body
	}
	rows, ok := page["records"].([]any)
	if !ok || len(rows) < 5 {
		return body
	}
	rows = rows[:3*len(rows)/5]
	page["records"], page["totalSize"], page["done"] = rows, len(rows), true
	delete(page, "nextRecordsUrl")
	out, err := json.Marshal(page)
	if err != nil {
		return body
	}
	return out
}

func (x short) withheld() string {
	x.t.Helper()
	return x.check().Sources[0].Withheld
}

// TestAReadingThatWasShortHoldsNoMorning: a sweep, or `sync --full`, in a bad moment of the
// CRM holds the deals, and the polls of the next hour show findings again.
func TestAReadingThatWasShortHoldsNoMorning(t *testing.T) {
	for name, open := range shorts() {
		for what, full := range map[string]bool{"sweep": false, "full read": true} {
			t.Run(name+", "+what, func(t *testing.T) {
				x := open(t)
				x.polled()
				x.later(25 * time.Hour)
				x.polled()
				x.later(25 * time.Hour)
				x.bad()
				if err := x.Sync(t.Context(), x.src, full, nil); err != nil {
					t.Fatal(err)
				}
				if err := x.Evaluate(t.Context(), x.src); err != nil {
					t.Fatal(err)
				}
				if w := x.withheld(); !strings.Contains(w, "open deals are no longer visible") {
					t.Fatalf("the scenario does not hold: withheld %q", w)
				}
				x.good()
				x.quarters(3)
				if w := x.withheld(); w != "" || len(x.check().Findings) == 0 {
					t.Errorf("three good polls later: withheld %q, held %q", w, x.streams()[crm.Opportunities].Held)
				}
			})
		}
	}
}

// TestALostLoginStaysHeld: what the login has really lost stays held however often it is
// swept, for a price: a few calls each quarter of an hour.
func TestALostLoginStaysHeld(t *testing.T) {
	for name, open := range shorts() {
		for what, full := range map[string]bool{"sweep": false, "full read": true} {
			t.Run(name+", "+what, func(t *testing.T) {
				x := open(t)
				x.polled()
				x.later(25 * time.Hour)
				x.polled()
				x.later(25 * time.Hour)
				deals := x.streams()[crm.Opportunities].Records
				x.bad()
				if err := x.Sync(t.Context(), x.src, full, nil); err != nil {
					t.Fatal(err)
				}
				for n := range 6 {
					x.later(15 * time.Minute)
					before := x.calls()
					x.polled()
					if w := x.withheld(); !strings.Contains(w, "no longer visible") {
						t.Fatalf("poll %d: withheld %q", n, w)
					}
					if n := x.calls() - before; n > 60 {
						t.Errorf("a poll of a held source costs %d calls", n)
					}
				}
				if n := x.streams()[crm.Opportunities].Records; n != deals {
					t.Errorf("%d of %d deals are left", n, deals)
				}
				x.good()
			})
		}
	}
}
