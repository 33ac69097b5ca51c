package hubspot_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestTooLargeAdvice: fewer fields make an answer smaller that has their values, and no other.
func TestTooLargeAdvice(t *testing.T) {
	const fields, later = "configure fewer long text fields", "try again later; if it stays, look at proxies in between"
	for name, c := range map[string]struct {
		path   string
		status int
		want   string
	}{
		"a batch":             {"/objects/2026-09/deals/batch/read", 200, fields},
		"a list":              {"/objects/2026-09/deals", 200, fields},
		"a search":            {"/deals/search", 200, later},
		"links":               {"/associations/", 200, later},
		"owners":              {"/owners/", 200, later},
		"the account":         {"/account-info/", 200, later},
		"the login":           {"/oauth/", 200, later},
		"an error for a list": {"/objects/2026-09/deals", 502, later},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := installed(t, func(*sim.HubSpotOAuth) {})
			s, err := hubspot.New(a.cfg, rest.New(rest.Config{Attempts: 1, MaxBody: 1 << 20}))
			if err != nil {
				t.Fatal(err)
			}
			var failed []error
			from := map[crm.Stream]crm.Cursor{}
			run := func() {
				for _, stream := range s.Streams() {
					for more := true; more; {
						p, err := s.Fetch(t.Context(), stream, from[stream])
						if err != nil {
							failed = append(failed, err)
							break
						}
						from[stream], more = p.Next, p.More
					}
				}
			}
			if name == "a batch" { // a first run reads lists
				run()
				a.Rename(t)
			}
			a.portal.Fault(sim.Fault{
				Match: func(r *http.Request) bool {
					if r.URL.Query().Get("limit") == "1" { // asks whether the token may
						return false
					}
					return strings.HasSuffix(r.URL.Path, c.path) || strings.HasSuffix(c.path, "/") && strings.Contains(r.URL.Path, c.path)
				},
				Status: c.status, Times: -1, Body: `{"results":["` + strings.Repeat("x", 2<<20) + `"]}`,
			})
			run()
			if text := errors.Join(failed...); text == nil || !strings.Contains(text.Error(), "an answer was too large to be read; "+c.want) {
				t.Errorf("got %v, want %q", text, c.want)
			}
		})
	}
}
