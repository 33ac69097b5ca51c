package portal

import (
	"errors"
	"fmt"
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
	Stages   []struct {
		ID       row.Text            `json:"id"`
		Label    row.Text            `json:"label"`
		Order    row.Text            `json:"displayOrder"`
		Archived bool                `json:"archived"`
		Metadata map[string]row.Text `json:"metadata"`
	} `json:"stages"`
}

// Whole returns an error for a pipeline that cannot be as HubSpot writes it: one that has no
// id, or a stage that has none, or whose place among the others is no number, would be told of in a wrong place.
func (p *Pipeline) Whole() error {
	if p.ID == "" {
		return errors.New("a pipeline has no id")
	}
	for _, st := range p.Stages {
		if st.ID == "" {
			return fmt.Errorf("pipeline %q has a stage without an id", p.ID)
		}
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
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b crm.Stage) int { return a.Order - b.Order })
	return out
}
