package portal

import (
	"slices"
	"strconv"
	"time"
)

// Activity creates an activity of a deal and updates the deal's rollups.
func (h *Records) Activity(deal *Object, typ string, by Author, owner *Owner, p map[string]string) *Object {
	if owner != nil && p["hubspot_owner_id"] == "" {
		p["hubspot_owner_id"] = strconv.FormatInt(owner.ID, 10)
	}
	a := h.Create(TypeNamed(typ), by, p)
	if deal == nil {
		return a
	}
	h.Link(deal, a)
	if who := h.Targets(deal, "contacts"); len(who) > 0 {
		h.Link(a, h.Tables["contacts"].ByID[who[0].To])
	}
	h.rollUp(deal)
	return a
}

// rollUp updates the deal's rollups, at once or after [Options].RollupDelay.
func (h *Records) rollUp(deal *Object) {
	if delay := h.settings().RollupDelay; delay > 0 {
		h.pending = append(h.pending, rollup{deal, h.Present().Add(delay)})
		return
	}
	h.recompute(deal)
}

// recompute recomputes the properties that HubSpot derives from a deal's activities.
// If one of the properties changes, the deal is bumped, as in a real portal.
func (h *Records) recompute(deal *Object) {
	now := h.Present()
	var last, contacted time.Time
	for _, typ := range Activities {
		for _, l := range h.Targets(deal, typ) {
			a := h.Tables[typ].ByID[l.To]
			at, err := time.Parse(time.RFC3339, a.Props["hs_timestamp"])
			if err != nil || at.After(now) || typ == "tasks" && a.Props["hs_task_status"] != "COMPLETED" || unsent(a) {
				continue
			}
			last = later(last, at)
			if typ != "notes" && typ != "tasks" {
				contacted = later(contacted, at)
			}
		}
	}
	h.Set(deal, Calculated, "num_notes", strconv.Itoa(h.touches(deal)))
	if !last.IsZero() {
		h.Set(deal, Calculated, "notes_last_updated", Stamp(last))
	}
	if !contacted.IsZero() {
		h.Set(deal, Calculated, "notes_last_contacted", Stamp(contacted))
	}
}

// touches is the number of a deal's activities.
func (h *Records) touches(deal *Object) (n int) {
	for _, typ := range Activities {
		n += len(h.Targets(deal, typ))
	}
	return n
}

// unsent reports whether a is an email that waits: a draft, or one to be sent later.
func unsent(a *Object) bool {
	return a.Props["hs_email_direction"] == "DRAFT_EMAIL" || slices.Contains([]string{"DRAFT", "SCHEDULED"}, a.Props["hs_email_status"])
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// nextActivity is the earliest meeting or open task in the future. The value changes
// as time passes, without a stamp.
func (h *Records) nextActivity(deal *Object) (string, bool) {
	now := h.Present()
	var next time.Time
	for _, typ := range []string{"meetings", "tasks"} {
		for _, l := range h.Targets(deal, typ) {
			a := h.Tables[typ].ByID[l.To]
			at, err := time.Parse(time.RFC3339, a.Props["hs_timestamp"])
			if err != nil || !at.After(now) || a.Props["hs_task_status"] == "COMPLETED" || a.Props["hs_meeting_outcome"] == "CANCELED" {
				continue
			}
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return Stamp(next), !next.IsZero()
}

// rollup is a deal whose rollups are due at a time.
type rollup struct {
	deal *Object
	due  time.Time
}

// Settle updates the rollups that are due.
func (h *Records) Settle() {
	now, event := h.Present(), h.Event()
	h.pending = slices.DeleteFunc(h.pending, func(p rollup) bool {
		if p.due.After(now) {
			return false
		}
		h.During(p.due)
		h.recompute(p.deal)
		return true
	})
	h.During(event)
}
