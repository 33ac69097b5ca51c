package daemon_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// noneOf has an answer of associations say of some records that they have none.
func noneOf(ids ...string) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(body, &answer) != nil {
			return body
		}
		issues, _ := answer["errors"].([]any)
		rows, _ := answer["results"].([]any)
		answer["results"] = slices.DeleteFunc(rows, func(row any) bool {
			from, _ := row.(map[string]any)["from"].(map[string]any)
			id := fmt.Sprint(from["id"])
			if !slices.Contains(ids, id) {
				return false
			}
			issues = append(issues, map[string]any{
				"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
				"context": map[string]any{"fromObjectId": []string{id}},
			})
			return true
		})
		answer["errors"] = issues
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// TestContactsInDoubt has HubSpot name no contact of deals whose own records count some. That
// is no finding until the contacts were asked for half a day long, and never where it is so of many
// deals together.
func TestContactsInDoubt(t *testing.T) {
	for _, n := range []int{2, 12} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			x, clean := newPortalBench(t, 40), newPortalBench(t, 40)
			clean.polled()
			var deals []string
			for _, link := range clean.links() {
				deal, other, _ := strings.Cut(link, " ")
				if strings.HasPrefix(other, "contact ") && !slices.Contains(deals, deal) && len(deals) < n {
					deals = append(deals, deal)
				}
			}
			if len(deals) != n {
				t.Fatalf("the scenario does not hold: %d deals", len(deals))
			}
			found := func() (out []string) {
				findings := x.findings()
				for _, deal := range deals {
					if slices.Contains(findings[deal], hygiene.NoContact) {
						out = append(out, deal)
					}
				}
				return out
			}
			x.portal.Fault(sim.Fault{Match: associates("deals", "contacts"), Kind: sim.Edit, Change: noneOf(deals...), Times: -1})
			x.polled()
			notes := ""
			for hour := range 22 {
				if got := found(); len(got) > 0 && hour < 12 {
					t.Fatalf("after %d hours %v are said to have no contact", hour, got)
				}
				x.later(65 * time.Minute)
				notes += x.syncNotes()
				if err := x.Evaluate(t.Context(), x.src); err != nil {
					t.Fatal(err)
				}
			}
			got, want := found(), deals
			if n > 10 {
				want = nil
			}
			if !slices.Equal(got, want) {
				t.Errorf("at the end %v are said to have no contact, want %v", got, want)
			}
			if said := strings.Count(notes, "has named none in 12 answers"); (said > 0) != (want != nil) || said > n {
				t.Errorf("said %d times that it is believed", said)
			}
			x.portal.ClearFaults()
			x.later(65 * time.Minute)
			x.polled()
			if got := found(); len(got) > 0 {
				t.Errorf("mended: %v are said to have no contact", got)
			}
		})
	}
}
