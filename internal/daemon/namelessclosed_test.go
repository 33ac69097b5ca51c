package daemon_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestAClosedDealWithoutAnIDIsReadLater: a closed deal, or its history, whose row had no id
// is read once the row is well, though a sweep reads no closed deals: from the first reading
// on, created since, or changed since.
func TestAClosedDealWithoutAnIDIsReadLater(t *testing.T) {
	for _, when := range []string{"first reading", "changed since"} {
		for _, days := range []int{0, 3} { // for which the row has no id
			t.Run(fmt.Sprintf("%s, for %d days", when, days), func(t *testing.T) {
				t.Parallel()
				x := newOrgBench(t, 14)
				ids := x.company.IDs("Opportunity")
				id := ids[slices.IndexFunc(ids, func(id string) bool { return x.company.Record(id)["IsClosed"] == true })]
				break_ := func() {
					x.org.Fault(sim.Fault{Path: "/services/data", Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
						return bytes.ReplaceAll(body, []byte(`"Id":"`+id+`"`), []byte(`"Id":null`))
					}})
				}
				if when == "first reading" {
					break_()
					x.polled()
				} else {
					x.polled()
					x.later(48 * time.Hour)
					break_()
					if err := x.company.SetField(id, "NextStep", "Send the invoice"); err != nil {
						t.Fatal(err)
					}
					x.polled()
				}
				for range days {
					x.later(25 * time.Hour)
					x.polled()
				}
				x.org.ClearFaults()
				for range 3 { // what is known to be odd is asked for again once a day
					x.later(13 * time.Hour)
					x.polled()
				}
				if !x.has(crm.Opportunities, id) {
					t.Fatal("the deal is not in the cache")
				}
				if got := x.nextStep(id); when == "changed since" && got != "Send the invoice" {
					t.Errorf("the cache has the next step %q", got)
				}
			})
		}
	}
}
