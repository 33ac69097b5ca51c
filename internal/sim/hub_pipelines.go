package sim

import (
	"fmt"
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

// Stage labels of the portal's first pipeline; the ids are those that HubSpot
// ships.
const (
	HubNew       = "New"
	HubQualified = "Qualified"
	HubProposal  = "Proposal sent"
	HubContract  = "Contract sent"
)

// acmePipelines are the ones HubSpot ships, relabelled, and one of the
// company's own, whose ids are numbers.
func acmePipelines(created time.Time) []*hubPipeline {
	epoch := time.Unix(0, 0).UTC()
	return []*hubPipeline{
		{id: "default", label: "Partner sales", created: epoch, updated: created, stages: []*hubStage{
			{id: "appointmentscheduled", label: HubNew, probability: 0.2, like: Prospecting, created: epoch, updated: created},
			{id: "qualifiedtobuy", label: HubQualified, probability: 0.4, like: Discovery, created: epoch, updated: created},
			{id: "presentationscheduled", label: HubProposal, probability: 0.6, like: Proposal, created: epoch, updated: created},
			{id: "contractsent", label: HubContract, probability: 0.9, like: Negotiation, created: epoch, updated: created},
			{id: "closedwon", label: "Closed Won", closed: true, probability: 1, like: ClosedWon, created: epoch, updated: created},
			{id: "closedlost", label: "Closed Lost", closed: true, probability: 0, like: ClosedLost, created: epoch, updated: created},
		}},
		{id: "75398210", label: "Partner renewals", created: created, updated: created, stages: []*hubStage{
			{id: "148220011", label: "Due", probability: 0.5, like: Prospecting, created: created, updated: created},
			{id: "148220012", label: "In talks", probability: 0.6, like: Discovery, created: created, updated: created},
			{id: "148220013", label: "Offer sent", probability: 0.7, like: Proposal, created: created, updated: created},
			{id: "148220014", label: "Agreed", probability: 0.9, like: Negotiation, created: created, updated: created},
			{id: "148220015", label: "Renewed", closed: true, probability: 1, like: ClosedWon, created: created, updated: created},
			{id: "148220016", label: "Churned", closed: true, probability: 0, like: ClosedLost, created: created, updated: created},
		}},
	}
}

// stage finds a stage by its id.
func (h *HubSpot) stage(id string) *hubStage {
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
func (h *HubSpot) stageLike(pipeline, like string) string {
	for _, p := range h.pipelines {
		for _, s := range p.stages {
			if p.id == pipeline && s.like == like {
				return s.id
			}
		}
	}
	return ""
}

// RenameStage gives a stage another label. No deal is touched by it.
func (h *HubSpot) RenameStage(id, label string) error {
	return h.changeStage(id, func(s *hubStage) { s.label = label })
}

// ArchiveStage takes a stage out of use; deals in it stay there, in a stage
// that the pipelines no longer tell of.
func (h *HubSpot) ArchiveStage(id string) error {
	return h.changeStage(id, func(s *hubStage) { s.archived = true })
}

func (h *HubSpot) changeStage(id string, change func(*hubStage)) error {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	s := h.stage(id)
	if s == nil {
		return fmt.Errorf("change stage %q: no such stage", id)
	}
	change(s)
	s.updated = h.c.now()
	return nil
}
