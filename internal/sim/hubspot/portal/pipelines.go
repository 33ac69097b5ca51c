package portal

import (
	"slices"
	"time"
)

// Pipeline is a deal pipeline of the portal.
type Pipeline struct {
	ID, Label        string
	Stages           []*Stage
	Archived         bool
	Created, Updated time.Time
}

// Stage is a stage of a pipeline.
type Stage struct {
	ID, Label        string
	Closed           bool
	Probability      float64
	Archived         bool
	Like             string // the Salesforce stage that reps use this stage for
	Created, Updated time.Time
}

// Stage finds a stage by its id.
func (h *Records) Stage(id string) *Stage {
	for _, p := range h.Pipelines {
		for _, s := range p.Stages {
			if s.ID == id {
				return s
			}
		}
	}
	return nil
}

// StageLike is the id of the stage that reps use, in a pipeline, for a Salesforce stage.
func (h *Records) StageLike(pipeline, like string) string {
	for _, p := range h.Pipelines {
		for _, s := range p.Stages {
			if p.ID == pipeline && s.Like == like {
				return s.ID
			}
		}
	}
	return ""
}

// pipeline finds a pipeline by its id.
func (h *Records) pipeline(id string) *Pipeline {
	i := slices.IndexFunc(h.Pipelines, func(p *Pipeline) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return h.Pipelines[i]
}
