package digest

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// counsel is advice that goes before that of the worst finding, whichever finding that is:
// what it asks for settles more.
type counsel struct {
	when, doc string // as docs/digests.md prints them
	say       func(*wording, *deal) string
}

// counsels are in the order in which they are tried. What none of them speaks of has the
// advice of its worst finding.
var counsels = []counsel{
	{"its owner has left, or it has none", "Nobody can do anything else for the deal before.", adviceOf(hygiene.OwnerInactive, hygiene.OwnerMissing)},
	{"the close date has passed", "The outcome, or another date.", adviceOf(hygiene.CloseDatePast)},
	{"it closes by the next business day, or should have closed, and a finding of medium or above is open", "The outcome, or another date: there is no time left for what the findings ask for.", (*wording).lastDay},
	{"the close date was moved more often than the limit of close-date-pushed", "A decision: another check-in does not make the next date better.", func(_ *wording, d *deal) string {
		for _, l := range d.open {
			if l.Rule == hygiene.CloseDatePushed && l.Over() > 1 {
				return plain.Clip(l.Fix, 240)
			}
		}
		return ""
	}},
}

// adviceOf is the advice of a finding of one of the rules.
func adviceOf(rules ...string) func(*wording, *deal) string {
	return func(_ *wording, d *deal) string {
		for _, l := range d.open {
			if slices.Contains(rules, l.Rule) {
				return plain.Clip(l.Fix, 240)
			}
		}
		return ""
	}
}

// lastDay asks for the outcome of a deal that closes before its reader hears of it again, or
// should have closed.
func (x *wording) lastDay(d *deal) string {
	closes, today := d.facts.CloseDate, x.wall.today
	if d.severity() < hygiene.Medium || closes.IsZero() || d.facts.IsUnclear("close_date") || closes > x.wall.soonest() {
		return ""
	}
	by := ""
	switch {
	case closes == today:
		by = " today"
	case closes == today+1:
		by = " tomorrow"
	case closes > today:
		by = " by " + words.Day(closes, today)
	}
	if _, asked, _ := d.pushes(); asked {
		return "Won" + by + ", lost, nurture, or a new date with evidence."
	}
	return "Won" + by + ", lost, or a new date with the buyer's reason."
}

// soonest is the next business day, when the reader hears of the deal again.
func (w *wall) soonest() crm.Date {
	const most = 14 // a longer holiday is no reason to speak of the outcome so early
	d := w.today + 1
	for d < w.today+most && !w.cal.Business(d) {
		d++
	}
	return d
}

// advice is what settles most of all that is wrong with the deal.
func (x *wording) advice(d *deal) string {
	for _, c := range counsels {
		if said := c.say(x, d); said != "" {
			return x.people.through(d, words.Sentence(said))
		}
	}
	return x.people.through(d, advice(d.open))
}

// through names whom to ask, where the deal's owner is away and a colleague of the reader's
// covers. Who covers has the advice without that, and so has the owner, as whom the list of who
// covers is composed.
func (p *people) through(d *deal, said string) string {
	a := p.away[personOf(d)]
	if said == "" || a == nil || slices.Contains([]string{"", p.reader}, a.Cover) || a.Person == p.reader || d.inactive() != nil {
		return said
	}
	return "Ask " + called(a.CoverName, a.Cover) + ": " + words.LowerFirst(said)
}

// advice is the fix of the worst finding that has one.
func advice(open []*hygiene.Life) string {
	for _, l := range open {
		if fix := plain.Clip(l.Fix, 240); fix != "" {
			return words.Sentence(fix)
		}
	}
	return ""
}

// closing says when the deal closes, "" where it has no date, and where a reason says that
// the date has passed.
func (x *wording) closing(d *deal) string {
	on, today := d.facts.CloseDate, x.wall.today
	switch {
	case on.IsZero():
		return ""
	case on == today:
		return "closes today"
	case on == today+1:
		return "closes tomorrow"
	case on > today:
		return "closes " + words.Day(on, today)
	}
	for _, l := range d.open {
		if l.Rule == hygiene.CloseDatePast {
			return ""
		}
	}
	day := words.Day(on, today)
	if on > today-7 {
		day = on.Weekday().String()[:3] + " " + on.Short()
	}
	return "should have closed " + day
}
