package hygiene

import (
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// touches is what a deal's activities say about people's contact with the buyer.
type touches struct {
	last   time.Time // of the last human touch; zero is none
	next   crm.Date  // of the next planned activity; zero is none
	kind   crm.ActivityKind
	meet   crm.Date // of the next meeting or call ahead; zero is none
	talk   crm.ActivityKind
	newest crm.Date // the latest date of any activity that could be read
}

// contact reads the deal's activities once.
func (v *view) contact(now time.Time) *touches {
	if v.touches != nil {
		return v.touches
	}
	d, t := v.deal, &touches{}
	v.touches = t
	var latest time.Time
	for i := range d.Activities {
		a := &d.Activities[i]
		at := when(a, v.cal)
		if at.After(latest) {
			latest = at
		}
		t.newest = max(t.newest, a.Due)
		if a.Automated || cancelled(a) {
			continue
		}
		switch {
		// A meeting that was fetched before it began is not fetched again when it has
		// ended, so the time of the meeting decides, not Done.
		case (a.Done || a.Kind == crm.Meeting) && !at.After(now):
			if at.After(t.last) {
				t.last = at
			}
		case !a.Done:
			due := planned(a, now, v)
			if due != 0 && (t.next == 0 || due < t.next) {
				t.next, t.kind = due, a.Kind
			}
			if due != 0 && a.Kind != crm.Task && (t.meet == 0 || due < t.meet) {
				t.meet, t.talk = due, a.Kind
			}
		}
	}
	if !latest.IsZero() {
		// It is not known in which zone the CRM ends the day of its own field. The later
		// of the two dates is taken, so a difference of zones does not look like a
		// hidden activity.
		t.newest = max(t.newest, v.cal.Date(latest), crm.DateOf(latest, time.UTC))
	}
	// The CRM's own field announces something later than all activities that were read.
	if next := claimed(d.Opportunity.NextActivityAt, v.cal); next >= v.today && next > t.newest && t.next == 0 {
		t.next, t.meet = next, next
	}
	return t
}

// when is the time of an activity. For a task without a time it is the due date, else
// the time at which the task was created.
func when(a *crm.Activity, cal *Calendar) time.Time {
	switch {
	case !a.At.IsZero():
		return a.At
	case !a.Due.IsZero():
		return a.Due.In(cal.Location)
	}
	return a.CreatedAt
}

// planned is the date on which an open activity is due, zero when that is before today
// or when a task has no date.
func planned(a *crm.Activity, now time.Time, v *view) crm.Date {
	switch a.Kind {
	case crm.Meeting, crm.Call:
		if a.At.After(now) {
			return v.cal.Date(a.At)
		}
	case crm.Task:
		due := a.Due
		if due.IsZero() && !a.At.IsZero() {
			due = v.cal.Date(a.At)
		}
		if due >= v.today {
			return due
		}
	}
	return 0
}

// cancelled reports whether the activity did not happen and will not.
func cancelled(a *crm.Activity) bool {
	switch strings.ToLower(a.Outcome) {
	case "canceled", "cancelled", "no_show", "no show", "no-show", "rescheduled":
		return true
	}
	return false
}

// claimed is the date of one of the CRM's own activity fields. A CRM that keeps only a
// date gives midnight UTC, and a zone must not shift that date.
func claimed(t time.Time, cal *Calendar) crm.Date {
	if u := t.UTC(); u.Hour() == 0 && u.Minute() == 0 && u.Second() == 0 {
		return crm.DateOf(t, time.UTC)
	}
	return cal.Date(t)
}

// LastTouch returns when a person last had contact with the buyer, in either
// direction: done, not automated, not in the future. ok is false when there is
// no such activity among those that could be read.
func (p *Pass) LastTouch(d *Deal) (at time.Time, ok bool) {
	t := p.of(d).contact(p.Now)
	return t.last, !t.last.IsZero()
}

// Planned returns the date of the next planned activity and its kind: an open task due
// today or later, a meeting or call ahead, or what the CRM's own next-activity field
// announces (kind ""). Automated activities plan nothing.
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
	last := d.Opportunity.LastActivityAt
	if last.IsZero() {
		return 0, false
	}
	on = claimed(last, p.of(d).cal)
	return on, on > p.of(d).contact(p.Now).newest
}
