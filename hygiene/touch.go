package hygiene

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// touches is what a deal's activities say about people's contact with the buyer.
type touches struct {
	last crm.Date // of the last human touch; zero is none
	next crm.Date // of the next planned activity; zero is none
	kind crm.ActivityKind
	meet crm.Date // of the next meeting or call ahead; zero is none
	talk crm.ActivityKind

	own, twin reach // of the deal's activities, and of its twin's
}

// reach is how far the activities of one CRM go that could be read. It is compared with
// the fields that this CRM keeps itself.
type reach struct {
	read  newest   // of all, but open tasks and emails that were not sent
	begun newest   // of these, but what lies ahead
	toDo  crm.Date // the latest date of an open task
}

// newest is the latest time and the latest date of some activities.
type newest struct {
	at time.Time
	on crm.Date
}

func (n *newest) note(at time.Time, on crm.Date) {
	if at.After(n.at) {
		n.at = at
	}
	n.on = max(n.on, on)
}

// contact reads the activities of the deal and of its twin once.
func (v *view) contact(now time.Time) *touches {
	if v.touches != nil {
		return v.touches
	}
	d, t := v.deal, &touches{}
	v.touches = t
	last := t.add(&t.own, d.Activities, v.info, now, v)
	if d.Twin != nil {
		if l := t.add(&t.twin, d.Twin.Activities, d.Twin.Info, now, v); l.After(last) {
			last = l
		}
	}
	t.last = max(t.last, v.cal.Date(last))
	t.announce(&t.own, v, v.info, d.Opportunity.NextActivityAt)
	if w := d.Twin; w != nil {
		t.announce(&t.twin, v, w.Info, w.NextActivityAt)
	}
	return t
}

// add reads the activities of one CRM, and returns the time of the last touch whose date
// is that of the owner's calendar.
func (t *touches) add(r *reach, activities []crm.Activity, info *crm.Info, now time.Time, v *view) (last time.Time) {
	for i := range activities {
		a := &activities[i]
		at, on := when(a, v.cal)
		if open(a) {
			// The CRM's own field of the last activity does not count what is still to
			// be done, so an open task does not explain that field.
			r.toDo = max(r.toDo, on)
		} else if !unsent(a) {
			r.read.note(at, a.Due)
			if at.After(r.begun.at) && v.cal.Date(at) <= v.today {
				r.begun.note(at, 0)
			}
			if a.Due <= v.today {
				r.begun.note(time.Time{}, a.Due)
			}
		}
		if a.Automated || cancelled(a) || v.parking.holds(a, info) {
			continue
		}
		// A meeting that was fetched before it began is not fetched again when it has
		// ended, so the time of the meeting decides, not Done.
		meeting := a.Kind == crm.Meeting
		// A call without an outcome is one too: before its time nobody has made it.
		call := a.Kind == crm.Call && a.Outcome == ""
		switch ahead := at.After(now) || on > v.today || meeting && on == v.today; {
		case (a.Done || meeting) && !ahead:
			t.last = max(t.last, on)
			if on == 0 && at.After(last) {
				last = at
			}
		case a.Done && on != 0 && !meeting:
			// It is done before its date, and nobody says when: not before it was created.
			if a.CreatedAt.After(last) {
				last = a.CreatedAt
			}
		case !a.Done || meeting && on != 0 || call && ahead:
			due := planned(a, now, v)
			if due != 0 && (t.next == 0 || due < t.next) {
				t.next, t.kind = due, a.Kind
			}
			if due != 0 && (meeting || a.Kind == crm.Call) && (t.meet == 0 || due < t.meet) {
				t.meet, t.talk = due, a.Kind
			}
		}
	}
	return last
}

// announce takes a CRM's own next-activity field for planned where it names a later date
// than all activities that were read from this CRM.
func (t *touches) announce(r *reach, v *view, info *crm.Info, at time.Time) {
	const field = "next_activity_at"
	if next := v.claimed(info, field, at); next >= v.today && next > max(v.dateOf(r.read, info, field), r.toDo) && t.next == 0 {
		t.next, t.meet = next, next
	}
}

// when is the time of an activity, or its date, if a date is all that counts: that of an
// open task of any kind, and of what has no time. A date never becomes a time, because
// a time lies on another day elsewhere. A task without either counts from its creation.
// What was logged afterwards counts on its date: At is then when it was logged.
func when(a *crm.Activity, cal *Calendar) (at time.Time, on crm.Date) {
	switch {
	case !a.Due.IsZero() && (a.At.IsZero() || open(a) || logged(a) && a.Due < cal.Date(a.At)):
		return time.Time{}, a.Due
	case a.At.IsZero():
		return a.CreatedAt, 0
	case open(a):
		return time.Time{}, cal.Date(a.At) // a task is late after its day, not after its hour
	}
	return a.At, 0
}

// logged reports whether a was done when it was created: nobody had planned it, somebody
// wrote down what had happened. A task that was created first and done late is none.
func logged(a *crm.Activity) bool {
	return a.Done && a.Kind != crm.Meeting && !a.CreatedAt.IsZero() && a.At.Sub(a.CreatedAt).Abs() <= time.Minute
}

// open reports whether a is still to be done: a task, or a call or an email that the CRM
// keeps as a task.
func open(a *crm.Activity) bool {
	return !a.Done && a.Kind != crm.Meeting && (a.Kind == crm.Task || !a.Due.IsZero())
}

// planned is the date on which an open activity is due, zero when that is before today
// or when a task has no date.
func planned(a *crm.Activity, now time.Time, v *view) crm.Date {
	at, on := when(a, v.cal)
	if on == 0 && (a.Kind == crm.Meeting || a.Kind == crm.Call) && at.After(now) {
		return v.cal.Date(at)
	}
	if on >= v.today {
		return on
	}
	return 0
}

// unsent reports whether a is an email that nobody has got, so no CRM takes it for contact.
func unsent(a *crm.Activity) bool {
	if a.Kind != crm.Email || a.Done {
		return false
	}
	switch strings.ToLower(a.Outcome) {
	case "draft", "scheduled", "sending":
		return true
	}
	return false
}

// cancelled reports whether the activity did not happen and will not.
func cancelled(a *crm.Activity) bool {
	switch strings.ToLower(a.Outcome) {
	case "canceled", "cancelled", "no_show", "no show", "no-show", "rescheduled":
		return true
	}
	return false
}

// claimed is the date of one of the CRM's own activity fields. Where the CRM keeps only a
// date, a zone must not shift that date. An instant is never taken for a date, whatever
// its hour: midnight UTC is an afternoon of the day before elsewhere.
func (v *view) claimed(info *crm.Info, field string, t time.Time) crm.Date {
	if info.IsDate(field) {
		return crm.DateOf(t, time.UTC)
	}
	return v.cal.Date(t)
}

// dateOf is the latest date of what could be read, to compare with one of the CRM's own
// fields. It is not known in which zone the CRM ends the day of a field that holds a date
// alone: the owner's, its own, or UTC. The latest of the dates is taken there, so a
// difference of zones does not look like a hidden activity. An instant is on one day of the owner's calendar.
func (v *view) dateOf(n newest, info *crm.Info, field string) crm.Date {
	on := max(n.on, v.cal.Date(n.at))
	if info.IsDate(field) {
		return max(on, crm.DateOf(n.at, time.UTC), crm.DateOf(n.at, zone(info.TimeZone)))
	}
	return on
}

// zones are the zones that were looked up: reading one again for each deal is slow.
var zones sync.Map // of *time.Location, by name

// zone is the zone of that name, UTC where there is none.
func zone(name string) *time.Location {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // the zone of this machine is nobody's
		loc = time.UTC
	}
	zones.Store(name, loc)
	return loc
}

// Cancelled reports whether the activity did not happen and will not.
func (p *Pass) Cancelled(a *crm.Activity) bool { return cancelled(a) }

// LastTouch returns the date on which a person last had contact with the buyer, in either
// direction: done, not automated, not in the future, and no task that parks the deal. ok is false when there is
// no such activity among those that could be read.
func (p *Pass) LastTouch(d *Deal) (on crm.Date, ok bool) {
	t := p.of(d).contact(p.Now)
	return t.last, t.last != 0
}

// Planned returns the date of the next planned activity and its kind: an open task of any
// kind due today or later, a meeting or call ahead, or what the CRM's own next-activity field
// announces (kind ""). Automated activities and a task that parks its deal plan nothing.
func (p *Pass) Planned(d *Deal) (on crm.Date, kind crm.ActivityKind, ok bool) {
	t := p.of(d).contact(p.Now)
	return t.next, t.kind, t.next != 0
}

// Appointment is Planned without tasks: the next meeting or call ahead, or what
// the CRM's own field announces where nothing that could be read is planned.
func (p *Pass) Appointment(d *Deal) (on crm.Date, kind crm.ActivityKind, ok bool) {
	t := p.of(d).contact(p.Now)
	return t.meet, t.talk, t.meet != 0
}

// HiddenActivity returns the date of the CRM's own last-activity field. hidden is true
// where the date is later than every activity that could be read: an activity happened
// or is planned that the login cannot see, so a rule about silence is Unknown.
func (p *Pass) HiddenActivity(d *Deal) (on crm.Date, hidden bool) {
	v := p.of(d)
	return v.hidden(&v.contact(p.Now).own, v.info, d.Opportunity.LastActivityAt)
}

// hidden compares a CRM's own last-activity field with the activities of that CRM.
func (v *view) hidden(r *reach, info *crm.Info, last time.Time) (on crm.Date, hidden bool) {
	if last.IsZero() {
		return 0, false
	}
	const field = "last_activity_at"
	on = v.claimed(info, field, last)
	if on <= v.today {
		// What lies ahead does not explain what was, unless it is today where the CRM's day ends.
		return on, on > v.dateOf(r.begun, info, field) && !v.dated(r.read.at, info, field, on)
	}
	return on, on > v.dateOf(r.read, info, field)
}

// dated reports whether the CRM may write the time as that date.
func (v *view) dated(at time.Time, info *crm.Info, field string, on crm.Date) bool {
	return info.IsDate(field) && !at.IsZero() && (on == crm.DateOf(at, time.UTC) || on == crm.DateOf(at, zone(info.TimeZone)))
}

// Concealed says why there may be an activity of the deal that could not be read, so that
// silence is not proved: the CRM has a later one, or some were left out, or the deal's twin
// is not fully known.
// "" is that everything was read.
func (p *Pass) Concealed(d *Deal) (why Said) {
	if on, hidden := p.HiddenActivity(d); hidden {
		return Say("activity-unseen", On(on))
	}
	if slices.Contains(d.Untold, crm.Activities) {
		return Say("activities-untold")
	}
	w := d.Twin
	if w == nil {
		return ""
	}
	if w.Unread != "" {
		return Say("twin-unread", Text(w.ID), Text(w.Source), Text(w.Unread))
	}
	v := p.of(d)
	// A hidden activity that is older than a contact that was read does not matter.
	if on, hidden := v.hidden(&v.contact(p.Now).twin, w.Info, w.LastActivityAt); hidden && on >= v.touches.last {
		return Say("twin-activity-unseen", Text(w.Source), Text(w.ID), On(on))
	}
	return ""
}
