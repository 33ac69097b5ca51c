package salesforce_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestBulkPatience: a job that does not end is given up after a quarter of an hour, and
// the pages say for what the run waits until then.
func TestBulkPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.Stuck = true })
		begin, before := time.Now(), b.company.Now()
		tick := func() { b.company.SetNow(before.Add(time.Since(begin))) }
		b.web.change = func(*http.Request, *http.Response) { tick() }
		var gaveUp time.Duration
		waits := map[string]bool{}
		pages, _ := pagesOf(t, b.source(t), crm.Opportunities, "", func(p crm.Page) {
			if p.Waits != "" {
				waits[p.Waits] = true
			}
			if gaveUp == 0 && strings.Contains(p.Note, "did not end within 15 minutes") {
				gaveUp = time.Since(begin)
			}
		})
		if gaveUp < 15*time.Minute || gaveUp > 17*time.Minute {
			t.Errorf("given up after %v", gaveUp)
		}
		if len(waits) != 1 {
			t.Errorf("it waits for %v", waits)
		}
		if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want {
			t.Errorf("%d deals, want %d", got, want)
		}
		looks := 0
		for _, u := range b.web.urls {
			if strings.HasPrefix(u, "GET ") && strings.Contains(u, "/jobs/query/") {
				looks++
			}
		}
		if looks > 60 {
			t.Errorf("%d looks at the job", looks)
		}
	})
}

// TestBulkProgressDoesNotRunBackwards: the rows of a job that is given up in the middle
// are read again, and no page tells fewer rows than the page before.
func TestBulkProgressDoesNotRunBackwards(t *testing.T) {
	for name, status := range map[string]int{"refused": 409, "gone": 404, "broken": 500} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBulkOrg(t, 300)
				b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.MaxRecords = 100 })
				b.web.change = func(req *http.Request, resp *http.Response) {
					if req.URL.Query().Get("locator") != "" {
						resp.StatusCode = status
						replaceBody(resp, "", "")
						setBody(resp, []byte(`[{"errorCode":"NO","message":"no"}]`))
						resp.Header.Set("Content-Type", "application/json")
					}
				}
				done := 0
				check := func(p crm.Page) {
					if p.Done < done || p.Total > 0 && p.Total < p.Done {
						t.Errorf("%d of %d rows after %d", p.Done, p.Total, done)
					}
					done = p.Done
				}
				pages, _ := pagesOf(t, b.source(t), crm.Opportunities, "", check)
				check(pages[len(pages)-1])
				if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want || done != want {
					t.Errorf("%d deals, %d told, want %d", got, done, want)
				}
			})
		})
	}
}
