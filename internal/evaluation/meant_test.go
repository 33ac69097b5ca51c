package evaluation

import (
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestMeant: a name that the CRM does not have is compared with what the CRM has: never
// with a stage or a pipeline that is gone, and never with itself.
func TestMeant(t *testing.T) {
	for name, c := range map[string]struct {
		what, want string
		stages     []crm.Stage
	}{
		"a slip":             {"stage Propsal of pipeline *", " (did you mean Proposal?)", []crm.Stage{{ID: "p", Label: "Proposal"}}},
		"deleted":            {"stage Proposal of pipeline *", "", []crm.Stage{{ID: "p", Label: "Proposal", Gone: true}}},
		"a slip, deleted":    {"stage Propsal of pipeline *", "", []crm.Stage{{ID: "p", Label: "Proposal", Gone: true}}},
		"of another":         {"stage Proposal of pipeline New", "", []crm.Stage{{ID: "p", Label: "Proposal", Pipeline: "old"}}},
		"a deleted pipeline": {"pipeline Renewls", "", []crm.Stage{{ID: "p", Label: "Proposal", Pipeline: "r", PipelineLabel: "Renewals", Gone: true}}},
		"a pipeline":         {"pipeline Renewls", " (did you mean Renewals?)", []crm.Stage{{ID: "p", Label: "Proposal", Pipeline: "r", PipelineLabel: "Renewals"}}},
	} {
		if got := meant(&hygiene.Pass{Source: hygiene.Source{Stages: c.stages}}, c.what); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
