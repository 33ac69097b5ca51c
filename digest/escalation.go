package digest

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Escalation says which deals go on to somebody above a team's manager: those that the
// manager has had on the list for long.
type Escalation struct {
	When   hygiene.Severity // of the deal's worst finding, at least
	Commit bool             // only deals that count as commit
	After  int              // business days on the manager's list at that severity, 1 at least
	To     string           // who hears of it, by address
	Name   string           // as the CRMs have it, "" is not known
	// StandIn is who hears of them in that place, by name or address, while To is away; "" is
	// nobody.
	StandIn string
	// Next is the next day after today on which who hears of it is sent what goes on; zero is
	// the team's next business day.
	Next crm.Date
}

// going is when a deal goes on, and to whom.
type going struct {
	on crm.Date
	to string // address
}

// fits reports whether the deal is as the escalation asks today.
func (x *Escalation) fits(d *deal) bool {
	return d.class == Needs && d.severity() >= x.When && (!x.Commit || d.facts.Commit)
}

// takes reports whether the escalation is for a deal like this one, and since when the
// manager has had it on the list as such.
func (x *Escalation) takes(d *deal) (since crm.Date, ok bool) {
	if !x.fits(d) || d.told == nil || d.told.Class != Needs {
		return 0, false
	}
	since = d.told.Since
	if x.When >= hygiene.High {
		since = d.told.High
	}
	return since, !since.IsZero()
}

// going says when the deal goes on to somebody above the manager; zero is not now. The
// manager reads of it a business day ahead, and what was said holds for as long as the deal
// stays as it is, whoever reads in the manager's place meanwhile.
func (b *brief) going(d *deal) going {
	for i := range b.in.Escalations {
		x := &b.in.Escalations[i]
		since, ok := x.takes(d)
		switch {
		case x.To == "" || x.To == b.in.Team.Manager:
		case x.fits(d) && b.announced(d, x.To) != nil:
			return going{b.announced(d, x.To).GoesOn, x.To}
		case ok && b.wall.cal.Between(since, b.wall.today) >= x.After-1:
			return going{cmp.Or(x.Next, b.wall.nextBusiness()), x.To}
		}
	}
	return going{}
}

// announced is what was told of the deal, where that says that it goes on to the address. What
// counts is the latest that the manager, or who read instead, was told.
func (b *brief) announced(d *deal, to string) *ToldDeal {
	t := d.told
	if b.in.Manager != nil {
		t = b.managerTold[[2]string{d.source, d.record}]
	}
	if t == nil || t.Class != Needs || t.Goes != to {
		return nil
	}
	return t
}

// mostAhead bounds how far ahead the next business day is looked for: a longer rest is a
// mistake of the calendar.
const mostAhead = 60

// nextBusiness is the next business day after today.
func (w *wall) nextBusiness() crm.Date {
	for d := w.today + 1; d < w.today+mostAhead; d++ {
		if w.cal.Business(d) {
			return d
		}
	}
	return w.today + 1
}

// escalatedLines say which deals go on, and which have gone on, to somebody above the
// manager.
func (b *brief) escalatedLines() []Line {
	var ahead, gone []*deal
	to := map[string]bool{}
	for _, d := range b.book.needs {
		switch g := b.going(d); {
		case g.to == "":
			continue
		case g.on > b.wall.today:
			ahead = append(ahead, d)
			to[g.to] = true
		case b.wall.reminds(g.on):
			gone = append(gone, d)
			to[g.to] = true
		}
	}
	return compact(
		b.escalatedLine(ahead, func(g going) string { return b.hearer(g.to) + " hears " + b.wall.ahead(g.on) + " of " }, "unless it is settled by then", "unless they are settled by then"),
		b.escalatedLine(gone, func(g going) string {
			if g.on == b.wall.today { // with the digest of that reader, which may come after this one
				return b.hearer(g.to) + " hears today of "
			}
			return b.heardBy(g.to) + " of "
		}, "", ""),
	)
}

// reminds reports whether today's digest says again what began on a day: the first digest from
// that day on does, and one each week after it.
func (w *wall) reminds(on crm.Date) bool {
	n := w.cal.Between(on, w.today)
	return n%attention.Weekly == 0 || !w.first() && crm.DateOf(w.last, w.loc) < on
}

// ahead writes a day close ahead: "tomorrow", "on Mon 7 Dec".
func (w *wall) ahead(on crm.Date) string {
	if on == w.today+1 {
		return "tomorrow"
	}
	return "on " + on.Weekday().String()[:3] + " " + on.Short()
}

// escalatedLine names the deals of one line, those of each reader above by themselves.
func (b *brief) escalatedLine(ds []*deal, head func(going) string, one, more string) Line {
	var line Line
	for len(ds) > 0 {
		g := b.going(ds[0])
		var same, rest []*deal
		for _, d := range ds {
			if x := b.going(d); x == g || max(x.on, g.on) < b.wall.today && x.to == g.to {
				same = append(same, d)
			} else {
				rest = append(rest, d)
			}
		}
		ds = rest
		if line != nil {
			line = append(line, Span{Text: " "})
		}
		line = append(line, Span{Text: words.UpperFirst(head(g))})
		for i, d := range same[:min(len(same), maxNamed)] {
			line = append(append(line, Span{Text: sep(i, ", ")}), b.wording.brief(d)...)
		}
		if n := len(same) - maxNamed; n > 0 {
			line = append(line, Span{Text: " and " + words.Number(n) + " more"})
		}
		if w := words.Plural(len(same), one, more); w != "" {
			line = append(line, Span{Text: " " + w})
		}
		line = append(line, Span{Text: "."})
	}
	return line
}

// heardBy says who has heard of a deal that has gone on. While somebody is away, it is that one
// or who stands in.
func (b *brief) heardBy(address string) string {
	for _, x := range b.in.Escalations {
		if x.To == address && x.StandIn != "" {
			return b.escalateTo(address) + ", or who stands in, has heard"
		}
	}
	return b.escalateTo(address) + " has heard"
}

// hearer names who is told next of deals that go on: who is above, or who stands in.
func (b *brief) hearer(address string) string {
	for _, x := range b.in.Escalations {
		if x.To == address && x.StandIn != "" {
			return plain.Clip(x.StandIn, 60) + " (for " + b.escalateTo(address) + ")"
		}
	}
	return b.escalateTo(address)
}

// escalateTo names who is above the manager.
func (b *brief) escalateTo(address string) string {
	for _, x := range b.in.Escalations {
		if x.To == address {
			return cmp.Or(plain.Clip(x.Name, 60), plain.Clip(address, 100))
		}
	}
	return plain.Clip(address, 100)
}

// escalated are the deals that have gone on to the reader, by rank: those that the manager
// was told of ahead, and that are still as the escalation asks.
func (b *brief) escalated() []*deal {
	return slices.DeleteFunc(slices.Clone(b.book.needs), func(d *deal) bool {
		t := b.managerTold[[2]string{d.source, d.record}]
		if t == nil || t.Goes != b.in.reads() || t.GoesOn > b.wall.today {
			return true
		}
		return !slices.ContainsFunc(b.in.Escalations, func(x Escalation) bool {
			return x.To == b.in.reads() && x.fits(d)
		})
	})
}
