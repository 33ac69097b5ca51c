package salesforce_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestAPageThatRepeatsRowsOfAnother: a page has rows of the page before, or of one before that,
// in place of its own, and the announced number of rows is right. The rest is asked for
// anew, and all rows come.
func TestAPageThatRepeatsRowsOfAnother(t *testing.T) {
	for name, c := range map[string]struct{ from, into, rows int }{"one of the page before": {0, 1, 1}, "half of the first, two pages on": {0, 2, 100}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, sim.Options{Deals: 700})
			a.cfg.PageHint = 200
			var pages [][]any
			a.org.Fault(sim.Fault{Kind: sim.Edit, Path: "/query", Times: -1, Change: func(body []byte) []byte {
				var v map[string]any
				if json.Unmarshal(body, &v) != nil || !strings.Contains(string(body), `"type":"Opportunity"`) {
					return body
				}
				rows, _ := v["records"].([]any)
				pages = append(pages, slices.Clone(rows))
				if len(pages) != c.into+1 {
					return body
				}
				copy(rows, pages[c.from][:c.rows])
				out, err := json.Marshal(v)
				if err != nil {
					t.Error(err)
				}
				return out
			}})
			got, _ := pagesOf(t, a.Source(t), crm.Opportunities, "", nil)
			ids := map[string]bool{}
			for _, p := range got {
				for i := range p.Opportunities {
					ids[p.Opportunities[i].ID] = true
				}
			}
			if want := len(a.company.IDs("Opportunity")); len(ids) != want || len(pages) < 4 {
				t.Errorf("%d of %d deals came, over %d pages", len(ids), want, len(pages))
			}
		})
	}
}
