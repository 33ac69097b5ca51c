package portal

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Pipeline is a pipeline of deals as HubSpot writes it.
type Pipeline struct {
	ID       string   `json:"id"`
	Label    row.Text `json:"label"`
	Archived bool     `json:"archived"`
	Stages   []struct {
		ID       string              `json:"id"`
		Label    string              `json:"label"`
		Order    int                 `json:"displayOrder"`
		Archived bool                `json:"archived"`
		Metadata map[string]row.Text `json:"metadata"`
	} `json:"stages"`
}

// Normalise lists the stages of a pipeline. Metadata are text: "true", "0.2".
func (p *Pipeline) Normalise() []crm.Stage {
	var out []crm.Stage
	for _, st := range p.Stages {
		likely, err := row.ParseNumber(string(st.Metadata["probability"]))
		known := err == nil
		closed, said := st.Metadata["isClosed"]
		s := crm.Stage{
			Pipeline: p.ID, PipelineLabel: strings.TrimSpace(string(p.Label)), ID: st.ID, Label: strings.TrimSpace(st.Label), Order: st.Order,
			Active: !p.Archived && !st.Archived,
			Closed: strings.EqualFold(string(closed), "true") || !said && known && (likely == 0 || likely == 1),
		}
		s.Won = s.Closed && known && likely == 1
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b crm.Stage) int { return a.Order - b.Order })
	return out
}
