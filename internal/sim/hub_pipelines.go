package sim

import (
	"slices"
	"time"
)

// hubPipeline is a deal pipeline of the portal.
type hubPipeline struct {
	id, label        string
	stages           []*hubStage
	archived         bool
	created, updated time.Time
}

type hubStage struct {
	id, label        string
	closed           bool
	probability      float64
	archived         bool
	like             string // the stage of the sale that reps mean by it
	created, updated time.Time
}

// stage finds a stage by its id.
func (h *portalRecords) stage(id string) *hubStage {
	for _, p := range h.pipelines {
		for _, s := range p.stages {
			if s.id == id {
				return s
			}
		}
	}
	return nil
}

// stageLike is the id of the stage of a pipeline that reps use for one of the
// sale's stages.
func (h *portalRecords) stageLike(pipeline, like string) string {
	for _, p := range h.pipelines {
		for _, s := range p.stages {
			if p.id == pipeline && s.like == like {
				return s.id
			}
		}
	}
	return ""
}

// pipeline finds a pipeline by its id.
func (h *portalRecords) pipeline(id string) *hubPipeline {
	i := slices.IndexFunc(h.pipelines, func(p *hubPipeline) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return h.pipelines[i]
}
