package daemon_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// cut leaves the first n records of the answers that list deals, with as many properties.
func (x *portalBench) cut(n int, property string, times int) {
	x.portal.Fault(sim.Fault{Kind: sim.Edit, Times: times,
		Match: func(r *http.Request) bool {
			q := r.URL.Query()
			return strings.HasSuffix(r.URL.Path, "/deals") && q.Get("archived") == "false" && strings.Contains(q.Get("properties"), property) && !q.Has("propertiesWithHistory")
		},
		Change: func(body []byte) []byte {
			var answer map[string]any
			if json.Unmarshal(body, &answer) != nil {
				return body
			}
			rows, _ := answer["results"].([]any)
			answer["results"] = rows[:min(n, len(rows))]
			delete(answer, "paging")
			out, err := json.Marshal(answer)
			if err != nil {
				panic(err)
			}
			return out
		}})
}

// TestAListThatWasCutShort: whether it is a little or most of a list that one answer leaves
// out, once or each time, the first reading has all deals, and no deal is found to have no
// contact for it.
func TestAListThatWasCutShort(t *testing.T) {
	for what, c := range map[string]struct {
		left     int // of some forty
		property string
		times    int
	}{
		"contacts, a little":     {30, "num_associated_contacts", 1},
		"contacts, each time":    {30, "num_associated_contacts", -1},
		"contacts, most":         {10, "num_associated_contacts", 1},
		"deals, most":            {10, "hs_next_step", 1},
		"deals, all":             {0, "hs_next_step", 1},
		"deals, most, each time": {10, "hs_next_step", -1},
		"deals, a little":        {30, "hs_next_step", 1},
	} {
		t.Run(what, func(t *testing.T) {
			x, twin := newPortalBench(t, 60), newPortalBench(t, 60)
			twin.polled()
			x.cut(c.left, c.property, c.times)
			x.polled()
			if got, want := x.openDeals(), twin.openDeals(); !slices.Equal(got, want) {
				t.Errorf("%d open deals, want %d", len(got), len(want))
			}
			want := twin.findings()
			for id, rules := range x.findings() {
				if !slices.Equal(rules, want[id]) {
					t.Errorf("deal %s: found %v, want %v", id, rules, want[id])
				}
			}
			if st := x.streams()[crm.Contacts]; st.Records != twin.streams()[crm.Contacts].Records {
				t.Errorf("%d contacts, want %d", st.Records, twin.streams()[crm.Contacts].Records)
			}
		})
	}
}
