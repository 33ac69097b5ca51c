package portal

import (
	"fmt"
	"slices"
)

// What tests do to the portal's people and pipelines.

// NewStage is a stage for AddPipeline.
type NewStage struct {
	ID, Label   string
	Closed      bool
	Probability float64
}

// AddPipeline adds a deal pipeline. Stage ids are unique in the whole portal.
func (h *Portal) AddPipeline(id, label string, stages ...NewStage) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	if h.rec.pipeline(id) != nil {
		return fmt.Errorf("add pipeline %q: there is a pipeline with that id", id)
	}
	now := h.rec.Present()
	p := &Pipeline{ID: id, Label: label, Created: now, Updated: now}
	for _, s := range stages {
		if h.rec.Stage(s.ID) != nil {
			return fmt.Errorf("add pipeline %q: there is a stage with the id %q", id, s.ID)
		}
		p.Stages = append(p.Stages, &Stage{ID: s.ID, Label: s.Label, Closed: s.Closed, Probability: s.Probability, Created: now, Updated: now})
	}
	h.rec.Pipelines = append(h.rec.Pipelines, p)
	return nil
}

// ArchivePipeline takes a pipeline out of use. The pipeline keeps its deals, and can
// still be read by its id.
func (h *Portal) ArchivePipeline(id string) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	p := h.rec.pipeline(id)
	if p == nil {
		return fmt.Errorf("archive pipeline %q: no such pipeline", id)
	}
	p.Archived, p.Updated = true, h.rec.Present()
	return nil
}

// DeleteStage removes a stage and the stage's properties for good. Deals in the stage
// keep the id of the deleted stage.
func (h *Portal) DeleteStage(id string) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	for _, p := range h.rec.Pipelines {
		if i := slices.IndexFunc(p.Stages, func(s *Stage) bool { return s.ID == id }); i >= 0 {
			p.Stages, p.Updated = slices.Delete(p.Stages, i, i+1), h.rec.Present()
			return nil
		}
	}
	return fmt.Errorf("delete stage %q: no such stage", id)
}

// DeactivateOwner takes an owner's seat away: the owner is archived and loses its
// userId; the owner's records keep their owner.
func (h *Portal) DeactivateOwner(email string) error {
	return h.changeOwner(email, func(*Owner) { h.rec.Deactivate(email) })
}

// ReactivateOwner ends DeactivateOwner.
func (h *Portal) ReactivateOwner(email string) error {
	return h.changeOwner(email, func(o *Owner) { o.Archived, o.Updated = false, h.rec.instant() })
}

// SetTeams puts an owner into teams, the first of which is the primary team. The owner
// gets no new stamp.
func (h *Portal) SetTeams(email string, teams ...string) error {
	return h.changeOwner(email, func(o *Owner) { o.Teams = teams })
}

func (h *Portal) changeOwner(email string, change func(*Owner)) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	o := h.rec.OwnerOf(email)
	if o == nil {
		return fmt.Errorf("change owner %q: no such owner", email)
	}
	change(o)
	return nil
}

// RenameStage gives a stage another label. No deal changes.
func (h *Portal) RenameStage(id, label string) error {
	return h.changeStage(id, func(s *Stage) { s.Label = label })
}

// ArchiveStage takes a stage out of use. Pipelines no longer tell the stage, and the
// deals in the stage stay there.
func (h *Portal) ArchiveStage(id string) error {
	return h.changeStage(id, func(s *Stage) { s.Archived = true })
}

func (h *Portal) changeStage(id string, change func(*Stage)) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	s := h.rec.Stage(id)
	if s == nil {
		return fmt.Errorf("change stage %q: no such stage", id)
	}
	change(s)
	s.Updated = h.rec.Present()
	return nil
}
