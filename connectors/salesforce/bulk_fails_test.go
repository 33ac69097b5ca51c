package salesforce_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pipetidy/pipetidy/crm"
)

// TestBulkForgivesAFew: requests about a job that fail now and then do not end the job; one
// that fails again and again does.
func TestBulkForgivesAFew(t *testing.T) {
	for name, c := range map[string]struct {
		fails, wells int // requests in a row that fail, and that are answered well then
		rest         bool
	}{
		"two in a row, again and again": {2, 1, false},
		"three in a row":                {3, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBulkOrg(t, 300)
				n, last := 0, ""
				b.web.change = func(req *http.Request, resp *http.Response) {
					if req.Method != http.MethodGet || !strings.Contains(req.URL.Path, "/jobs/query/") {
						return
					}
					if n%(2*c.fails+c.wells) < 2*c.fails { // each request is tried twice
						resp.StatusCode = http.StatusInternalServerError
						resp.Header.Set("Content-Type", "application/json")
						setBody(resp, []byte(`[{"errorCode":"UNKNOWN_EXCEPTION","message":"no"}]`))
					}
					n++
				}
				pages, _ := pagesOf(t, b.source(t), crm.Opportunities, "", func(p crm.Page) { last += p.Note })
				if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want || strings.Contains(last, "REST reads it") != c.rest {
					t.Errorf("%d deals, want %d; said %q", got, want, last)
				}
			})
		})
	}
}

// TestBulkWaitsForAnOrgThatIsDown: a job outlives an org that is down for a while.
func TestBulkWaitsForAnOrgThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		down := true
		b.web.change = func(req *http.Request, resp *http.Response) {
			if down && strings.Contains(req.URL.Path, "/jobs/query/") {
				resp.StatusCode = http.StatusServiceUnavailable
				resp.Header.Set("Content-Type", "application/json")
				setBody(resp, []byte(`[{"errorCode":"SERVER_UNAVAILABLE","message":"down"}]`))
			}
		}
		src, at := b.source(t), crm.Cursor("")
		for range 10 {
			p, err := src.Fetch(t.Context(), crm.Opportunities, at)
			if err != nil && !errors.Is(err, crm.ErrBusy) {
				t.Fatal(err)
			}
			if err == nil {
				at = p.Next
			}
			if strings.Contains(p.Note, "REST reads it") {
				t.Fatalf("the job is given up: %s", p.Note)
			}
		}
		down = false
		pages, _ := pagesOf(t, src, crm.Opportunities, at, func(p crm.Page) {
			if strings.Contains(p.Note, "REST reads it") {
				t.Errorf("the job is given up: %s", p.Note)
			}
		})
		if got, want := len(all(pages)), len(b.company.IDs("Opportunity")); got != want {
			t.Errorf("%d deals, want %d", got, want)
		}
	})
}
