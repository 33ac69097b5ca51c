package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestWhyStagesAreNotKnown: where Salesforce does not tell the stages of record types, status
// says why. A person is to give access only where Salesforce refuses; a fault passes by
// itself, and what is said of it goes with it.
func TestWhyStagesAreNotKnown(t *testing.T) {
	t.Parallel()
	const advice = "give the run-as user access to them"
	fault := []string{"New Business, Renewal", "answers with a fault", "asks again in an hour", "nothing has to be done"}
	for name, c := range map[string]struct {
		fault sim.Fault
		says  []string
		never string
	}{
		"an error of the server": {sim.Fault{Status: 500, Body: `[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error occurred"}]`}, append(fault, "An unexpected error occurred"), advice},
		"a web page":             {sim.Fault{Status: 502, Header: map[string]string{"Content-Type": "text/html"}, Body: "<html><body>Bad gateway</body></html>"}, append(fault, "web page instead of data (HTTP 502)"), advice},
		"an empty answer":        {sim.Fault{Status: 200, Body: ""}, append(fault, "another form"), advice},
		"another form":           {sim.Fault{Status: 200, Body: `{"values":{}}`}, append(fault, "another form"), advice},
		"no stages":              {sim.Fault{Status: 200, Body: `{"values":[]}`}, append(fault, "without stages"), advice},
		"a refusal":              {sim.Fault{Status: 403, Body: `[{"errorCode":"INSUFFICIENT_ACCESS","message":"You do not have access"}]`}, []string{"New Business, Renewal", "You do not have access", advice}, "nothing has to be done"},
	} {
		t.Run(name, func(t *testing.T) {
			x := newOrgBench(t, 30)
			said := func() (about string) {
				t.Helper()
				st, err := x.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range st.Notices {
					if strings.Contains(n, "/ui-api/object-info") {
						about += n
					}
				}
				return about
			}
			c.fault.Path, c.fault.Times = "/StageName", -1
			x.org.Fault(c.fault)
			x.polled()
			got := said()
			for _, words := range c.says {
				if !strings.Contains(got, words) {
					t.Errorf("status lacks %q: %s", words, got)
				}
			}
			if strings.Contains(got, c.never) {
				t.Errorf("status has %q: %s", c.never, got)
			}
			x.later(61 * time.Minute)
			x.polled()
			if got := said(); !strings.Contains(got, "asks again in 2 hours") {
				t.Errorf("an hour later: %s", got)
			}
			x.org.ClearFaults()
			x.later(121 * time.Minute)
			x.polled()
			if got := said(); got != "" {
				t.Errorf("when the stages are told: %s", got)
			}
		})
	}
}
