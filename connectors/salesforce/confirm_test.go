package salesforce_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestConfirmAsksOnceMore has an answer that leaves out the first rows asked for by their
// ids, without a word. What is there is confirmed, and a deleted row is not.
func TestConfirmAsksOnceMore(t *testing.T) {
	for _, stream := range []crm.Stream{crm.Opportunities, crm.Activities} {
		a := newAccount(t, sim.Options{Deals: 30})
		src, ok := a.Source(t).(crm.Confirmer)
		if !ok {
			t.Fatal("no Confirmer")
		}
		ids := a.IDs(stream)[:10]
		a.org.Fault(sim.Fault{Match: func(r *http.Request) bool { return strings.Contains(r.URL.Query().Get("q"), "Id IN") }, Kind: sim.Edit, Change: func(body []byte) []byte {
			var answer map[string]any
			if json.Unmarshal(body, &answer) != nil {
				t.Errorf("not JSON: %s", body)
			}
			rows, _ := answer["records"].([]any)
			answer["records"], answer["totalSize"] = rows[3:], len(rows)-3
			out, err := json.Marshal(answer)
			if err != nil {
				t.Error(err)
			}
			return out
		}})
		there, err := src.Confirm(t.Context(), stream, slices.Clone(ids))
		slices.Sort(there)
		slices.Sort(ids)
		if err != nil || !slices.Equal(there, ids) {
			t.Errorf("%s: confirmed %q of %q, %v", stream, there, ids, err)
		}
	}
}
