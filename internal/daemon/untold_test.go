package daemon_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// leavesOut takes the associations of these records out of an answer.
func leavesOut(ids []string) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(body, &answer) != nil {
			return body
		}
		rows, _ := answer["results"].([]any)
		answer["results"] = slices.DeleteFunc(rows, func(row any) bool {
			from, _ := row.(map[string]any)["from"].(map[string]any)
			id, _ := from["id"].(string)
			return slices.Contains(ids, id)
		})
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// TestContactsThatWereNotTold has HubSpot leave deals out of its first answers about
// contacts: how many these deals have is unknown, and no finding, until HubSpot tells.
func TestContactsThatWereNotTold(t *testing.T) {
	x := newPortalBench(t, 60)
	var silent []string
	for _, id := range x.portal.IDs("deals") {
		if x.portal.Properties("deals", id)["hs_is_closed"] == "false" && len(silent) < 4 {
			silent = append(silent, id)
		}
	}
	count := func() (known int) {
		err := x.store.Lend(t.Context(), "sales", silent, func(d *hygiene.Deal) error {
			if d.Opportunity.Contacts.Known {
				known++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	x.portal.Fault(sim.Fault{Path: "/deals/contacts/batch/read", Kind: sim.Edit, Change: leavesOut(silent), Times: -1})
	for range 2 {
		x.polled()
		for _, l := range x.life() {
			if l.Rule == "no-contact" && l.State == hygiene.Open {
				t.Errorf("deal %s is said to have no contact, which HubSpot did not say", l.Record)
			}
		}
		if n := count(); n != 0 {
			t.Errorf("the number of contacts of %d deals is known, want none of %d", n, len(silent))
		}
		x.later(25 * time.Hour)
	}
	x.portal.ClearFaults()
	x.polled()
	if n := count(); n != len(silent) {
		t.Errorf("the number of contacts of %d deals is known, want all of %d", n, len(silent))
	}
}
