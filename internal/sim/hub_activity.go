package sim

import (
	"slices"
	"strconv"
	"time"
)

// activity creates an activity of a deal, and the deal's rollups follow.
func (h *portalRecords) activity(deal *hubObject, typ string, by hubBy, owner *hubOwner, p map[string]string) *hubObject {
	if owner != nil && p["hubspot_owner_id"] == "" {
		p["hubspot_owner_id"] = strconv.FormatInt(owner.id, 10)
	}
	a := h.create(hubTypeNamed(typ), by, p)
	if deal == nil {
		return a
	}
	h.link(deal, a)
	if who := h.targets(deal, "contacts"); len(who) > 0 {
		h.link(a, h.tables["contacts"].byID[who[0].to])
	}
	h.rollUp(deal)
	return a
}

// rollUp lets the deal's rollups follow its activities, at once or after the
// delay that the portal takes.
func (h *portalRecords) rollUp(deal *hubObject) {
	if delay := h.settings().RollupDelay; delay > 0 {
		h.pending = append(h.pending, hubRollup{deal, h.Present().Add(delay)})
		return
	}
	h.recompute(deal)
}

// recompute works out what HubSpot keeps about a deal's activities. It bumps the
// deal, as in a real portal, if something changed.
func (h *portalRecords) recompute(deal *hubObject) {
	now := h.Present()
	var last, contacted time.Time
	count := 0
	for _, typ := range hubActivities {
		for _, l := range h.targets(deal, typ) {
			a := h.tables[typ].byID[l.to]
			count++
			at, err := time.Parse(time.RFC3339, a.p["hs_timestamp"])
			if err != nil || at.After(now) || typ == "tasks" && a.p["hs_task_status"] != "COMPLETED" {
				continue
			}
			last = later(last, at)
			if typ != "notes" && typ != "tasks" {
				contacted = later(contacted, at)
			}
		}
	}
	h.set(deal, hubCalculated, "num_notes", strconv.Itoa(count))
	if !last.IsZero() {
		h.set(deal, hubCalculated, "notes_last_updated", hubTime(last))
	}
	if !contacted.IsZero() {
		h.set(deal, hubCalculated, "notes_last_contacted", hubTime(contacted))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// nextActivity is the earliest meeting or open task that is still to come. It
// changes as time passes, without a stamp.
func (h *portalRecords) nextActivity(deal *hubObject) (string, bool) {
	now := h.Present()
	var next time.Time
	for _, typ := range []string{"meetings", "tasks"} {
		for _, l := range h.targets(deal, typ) {
			a := h.tables[typ].byID[l.to]
			at, err := time.Parse(time.RFC3339, a.p["hs_timestamp"])
			if err != nil || !at.After(now) || a.p["hs_task_status"] == "COMPLETED" || a.p["hs_meeting_outcome"] == "CANCELED" {
				continue
			}
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return hubTime(next), !next.IsZero()
}

// hubRollup is a deal whose rollups will follow its activities.
type hubRollup struct {
	deal *hubObject
	due  time.Time
}

// settle lets happen what was due by now.
func (h *portalRecords) settle() {
	now, event := h.Present(), h.Event()
	h.pending = slices.DeleteFunc(h.pending, func(p hubRollup) bool {
		if p.due.After(now) {
			return false
		}
		h.During(p.due)
		h.recompute(p.deal)
		return true
	})
	h.During(event)
}
