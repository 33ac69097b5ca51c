package salesforce_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// counted is what the polls of some hours after a backfill by jobs said and did.
func (b *bulkOrg) counted(t *testing.T, between func()) (swept map[crm.Stream]bool, calls []int64) {
	t.Helper()
	b.cfg.Budget, b.cfg.DescribeEvery, b.cfg.Now = 1, 1000*time.Hour, b.company.Now
	b.org.Set(func(o *sim.SalesforceOptions) { o.SessionIdle, o.Bulk.MaxRecords = 1000*time.Hour, 100 })
	src := b.source(t)
	at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
	if n := len(b.org.Jobs()); n < 5 {
		t.Fatalf("%d jobs: the scenario does not hold", n)
	}
	b.company.SetNow(b.company.Now().Add(time.Minute))
	between()
	swept = map[crm.Stream]bool{}
	for range 6 {
		b.company.SetNow(b.company.Now().Add(15 * time.Minute))
		before := src.(crm.Meter).Usage().Calls
		runs := runAll(t, src, at, true)
		calls = append(calls, src.(crm.Meter).Usage().Calls-before)
		for name, r := range runs {
			swept[name] = swept[name] || r.Page.Sweep || r.Page.Reread || r.Page.Note != ""
		}
		at = advance(runs)
	}
	return swept, calls
}

// TestTheFirstCountAfterAJob: the rows that jobs of Bulk API 2.0 read in several pages are
// those that the first count of each object is compared with: what is withdrawn from the
// login right after shows in it, and where nothing changes no poll sweeps or takes more than
// its two calls.
func TestTheFirstCountAfterAJob(t *testing.T) {
	for _, object := range []string{"", "Opportunity", "Task", "Event", "OpportunityContactRole", "OpportunityHistory"} {
		t.Run("withdrawn: "+object, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBulkOrg(t, 200)
				swept, calls := b.counted(t, func() {
					if object == "" {
						return
					}
					ids := b.company.IDs(object)
					hidden := 0
					for _, id := range ids {
						if r := b.company.Record(id); object == "Opportunity" && r["IsClosed"] == true || strings.HasPrefix(id, "00T") && r["IsClosed"] == nil {
							continue
						}
						if hidden++; hidden > max(6, len(ids)/4) {
							break
						}
						b.company.HideRecord(id)
					}
				})
				switch {
				case object != "" && !swept[streamOf[object]]:
					t.Errorf("no sweep came of %s", streamOf[object])
				case object == "":
					for name, did := range swept {
						if did {
							t.Errorf("%s was swept though nothing changed", name)
						}
					}
					for i, n := range calls {
						if n != 2 {
							t.Errorf("poll %d: %d calls", i, n)
						}
					}
				}
			})
		})
	}
}
