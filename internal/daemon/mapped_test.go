package daemon_test

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/salesforce"
)

// TestNoClaimFromThePastOfAnotherField: where `fields` names another field for the close
// date, no finding tells how often the standard one was moved.
func TestNoClaimFromThePastOfAnotherField(t *testing.T) {
	for name, fields := range map[string]map[string]string{"standard": nil, "mapped": {"close_date": "LastActivityDate"}} {
		x := newOrgBench(t, 60, func(c *salesforce.Config) { c.Fields = fields })
		x.polled()
		moved := 0
		for _, f := range x.check().Findings {
			if strings.Contains(f.Message, "moved") {
				moved++
			}
		}
		if (moved > 0) != (fields == nil) {
			t.Errorf("%s: %d findings tell of a date that was moved", name, moved)
		}
	}
}
