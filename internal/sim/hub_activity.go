package sim

import (
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// contact logs a call, an e-mail, a meeting or a note that has just happened.
func (h *HubSpot) contact(d *deal, kind int) {
	now := h.c.now()
	switch {
	case kind < 4:
		h.log(d, "calls", map[string]string{"hs_timestamp": hubTime(now), "hs_call_title": "Call", "hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED",
			"hs_call_duration": strconv.Itoa((5 + kind*4) * 60_000), "hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7"})
	case kind == 4:
		h.log(d, "notes", map[string]string{"hs_timestamp": hubTime(now), "hs_note_body": "<p>They called back.\n<br>Sounds good.</p>"})
	case kind < 8:
		h.log(d, "emails", map[string]string{"hs_timestamp": hubTime(now), "hs_email_subject": "Following up", "hs_email_direction": []string{"EMAIL", "EMAIL", "INCOMING_EMAIL"}[kind-5],
			"hs_email_status": "SENT", "hs_email_text": "Hello again"})
	default:
		begin := now.Add(-45 * time.Minute)
		h.log(d, "meetings", map[string]string{"hs_timestamp": hubTime(begin), "hs_meeting_title": "Working session", "hs_meeting_start_time": hubTime(begin),
			"hs_meeting_end_time": hubTime(now), "hs_meeting_outcome": "COMPLETED"})
	}
}

// book puts a meeting on a later date into the calendar.
func (h *HubSpot) book(d *deal, on crm.Date) {
	y, m, day := on.Civil()
	begin := time.Date(y, m, day, 13, 0, 0, 0, d.owner.zone)
	h.log(d, "meetings", map[string]string{"hs_timestamp": hubTime(begin), "hs_meeting_title": "Meeting", "hs_meeting_start_time": hubTime(begin),
		"hs_meeting_end_time": hubTime(begin.Add(30 * time.Minute)), "hs_meeting_outcome": "SCHEDULED"})
}

func (h *HubSpot) log(d *deal, typ string, p map[string]string) {
	o := h.find("deals", d.id)
	if o == nil {
		return // planned for a deal that never opened
	}
	owner := h.ownerOf(d.owner.email)
	h.activity(o, typ, h.by(owner), owner, p)
}

// activity creates an activity of a deal, and the deal's rollups follow.
func (h *HubSpot) activity(deal *hubObject, typ string, by hubBy, owner *hubOwner, p map[string]string) *hubObject {
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
func (h *HubSpot) rollUp(deal *hubObject) {
	if delay := h.Options().RollupDelay; delay > 0 {
		h.pending = append(h.pending, hubRollup{deal, h.c.now().Add(delay)})
		return
	}
	h.recompute(deal)
}

// recompute works out what HubSpot keeps about a deal's activities. It bumps the
// deal, as in a real portal, if something changed.
func (h *HubSpot) recompute(deal *hubObject) {
	now := h.c.now()
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
func (h *HubSpot) nextActivity(deal *hubObject) (string, bool) {
	now := h.c.now()
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
