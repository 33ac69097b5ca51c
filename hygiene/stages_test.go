package hygiene

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// portal is a source with two pipelines whose labels differ from their ids.
func portal(t *testing.T, definitions ...Pipeline) *Pass {
	t.Helper()
	p := testPass(t)
	p.Source.Stages = []crm.Stage{
		{Pipeline: "default", PipelineLabel: "Sales", ID: "11", Label: "First", Order: 1, Active: true},
		{Pipeline: "default", PipelineLabel: "Sales", ID: "12", Label: "Second", Order: 2, Active: true},
		{Pipeline: "77", PipelineLabel: "Partners", ID: "21", Label: "First", Order: 1, Active: true},
		{Pipeline: "88", PipelineLabel: "77", ID: "31", Label: "Only", Order: 1, Active: true},
		{Pipeline: "99", ID: "41", Label: "Single", Order: 1, Active: true},
	}
	p.Source.Pipelines = definitions
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPipelineByIDOrLabel(t *testing.T) {
	first := func(name string, days int) Pipeline {
		return Pipeline{Name: name, Stages: []StageDefinition{{Name: "first", MaxDays: days}}}
	}
	for _, c := range []struct {
		name            string
		definitions     []Pipeline
		pipeline, stage string
		days            int
		place           int
	}{
		{"by id", []Pipeline{first("DEFAULT", 3)}, "default", "11", 3, 1},
		{"by label", []Pipeline{first("sales ", 3)}, "default", "11", 3, 1},
		{"by label, and the deal too", []Pipeline{first("Sales", 3)}, "Sales", "11", 3, 1},
		{"another pipeline's label", []Pipeline{first("Partners", 3)}, "default", "11", 0, 1},
		{"the first that matches", []Pipeline{first("Partners", 3), first("*", 5)}, "77", "21", 3, 1},
		{"every other", []Pipeline{first("Partners", 3), first("*", 5)}, "default", "11", 5, 1},
		{"an id goes before a label", nil, "77", "31", 0, 0},
		{"without a label", nil, "99", "41", 0, 1},
		{"no pipeline is not one without a label", nil, "", "41", 0, 0},
	} {
		p, d := portal(t, c.definitions...), testDeal()
		d.Opportunity.Pipeline, d.Opportunity.Stage = c.pipeline, c.stage
		days := 0
		if def := p.Definition(d); def != nil {
			days = def.MaxDays
		}
		if place, _ := p.Position(d); days != c.days || place != c.place {
			t.Errorf("%s: got the definition of %d days at place %d, want %d at %d", c.name, days, place, c.days, c.place)
		}
	}
}

func TestUnmatched(t *testing.T) {
	definitions := []Pipeline{
		{Name: "Sales", Stages: []StageDefinition{{Name: "first"}, {Name: "12"}, {Name: "21"}}},
		{Name: "77", Stages: []StageDefinition{{Name: "Second"}}},
		{Name: "Renewals", Stages: []StageDefinition{{Name: "First"}}},
		{Name: "*", Stages: []StageDefinition{{Name: "Only"}, {Name: "Third"}}},
	}
	p := portal(t, definitions...)
	want := []string{"stage 21 of pipeline Sales", "stage Second of pipeline 77", "pipeline Renewals", "stage Third of pipeline *"}
	if diff := cmp.Diff(want, p.Source.Unmatched()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	p.Source.Stages = nil
	if got := p.Source.Unmatched(); got != nil {
		t.Errorf("no stages are listed: got %q", got)
	}
	// Stages of every pipeline do not tell which pipelines there are.
	p.Source.Stages = []crm.Stage{{ID: "First"}, {ID: "Second"}, {ID: "Only"}}
	want = []string{"stage 12 of pipeline Sales", "stage 21 of pipeline Sales", "stage Third of pipeline *"}
	if diff := cmp.Diff(want, p.Source.Unmatched()); diff != "" {
		t.Errorf("stages of every pipeline: want -, got +:\n%s", diff)
	}
}
