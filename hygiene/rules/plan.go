package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// planned is the next thing that is planned for a deal, as rules about silence weigh it.
type planned struct {
	on          crm.Date     // zero is nothing
	words, done hygiene.Said // "meeting booked for 27 Nov", and that the deal has it: "has its meeting on 27 Nov"
	fix         hygiene.Said // what to do where it is late
	late        bool         // it lies after the close date, so the deal is not what the date says
	unclear     hygiene.Said // why nobody can tell whether it is late; "" is that it can be told
}

// parkTaskDoc documents which task is no work on the deal.
const parkTaskDoc = "A task that parks its deal (`park.task_subject`) is neither contact nor planned work, whether it is open or done."

// afterCloseDoc documents [planned] for the rules that ask for it.
const afterCloseDoc = "What lies after the close date, in the owner's calendar, does not count: it is a next step, but either it or the close date is wrong, and the finding says so. Once close-date-past tells the date, it counts again."

// plan looks for what is planned. What settles a doubt about a deal lies on or before its
// close date. Once the finding that the date has passed is told, that is the doubt.
func plan(p *hygiene.Pass, d *hygiene.Deal) planned {
	on, kind, ok := p.Planned(d)
	if !ok {
		return planned{}
	}
	x := planned{on: on}
	x.words, x.done = booked(on, kind)
	x.against(p, d, thing(kind))
	return x
}

// against compares what is planned with the close date. what is its name in advice.
func (x *planned) against(p *hygiene.Pass, d *hygiene.Deal, what string) {
	closes := p.CloseDate(d)
	switch {
	case d.Unclear("close_date") != "":
		x.unclear = hygiene.Say("unclear-close", hygiene.Part(x.words), hygiene.Part(hygiene.SayGarbled("close_date")))
	case closes.IsZero(), x.on <= closes, passed(p, d):
	default:
		x.late = true
		x.words = hygiene.Say("after-close", hygiene.Part(x.words), hygiene.On(closes))
		x.fix = hygiene.Say("fix-after-close", hygiene.Text(what))
	}
}

// counts reports whether something is planned that settles the doubt.
func (x *planned) counts() bool { return x.on != 0 && !x.late && x.unclear == "" }

// or says what is planned, and nothing where that is nothing.
func (x *planned) or(nothing string) hygiene.Said {
	if x.on == 0 {
		return hygiene.Say(nothing)
	}
	return x.words
}

// passed reports whether close-date-past is told of the deal.
func passed(p *hygiene.Pass, d *hygiene.Deal) bool {
	return p.Runs(hygiene.CloseDatePast) && checkCloseDatePast(p, d).Outcome == hygiene.Fail
}

// thing is what people call what is planned.
func thing(kind crm.ActivityKind) string {
	if kind == "" {
		return "activity"
	}
	return string(kind)
}

// booked says what is planned: "meeting booked for 27 Nov", and that the deal has it:
// "has its meeting on 27 Nov".
func booked(on crm.Date, kind crm.ActivityKind) (what, done hygiene.Said) {
	word, date := hygiene.Text(string(kind)), hygiene.On(on)
	switch kind {
	case crm.Task, crm.Email:
		return hygiene.Say("due", word, date), hygiene.Say("has-due", word, date)
	case "":
		return hygiene.Say("announced", date), hygiene.Say("has-announced", date)
	}
	return hygiene.Say("booked", word, date), hygiene.Say("has-booked", word, date)
}
