package daemon_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestAStageThatAnAnswerLacks has the pipelines' answers lack half of their stages for more than
// a day: the stages stay where they were, and the findings of the deals in them too.
func TestAStageThatAnAnswerLacks(t *testing.T) {
	x, clean := newPortalBench(t, 60), newPortalBench(t, 60)
	stages := func(b *portalBench) (out []crm.Stage) {
		p, _, err := b.store.Export(t.Context(), "sales", crm.Stages, "", 500)
		if err != nil {
			t.Fatal(err)
		}
		return p.Stages
	}
	for _, b := range []*portalBench{x, clean} {
		b.polled()
	}
	x.portal.Fault(sim.Fault{Kind: sim.Edit, Path: "/crm/pipelines/", Times: -1, Change: func(body []byte) []byte {
		var answer map[string][]map[string]any
		if err := json.Unmarshal(body, &answer); err != nil {
			panic(err)
		}
		for _, line := range answer["results"] {
			all, _ := line["stages"].([]any)
			line["stages"] = slices.Clip(all[:len(all)/2])
		}
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}})
	for range 5 {
		for _, b := range []*portalBench{x, clean} {
			b.later(6 * time.Hour)
			b.polled()
		}
		if diff := cmp.Diff(stages(clean), stages(x)); diff != "" {
			t.Fatalf("stages (-truth +cache):\n%s", diff)
		}
		if diff := cmp.Diff(clean.findings(), x.findings()); diff != "" {
			t.Fatalf("findings (-truth +ours):\n%s", diff)
		}
	}
}
