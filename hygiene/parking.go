package hygiene

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// ask is what the CRM says about parking a deal.
type ask struct {
	how Way // "" where its owner cannot ask
	// known is false where the field or the task could not be read: then nobody knows
	// whether the park that holds was taken back.
	known  bool
	until  crm.Date // zero is that nobody asks
	reason string
	said   bool // the reason was read; it may be empty
	// endless says that an open task asks and has no date, and no other task asks.
	endless bool
}

// Parks returns the parks of the deal as they are today, in the order of the store: those
// stored before, ended where they hold no longer, and the one that its owner asks for in the
// CRM. refused says why what the CRM asks for parks nothing, "" where it asks for nothing or
// is parked. The parks keep nothing of d.
func (p *Pass) Parks(d *Deal) (parks []Park, refused string) {
	o := &d.Opportunity
	stored := p.Parked[o.ID]
	asked := p.asks(d)
	if len(stored) == 0 && asked.until.IsZero() {
		return nil, p.endless(d, nil, &asked)
	}
	parks = slices.Clone(stored)
	for i := range parks {
		k := &parks[i]
		if !k.Holds() {
			continue
		}
		if k.End = p.ending(d, k, &asked); k.End != "" {
			k.Ended = p.stamp()
			continue
		}
		if k.How == asked.how && asked.known && asked.said {
			k.Reason = asked.reason
		}
	}
	if o.Closed || asked.until.IsZero() || p.of(d).skipped != "" || p.of(d).twin.ID != "" {
		return p.told(d, parks), p.endless(d, parks, &asked)
	}
	k, refused := p.begun(d, parks, &asked)
	if k != nil {
		for i := range parks {
			if parks[i].Same(k) { // two evaluations at the same data: the park was made by the first
				return p.told(d, parks), refused
			}
		}
		parks = append(parks, *k)
	}
	return p.told(d, parks), refused
}

// told gives the parks that hold, and those that ended just now, the facts of the deal.
func (p *Pass) told(d *Deal, parks []Park) []Park {
	var facts *Facts
	for i := range parks {
		if k := &parks[i]; k.Holds() || k.Ended.Equal(p.Now) {
			if facts == nil {
				f := p.Facts(d)
				facts = &f
			}
			k.Deal, k.Away = *facts, false
		}
	}
	return parks
}

// ending says why a park holds no longer, "" is that it does. Where the CRM cannot be read,
// a park holds until its last day: silence that was asked for is not taken away because an
// answer lacks a field, and not prolonged either.
func (p *Pass) ending(d *Deal, k *Park, asked *ask) Ending {
	switch o := &d.Opportunity; {
	case o.Closed:
		return EndClosed
	case p.of(d).skipped != "", p.of(d).twin.ID != "":
		return EndOff
	case p.Today(d) >= k.Until:
		return EndOver
	case !o.IsUnclear("owner") && o.OwnerID != k.Owner:
		return EndOwner
	case k.How == ByCommand || k.How != asked.how || !asked.known || asked.until == k.Asked:
		return ""
	case asked.until.IsZero():
		return EndTakenBack
	}
	return EndReplaced
}

// begun is the park that the CRM asks for, nil where it parks nothing.
func (p *Pass) begun(d *Deal, parks []Park, asked *ask) (k *Park, refused string) {
	today, cal := p.Today(d), p.Calendar(d)
	if asked.until <= today {
		return nil, ""
	}
	used := 0
	var last *Park
	for i := range parks {
		k := &parks[i]
		if k.Holds() && k.Whole() {
			return nil, ""
		}
		if k.How != ByCommand {
			used += k.Days(cal)
			last = k // parks are in the order of time
		}
	}
	// A park that ended is not begun anew by what is still written in the CRM. Whoever took
	// a park back, or asked for another day, may change their mind.
	if last != nil && last.Asked == asked.until && last.End != EndTakenBack && last.End != EndReplaced {
		return nil, ""
	}
	left := p.Parking.Most - used
	if left <= 0 {
		return nil, fmt.Sprintf("the %d days for which reps may park a deal are used up; the manager decides (pipetidy park)", p.Parking.Most)
	}
	until, cut := asked.until, Limit("")
	if most := today + crm.Date(p.Parking.Once); until > most {
		until, cut = most, CutOnce
	}
	if most := today + crm.Date(left); until > most {
		until, cut = most, CutMost
	}
	by := "its owner"
	if u := p.Owner(d); u != nil && u.Name != "" {
		by = strings.Clone(u.Name)
	}
	return &Park{
		Source: p.Source.own(d.Source), Record: strings.Clone(d.Opportunity.ID), At: p.stamp(), From: today, Until: until, Asked: asked.until, Cut: cut,
		Reason: asked.reason, By: by, How: asked.how, Owner: strings.Clone(d.Opportunity.OwnerID),
	}, ""
}

// endless says of a task without a date that it parks nothing: whoever wrote it takes the deal
// for parked. "" is that there is none, or that the deal is parked all the same.
func (p *Pass) endless(d *Deal, parks []Park, asked *ask) string {
	v := p.of(d)
	if !asked.endless || !asked.until.IsZero() || d.Opportunity.Closed || v.skipped != "" || v.twin.ID != "" ||
		slices.ContainsFunc(parks, func(k Park) bool { return k.Holds() && k.Whole() }) {
		return ""
	}
	return fmt.Sprintf("the task “%s” has no due date, so it parks nothing; give it the day on which the deal wakes up", p.Parking.Subject)
}

// OwnersWay is how the owners of a source's deals park them in the CRM.
type OwnersWay struct {
	How Way // ByField or ByTask; "" is that they cannot
	// Name is the field of the CRM, or how the subject of the task begins.
	Name   string
	Reason string // the field of the CRM for the reason, "" is none
	Once   int    // days of one park, at most
}

// Way says how the owners of the deals of an account park them. They cannot where the field
// or the activities cannot be read, or no task is to park a deal. A mapped field excludes
// tasks: of two ways nobody would know which one counts.
func (k *Parking) Way(info *crm.Info) OwnersWay {
	w, readable := OwnersWay{Once: k.Once}, func(field string) bool { return info.Fields.Access(field) == crm.Readable }
	switch {
	case readable(HoldUntil):
		w.How, w.Name = ByField, info.Mapped[HoldUntil]
		if readable(HoldReason) {
			w.Reason = info.Mapped[HoldReason]
		}
	case info.Fields.Access(HoldUntil) == crm.Unmapped && k.Subject != "" && readable("activities"):
		w.How, w.Name = ByTask, k.Subject
	}
	return w
}

// OwnersWay says how the owners of the source's deals park them.
func (p *Pass) OwnersWay() OwnersWay { return p.Parking.Way(&p.Source.Info) }

// asks reads what the CRM says about parking the deal.
func (p *Pass) asks(d *Deal) ask {
	switch p.OwnersWay().How {
	case ByField:
		return p.fieldAsks(d)
	case ByTask:
		return p.taskAsks(d)
	}
	return ask{}
}

func (p *Pass) fieldAsks(d *Deal) ask {
	a := ask{how: ByField}
	o := &d.Opportunity
	v, ok := o.Get(HoldUntil)
	if o.IsUnclear(HoldUntil) || !ok {
		return a
	}
	switch v.Type {
	case crm.Empty:
	case crm.Timed:
		at, err := time.Parse(time.RFC3339, v.Value)
		if err != nil {
			return a
		}
		a.until = p.Calendar(d).Date(at)
	default:
		day, err := crm.ParseDate(strings.TrimSpace(v.Value))
		if err != nil {
			return a // words are no day
		}
		a.until = day
	}
	a.known = true
	if v, ok := o.Get(HoldReason); ok && p.Readable(HoldReason) && !o.IsUnclear(HoldReason) {
		a.reason, a.said = ParkReason(v.Value), true
	}
	return a
}

// taskAsks reads the open tasks of the deal whose subject begins with that of the
// configuration, and those of its twin, which is the same deal. Of several the latest one
// counts; one without a due date has no end, so it parks nothing.
func (p *Pass) taskAsks(d *Deal) ask {
	a := ask{how: ByTask, known: true}
	p.readTasks(d, &a, d.Activities)
	if t := d.Twin; t != nil && t.Info.Fields.Access(HoldUntil) == crm.Unmapped { // else its field is the way there
		a.known = a.known && t.Unread == "" && t.Info.Fields.Access("activities") == crm.Readable
		p.readTasks(d, &a, t.Activities)
	}
	return a
}

func (p *Pass) readTasks(d *Deal, a *ask, activities []crm.Activity) {
	for i := range activities {
		t := &activities[i]
		if t.Kind != crm.Task {
			continue
		}
		if t.Unclear {
			a.known = false
		}
		said, ok := after(t.Subject, p.Parking.Subject)
		if !ok || t.Done {
			continue
		}
		due := t.Due
		if due.IsZero() && !t.At.IsZero() {
			due = p.Calendar(d).Date(t.At)
		}
		if due.IsZero() && !t.Unclear {
			a.endless = true
		}
		if due > a.until {
			a.until, a.reason, a.said = due, ParkReason(said), true
		}
	}
}

// holds reports whether the activity is a task that parks its deal, or did while it was open:
// words about the deal, and no work on it.
func (k *Parking) holds(a *crm.Activity, info *crm.Info) bool {
	if a.Kind != crm.Task || k.Subject == "" {
		return false
	}
	_, ok := after(a.Subject, k.Subject)
	return ok && k.Way(info).How == ByTask
}

// after is what of a subject follows its beginning, compared without case, as whole words.
func after(subject, begins string) (rest string, ok bool) {
	subject = strings.TrimSpace(subject)
	if len(subject) < len(begins) || !strings.EqualFold(subject[:len(begins)], begins) {
		return "", false
	}
	rest = subject[len(begins):]
	trimmed := strings.TrimLeft(rest, " \t:;,.–—-")
	if rest != "" && trimmed == rest {
		return "", false // "On holdings"
	}
	return trimmed, true
}
