package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Events are what happened to a deal: for each the day of the digest that saw it first, zero
// for what did not happen. A reader has heard of them once the deal had a number; until then
// they are news, however often the list was full.
type Events struct {
	High   crm.Date `json:"h,omitempty"` // it became high
	Twice  crm.Date `json:"o,omitempty"` // its worst value passed twice its limit
	Commit crm.Date `json:"m,omitempty"` // it was moved into the commit
	Pushed crm.Date `json:"p,omitempty"` // its close date was moved once more, and a decision is asked for
	Grown  crm.Date `json:"a,omitempty"` // its amount grew by a fifth from Was
	Was    float64  `json:"w,omitempty"` // the amount that growth is counted from; 0 is none or unknown
}

// pending are the events of which the reader has not heard. Another edition of today's digest
// says what the first one said.
func (t *ToldDeal) pending(today crm.Date) Events {
	e := t.Events
	heard := func(day crm.Date) bool { return t.Numbered >= day && t.Numbered < today }
	for _, day := range []*crm.Date{&e.High, &e.Twice, &e.Commit, &e.Pushed} {
		if heard(*day) {
			*day = 0
		}
	}
	if e.Grown > 0 && heard(e.Grown) {
		e.Grown, e.Was = 0, t.Amount
	}
	if e.Was == 0 {
		e.Was = t.Amount
	}
	return e
}

// grownBy is how much an amount has to grow to be news.
const grownBy = 1.2

// happened says what happened to the deal that its reader has not heard of.
func (r *ranking) happened(d *deal) Events {
	t := d.told
	switch {
	case t == nil && d.facts.Amount.Known:
		return Events{Was: d.facts.Amount.Value}
	case t == nil:
		return Events{}
	}
	e := t.pending(r.wall.today)
	if d.class != Needs && d.class != Old {
		return e // what cannot be seen or judged today is no other than it was
	}
	// What was told of a deal that could not be seen is older than what settings changed since.
	told := t.Class == Needs || t.Class == Old
	// What other settings make of a finding is nobody's news.
	same := told && !slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return l.Newly || l.Rejudged.After(r.wall.last) })
	since := func(day *crm.Date, is, began bool) {
		switch {
		case !is:
			*day = 0
		case *day == 0 && began:
			*day = r.wall.today
		}
	}
	since(&e.High, d.severity() == hygiene.High, same && t.Severity != 0 && t.Severity < hygiene.High)
	since(&e.Twice, d.over() >= 2, same && t.Over > 0 && t.Over < 2)
	if n, asked, known := d.pushes(); known {
		since(&e.Pushed, asked, same && t.Pushes > 0 && n >= t.Pushes)
	}
	if !d.facts.IsUnclear("forecast_category") {
		since(&e.Commit, d.facts.Commit, told && !t.Commit && (t.Forecast == "" || d.facts.Forecast != t.Forecast) && !r.settings.made(InCommit, d))
	}
	if d.facts.IsUnclear("amount") {
		return e
	}
	amount, currency := d.facts.Amount.Value, r.sources.money.own(d.source, d.facts.Currency)
	switch {
	case !d.facts.Amount.Known:
		e.Grown, e.Was = 0, 0
	case e.Was == 0, amount < e.Was, currency != t.Currency, r.settings.made(Amount, d), !told && e.Grown == 0:
		e.Grown, e.Was = 0, amount
	default:
		since(&e.Grown, amount >= grownBy*e.Was, true)
	}
	return e
}

// pushes is how often the close date was moved as its finding counts it, 0 without one, and
// whether it asks for a decision. It is not known where the finding could not be judged.
func (d *deal) pushes() (n int, asked, known bool) {
	for _, l := range d.unclear {
		if l.Rule == hygiene.CloseDatePushed {
			return 0, false, false
		}
	}
	for _, l := range d.open {
		if l.Rule == hygiene.CloseDatePushed {
			return int(l.Measured), l.Over() > 1, true
		}
	}
	return 0, false, true
}

// event is why the deal competes with what is new, [attention.None] for what is as it was.
func (d *deal) event() attention.Reason {
	if d.class == Old {
		return attention.None
	}
	switch d.came {
	case fresh:
		return attention.New
	case back:
		return attention.Returned
	case arrived:
		return attention.Arrived
	}
	switch e := &d.happened; {
	case e.High > 0:
		return attention.High
	case e.Pushed > 0:
		return attention.Pushed
	case e.Twice > 0:
		return attention.Doubled
	case e.Commit > 0:
		return attention.Moved
	case e.Grown > 0:
		return attention.Grown
	}
	return attention.None
}

// happened says what happened to the deal, and since when, "" for nothing, and where its
// status says what is news about it.
func (x *wording) happened(d *deal) string {
	if d.came == fresh || d.came == back || d.came == arrived {
		return ""
	}
	var said []string
	e := &d.happened
	for _, w := range []struct {
		day  crm.Date
		word string
	}{{e.High, highWord}, {e.Pushed, pushedWord}, {e.Twice, doubledWord}, {e.Commit, movedWord}} {
		if w.word == doubledWord && w.day == e.High {
			continue // the same event
		}
		if w.day > 0 {
			said = append(said, w.word+x.wall.when(w.day))
		}
	}
	if e.Grown > 0 {
		said = append(said, grownWord+x.sources.money.write(e.Was, d.told.Currency))
	}
	return strings.Join(said, ", ")
}
