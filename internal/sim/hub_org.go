package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// What tests do to the portal's people and pipelines.

// HubSpotStage is a stage of a pipeline that is added.
type HubSpotStage struct {
	ID, Label   string
	Closed      bool
	Probability float64
}

// AddPipeline adds a deal pipeline. Stage ids are unique in the whole portal.
func (h *HubSpot) AddPipeline(id, label string, stages ...HubSpotStage) error {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if h.pipeline(id) != nil {
		return fmt.Errorf("add pipeline %q: it is there already", id)
	}
	now := h.c.now()
	p := &hubPipeline{id: id, label: label, created: now, updated: now}
	for _, s := range stages {
		if h.stage(s.ID) != nil {
			return fmt.Errorf("add pipeline %q: stage %q is there already", id, s.ID)
		}
		p.stages = append(p.stages, &hubStage{id: s.ID, label: s.Label, closed: s.Closed, probability: s.Probability, created: now, updated: now})
	}
	h.pipelines = append(h.pipelines, p)
	return nil
}

func (h *HubSpot) pipeline(id string) *hubPipeline {
	i := slices.IndexFunc(h.pipelines, func(p *hubPipeline) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return h.pipelines[i]
}

// ArchivePipeline takes a pipeline out of use. Its deals stay in it, and it can
// still be asked for by its id.
func (h *HubSpot) ArchivePipeline(id string) error {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	p := h.pipeline(id)
	if p == nil {
		return fmt.Errorf("archive pipeline %q: no such pipeline", id)
	}
	p.archived, p.updated = true, h.c.now()
	return nil
}

// DeleteStage removes a stage for good, with the properties that it brought.
// Deals that were in it stay in a stage that nothing tells of.
func (h *HubSpot) DeleteStage(id string) error {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	for _, p := range h.pipelines {
		if i := slices.IndexFunc(p.stages, func(s *hubStage) bool { return s.id == id }); i >= 0 {
			p.stages, p.updated = slices.Delete(p.stages, i, i+1), h.c.now()
			return nil
		}
	}
	return fmt.Errorf("delete stage %q: no such stage", id)
}

// DeactivateOwner takes somebody's seat away: the owner is archived and has no
// userId any more; what they own stays theirs.
func (h *HubSpot) DeactivateOwner(email string) error {
	return h.changeOwner(email, func(*hubOwner) { h.deactivate(email) })
}

// ReactivateOwner gives the seat back.
func (h *HubSpot) ReactivateOwner(email string) error {
	return h.changeOwner(email, func(o *hubOwner) { o.archived, o.updated = false, h.instant() })
}

// SetTeams puts an owner into teams, the first of which is the primary one. The
// owner keeps its stamp.
func (h *HubSpot) SetTeams(email string, teams ...string) error {
	return h.changeOwner(email, func(o *hubOwner) { o.teams = teams })
}

func (h *HubSpot) changeOwner(email string, change func(*hubOwner)) error {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	o := h.ownerOf(email)
	if o == nil {
		return fmt.Errorf("change owner %q: no such owner", email)
	}
	change(o)
	return nil
}

// teamNames are the teams that somebody is in, or was.
func (h *HubSpot) teamNames() []string {
	for _, o := range h.owners {
		for _, name := range o.teams {
			if !slices.Contains(h.teams, name) {
				h.teams = append(h.teams, name)
			}
		}
	}
	return h.teams
}

func (h *HubSpot) teamID(name string) string {
	return strconv.Itoa(6112 + slices.Index(h.teamNames(), name))
}

// answerTeams lists the teams and the users in them, for whom a team is the
// primary one or another.
func (h *HubSpot) answerTeams() (int, any, error) {
	if err := h.permit(false, "settings.users.teams.read"); err != nil {
		return 0, nil, err
	}
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	results := []any{}
	for _, name := range h.teamNames() {
		primary, secondary := []string{}, []string{}
		for _, o := range h.owners {
			switch i := slices.Index(o.teams, name); {
			case o.archived || i < 0:
			case i == 0:
				primary = append(primary, strconv.FormatInt(o.userID, 10))
			default:
				secondary = append(secondary, strconv.FormatInt(o.userID, 10))
			}
		}
		results = append(results, map[string]any{"id": h.teamID(name), "name": name, "userIds": primary, "secondaryUserIds": secondary})
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}

// hubRollup is a deal whose rollups will follow its activities.
type hubRollup struct {
	deal *hubObject
	due  time.Time
}

// settle lets happen what was due by now.
func (h *HubSpot) settle() {
	now, stamp := h.c.now(), h.c.stamp
	h.pending = slices.DeleteFunc(h.pending, func(p hubRollup) bool {
		if p.due.After(now) {
			return false
		}
		h.c.stamp = p.due
		h.recompute(p.deal)
		return true
	})
	h.c.stamp = stamp
}
