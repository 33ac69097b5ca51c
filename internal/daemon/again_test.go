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

// fewerDeals is a portal that shows the login three fifths of its deals: in lists, and when
// the index counts them.
func fewerDeals(x *portalBench) {
	x.portal.Fault(sim.Fault{Kind: fault.Edit, Times: -1, Change: cutShort, Match: func(r *http.Request) bool {
		return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/deals") || strings.HasSuffix(r.URL.Path, "/deals/search")
	}})
}

// cutShort drops two fifths of the records of a list, or of what a search for one record
// counts.
func cutShort(body []byte) []byte {
	var list map[string]any
	if err := json.Unmarshal(body, &list); err != nil {
		return body
	}
	all, _ := list["results"].([]any)
	switch total, search := list["total"].(float64); {
	case !search:
		list["results"] = all[:3*len(all)/5]
	case len(all) == 1:
		list["total"] = int(total) * 3 / 5
	}
	out, err := json.Marshal(list)
	if err != nil {
		return body
	}
	return out
}

// TestOneBadMomentHoldsNoMorning: a sweep whose lists are empty holds deals back, and one
// of the next two polls sweeps again, agrees, and shows findings.
func TestOneBadMomentHoldsNoMorning(t *testing.T) {
	for name, open := range map[string]func() (x *orgBench, bad func(), good func()){
		"salesforce": func() (*orgBench, func(), func()) {
			x := newOrgBench(t, 60)
			return x, func() {
				x.org.Fault(sim.Fault{Path: "/query", Status: 200, Times: -1, Body: `{"totalSize":0,"done":true,"records":[]}`,
					Header: map[string]string{"Content-Type": "application/json"}})
			}, x.org.ClearFaults
		},
		"hubspot": func() (*orgBench, func(), func()) {
			x := newPortalBench(t, 60)
			return x.orgBench, func() { fewerDeals(x) }, x.portal.ClearFaults
		},
	} {
		t.Run(name, func(t *testing.T) {
			x, bad, good := open()
			x.polled()
			x.later(25 * time.Hour)
			x.polled() // the first sweep
			x.later(25 * time.Hour)
			bad()
			for range 3 {
				x.polled()
				if c := x.check(); !strings.Contains(c.Sources[0].Withheld, "no longer visible") {
					t.Fatalf("the scenario does not hold: withheld %q", c.Sources[0].Withheld)
				}
				x.later(15 * time.Minute)
			}
			good()
			for range 2 { // HubSpot's clock is known as of the poll before, so each second poll may sweep
				x.polled()
				x.later(15 * time.Minute)
			}
			if c := x.check(); c.Sources[0].Withheld != "" || len(c.Findings) == 0 {
				t.Errorf("two good polls later: withheld %q, held %q, %d findings", c.Sources[0].Withheld, x.streams()[crm.Opportunities].Held, len(c.Findings))
			}
		})
	}
}
