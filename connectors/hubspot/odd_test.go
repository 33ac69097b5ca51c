package hubspot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// TestOddRecord has one record with a value that cannot be read: the other records are
// read, the note names the odd record, and a backfill does not take that record for
// gone.
func TestOddRecord(t *testing.T) {
	odd := `{"id":"5","properties":{"dealname":"odd","dealstage":"s","hs_lastmodifieddate":"yesterday"}}`
	again := fmt.Sprintf(`{"v":1,"portal":"149063119","since":%d,"reread":%d,"fields":["dealname","dealstage","hs_lastmodifieddate","hs_merged_object_ids"]}`, yesterday, yesterday-90_000)
	for from, at := range map[string]crm.Cursor{"first reading": "", "day's reading": crm.Cursor(again), "increment": done} {
		t.Run(from, func(t *testing.T) {
			o := &recorded{answer: map[string]func(call) (int, string){
				"deals": func(c call) (int, string) {
					if c.query["archived"][0] == "true" {
						return 200, `{"results":[]}`
					}
					return 200, `{"results":[` + deal(4, "n4") + `,` + odd + `,` + deal(6, "n6") + `]}`
				},
				"deals/search": index(t, []int{4, 5, 6}),
				"deals/batch": store(func(id string) string {
					if id == "5" {
						return odd
					}
					return named(id)
				}),
			}}
			p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"4=n4", "6=n6"}, names(p)); diff != "" || len(p.Deleted) > 0 {
				t.Errorf("read (-want +got):\n%sgone %v", diff, p.Deleted)
			}
			if !strings.Contains(p.Note, "deals: record 5: property hs_lastmodifieddate is no time") {
				t.Errorf("said %q", p.Note)
			}
			if seen := len(p.Exist) == 1 && p.Exist[0] == "5"; seen != (from != "increment") {
				t.Errorf("seen to exist %v", p.Exist)
			}
		})
	}
}

// TestAllOdd has a page of which no record can be read: the fault is not in a record,
// so the page is an error.
func TestAllOdd(t *testing.T) {
	var rows []string
	for i := range manyRecords + 1 {
		rows = append(rows, fmt.Sprintf(`{"id":"%d","properties":{"hs_lastmodifieddate":"yesterday"}}`, i+1))
	}
	o := &recorded{answer: map[string]func(call) (int, string){"deals": always(200, `{"results":[`+strings.Join(rows, ",")+`]}`)}}
	_, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, "")
	if err == nil || !strings.Contains(err.Error(), "is no time; the next run tries again") {
		t.Errorf("got %v", err)
	}
}
