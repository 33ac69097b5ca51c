package salesforce_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// The tests of this file combine failures.

// TestFieldHiddenWithinWindows: the org is slow, so deals are read in windows. During the
// run a field is hidden and the session ends; later the field is visible again.
func TestFieldHiddenWithinWindows(t *testing.T) {
	t.Parallel()
	a := newAccount(t, sim.Options{Deals: 150})
	a.org.Set(func(o *sim.SalesforceOptions) { o.SlowOver = map[string]int{"Opportunity": 60} })
	now := a.company.Now()
	a.cfg.Now = func() time.Time { return now }
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	for len(deals.deals) == 0 {
		deals.step(src)
	}
	a.company.HideField("Opportunity", "NextStep")
	a.org.ExpireSessions()
	for deals.step(src) {
		a.org.ExpireSessions()
	}
	if n := len(a.IDs(crm.Opportunities)); len(deals.deals) != n || a.refused() < 3 {
		t.Errorf("%d deals of %d", len(deals.deals), n)
	}
	a.company.ShowField("Opportunity", "NextStep")
	now = now.Add(25 * time.Hour)
	deals.run(src)
	deals.whole(a)
}

// TestJobsAmongTrouble: the records of a job are complete, whatever fails while the job
// runs or its results are read. Each page is read in a new process.
func TestJobsAmongTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		befall func(b *bulkOrg, page int)
	}{
		"sessions end": {func(b *bulkOrg, _ int) { b.org.ExpireSessions() }},
		"the session ends, and jobs are gone, twice": {func(b *bulkOrg, _ int) {
			b.org.ExpireSessions()
			b.company.SetNow(b.company.Now().Add(8 * 24 * time.Hour))
		}},
		"a field is hidden while the job runs": {func(b *bulkOrg, page int) {
			if page == 1 {
				b.company.HideField("Opportunity", "NextStep")
			}
		}},
		"a field is hidden between results": {func(b *bulkOrg, page int) {
			if page == 4 {
				b.company.HideField("Opportunity", "NextStep")
			}
		}},
		"the job is too large": {func(b *bulkOrg, page int) {
			if page == 1 {
				b.org.Set(func(o *sim.SalesforceOptions) { o.SlowOver = map[string]int{"Opportunity": 60} })
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBulkOrg(t, 150)
				now := b.company.Now()
				b.cfg.Now = func() time.Time { return now }
				b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.MaxRecords = 70 })
				var at crm.Cursor
				var pages []crm.Page
				for n, more := 1, true; more; n++ {
					p, err := b.source(t).Fetch(t.Context(), crm.Opportunities, at)
					if err != nil {
						t.Fatal(err)
					}
					if p.More && p.Next == at || n > 200 {
						t.Fatal("it does not go on")
					}
					pages, at, more = append(pages, p), p.Next, p.More
					c.befall(b, n)
				}
				if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want {
					t.Errorf("%d deals of %d", got, want)
				}
				b.company.ShowField("Opportunity", "NextStep")
				b.above = 1_000_000
				again, _ := pagesOf(t, b.source(t), crm.Opportunities, at, nil)
				want, _ := pagesOf(t, b.source(t), crm.Opportunities, "", nil)
				if diff := cmp.Diff(all(want), all(append(pages, again...))); diff != "" {
					t.Errorf("(-anew +among trouble):\n%s", diff)
				}
				if strings.Contains(name, "twice") && len(b.org.Jobs()) != 2 {
					t.Errorf("%d jobs", len(b.org.Jobs()))
				}
			})
		})
	}
}
