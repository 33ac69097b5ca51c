package salesforce_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
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
		"a query":             {"/query", 200, fields},
		"an error of a query": {"/query", 502, later},
		"queries together":    {"/composite", 200, fields},
		"the versions":        {"/services/data/", 502, later},
		"the login":           {"/services/oauth2/token", 200, later},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 20})
			a.org.Fault(sim.Fault{Path: c.path, Status: c.status, Times: -1, Body: `{"results":["` + strings.Repeat("x", 2<<20) + `"]}`})
			s, err := salesforce.New(a.cfg, rest.New(rest.Config{Attempts: 1, MaxBody: 1 << 20}))
			if err != nil {
				t.Fatal(err)
			}
			var failed []error
			for _, stream := range s.Streams() {
				for at, more := crm.Cursor(""), true; more; {
					p, err := s.Fetch(t.Context(), stream, at)
					if err != nil {
						failed = append(failed, err)
						break
					}
					at, more = p.Next, p.More
				}
			}
			if text := errors.Join(failed...); text == nil || !strings.Contains(text.Error(), "an answer was too large to be read; "+c.want) {
				t.Errorf("got %v, want %q", text, c.want)
			}
		})
	}
}
