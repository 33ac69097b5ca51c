package portal

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Pipeline is a pipeline of deals as HubSpot writes it.
type Pipeline struct {
	ID       row.Text `json:"id"`
	Label    row.Text `json:"label"`
	Archived bool     `json:"archived"`
	Stages   []Stage  `json:"stages"`
}

// Stage is a stage of a pipeline as HubSpot writes it.
type Stage struct {
	ID       row.Text            `json:"id"`
	Label    row.Text            `json:"label"`
	Order    row.Text            `json:"displayOrder"`
	Archived bool                `json:"archived"`
	Metadata map[string]row.Text `json:"metadata"`
}

// Identify takes out the stages that have no id, all of them where the pipeline has none, and
// returns how many rows that leaves out, of how many.
func (p *Pipeline) Identify() (missing, of int) {
	of = 1 + len(p.Stages)
	if p.ID == "" {
		p.Stages = nil
		return of, of
	}
	p.Stages = slices.DeleteFunc(p.Stages, func(st Stage) bool { return st.ID == "" })
	return of - 1 - len(p.Stages), of
}

// Whole returns an error for a pipeline with a stage whose place among the others is no number:
// it would be told of in a wrong place.
func (p *Pipeline) Whole() error {
	for _, st := range p.Stages {
		if _, err := row.ParseNumber(string(st.Order)); err != nil && st.Order != "" {
			return fmt.Errorf("pipeline %q: the displayOrder of the stage %q is no number", p.ID, st.ID)
		}
	}
	return nil
}

// Normalise lists the stages of a pipeline. Metadata are text ("true", "0.2"); ids are
// text, and numbers in some answers.
func (p *Pipeline) Normalise() []crm.Stage {
	var out []crm.Stage
	for _, st := range p.Stages {
		likely, err := row.ParseNumber(string(st.Metadata["probability"]))
		known := err == nil
		closed, said := st.Metadata["isClosed"]
		order, _ := row.ParseNumber(string(st.Order))
		s := crm.Stage{
			Pipeline: string(p.ID), PipelineLabel: strings.TrimSpace(string(p.Label)), ID: string(st.ID), Label: strings.TrimSpace(string(st.Label)), Order: int(order),
			Active: !p.Archived && !st.Archived,
			Closed: strings.EqualFold(string(closed), "true") || !said && known && (likely == 0 || likely == 1),
		}
		s.Won = s.Closed && known && likely == 1
		if known {
			s.Probability = crm.Num(math.Round(likely*1e4) / 100)
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b crm.Stage) int { return a.Order - b.Order })
	return out
}
