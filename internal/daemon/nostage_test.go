package daemon_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestAStageThatIsHidden: a login that may not read the stage of deals is told which rules
// are unknown for it, in one sentence, and no deal is said to be in a stage without a name.
func TestAStageThatIsHidden(t *testing.T) {
	t.Parallel()
	const says = "so stage-stuck, stage-exit-criteria-missing, stage-skipped are unknown: "
	told := func(t *testing.T, notices []string, rules map[string]bool) {
		t.Helper()
		all := strings.Join(notices, "\n")
		if !strings.Contains(all, says) {
			t.Errorf("got %q, want %q", notices, says)
		}
		if strings.Contains(all, `in stage ""`) {
			t.Errorf("got %q, want no stage without a name", notices)
		}
		for rule := range rules {
			if strings.HasPrefix(rule, "stage-") {
				t.Errorf("%s found something", rule)
			}
		}
	}
	heard := func(t *testing.T, x *orgBench, hide func()) {
		t.Helper()
		x.polled()
		hide()
		x.later(25 * time.Hour)
		x.polled()
		st, err := x.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rules := map[string]bool{}
		for _, f := range x.check().Findings {
			rules[f.Rule] = true
		}
		told(t, st.Notices, rules)
	}
	t.Run("salesforce", func(t *testing.T) {
		x := newOrgBench(t, 60)
		heard(t, x, func() { x.company.HideField("Opportunity", "StageName") })
		x.company.ShowField("Opportunity", "StageName")
		x.later(25 * time.Hour)
		x.polled()
		if st, err := x.Status(t.Context()); err != nil || strings.Contains(strings.Join(st.Notices, "\n"), "the stage of deals") {
			t.Errorf("shown again: %q, %v", st.Notices, err)
		}
	})
	t.Run("hubspot", func(t *testing.T) {
		x := newPortalBench(t, 60)
		heard(t, x.orgBench, func() {
			x.portal.Fault(sim.Fault{Kind: sim.Edit, Path: "/properties/", Times: -1, Change: func(body []byte) []byte {
				return bytes.ReplaceAll(body, []byte(`"name":"dealstage"`), []byte(`"name":"dealstage_of_others"`))
			}})
		})
	})
}
