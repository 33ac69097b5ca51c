package daemon_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestWhatSalesforceNeverLeavesEmptyIsNoFinding: a third of the open deals come without
// owner, stage, and whether they are closed, or some contact roles without their deal. No
// finding begins or ends, and status names the records. Once the answers are well, nothing
// is said any more.
func TestWhatSalesforceNeverLeavesEmptyIsNoFinding(t *testing.T) {
	for name, c := range map[string]struct {
		object  string
		columns string
		says    []string
	}{
		"owner and stage of deals":  {"Opportunity", "OwnerId|StageName", []string{"have values that cannot be read", "owner", "stage"}},
		"all that decides of deals": {"Opportunity", "OwnerId|StageName|IsClosed", []string{"were left out", "IsClosed is empty"}},
		"deals of contact roles":    {"OpportunityContactRole", "OpportunityId", []string{"were left out", "OpportunityId is empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := newOrgBench(t, 100)
			x.polled()
			before := x.findings()
			n := 0
			columns := regexp.MustCompile(`"(` + c.columns + `)":("[^"]*"|true|false)`)
			row := rowOf(c.object)
			x.org.Fault(sim.Fault{Path: "/query", Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
				return row.ReplaceAllFunc(body, func(one []byte) []byte {
					id := string(one[strings.Index(string(one), `"Id":"`)+6:][:15])
					if id[14]%3 != 0 {
						return one
					}
					n++
					return columns.ReplaceAll(one, []byte(`"$1":null`))
				})
			}})
			x.later(15 * time.Minute)
			if err := x.Sync(t.Context(), x.src, true, nil); err != nil {
				t.Error(err)
			}
			if err := x.Evaluate(t.Context(), x.src); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				t.Fatal("no row was spoilt")
			}
			if d := cmp.Diff(before, x.findings()); d != "" {
				t.Errorf("findings (-before +now):\n%s", d)
			}
			said := func() string {
				st, err := x.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return fmt.Sprint(st.Notices)
			}
			for _, words := range c.says {
				if s := said(); !strings.Contains(s, words) {
					t.Errorf("status does not say %q: %s", words, s)
				}
			}
			x.org.ClearFaults()
			x.quarters(1)
			if d := cmp.Diff(before, x.findings()); d != "" {
				t.Errorf("findings after all is well (-before +now):\n%s", d)
			}
			if s := said(); strings.Contains(s, "left out") || strings.Contains(s, "cannot be read") {
				t.Errorf("status still says %s", s)
			}
		})
	}
}
