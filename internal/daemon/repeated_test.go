package daemon_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// repeats gives the first half of each list of an object in place of its second half, or one
// row in place of the last. The announced number of rows is right.
func (x *orgBench) repeats(object string, one bool) {
	x.org.Fault(sim.Fault{Kind: sim.Edit, Path: "/query", Times: -1, Change: func(body []byte) []byte {
		var v map[string]any
		if json.Unmarshal(body, &v) != nil {
			return body
		}
		rows, _ := v["records"].([]any)
		if len(rows) < 2 || !strings.Contains(string(body), `"type":"`+object+`"`) {
			return body
		}
		if half := len(rows) / 2; one {
			rows[len(rows)-1] = rows[0]
		} else {
			copy(rows[len(rows)-half:], rows[:half])
		}
		out, err := json.Marshal(v)
		if err != nil {
			return body
		}
		return out
	}})
}

// TestAListThatRepeatsRowsIsNoAnswer: the first list of an object has rows twice, and so lacks
// as many, though their number is right. It is asked for anew, nothing is judged before, and
// the first sync that finds the CRM well reads all.
func TestAListThatRepeatsRowsIsNoAnswer(t *testing.T) {
	for _, object := range []string{"OpportunityContactRole", "Task", "Event", "OpportunityHistory", "Opportunity"} {
		for name, one := range map[string]bool{"half": false, "one row": true} {
			t.Run(object+", "+name, func(t *testing.T) {
				t.Parallel()
				x, clean := newOrgBench(t, 60), newOrgBench(t, 60)
				x.repeats(object, one)
				if err := x.Sync(t.Context(), &x.cfg.Sources[0], false, nil); err == nil || !strings.Contains(err.Error(), "the same rows again") {
					t.Errorf("sync: %v", err)
				}
				if f := x.findings(); len(f) > 0 {
					t.Errorf("findings: %v", f)
				}
				x.org.ClearFaults()
				x.synced(false)
				clean.synced(false)
				x.isLike(clean)
			})
		}
	}
}
