package digest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// wording writes a deal as a line: the name, which links into the CRM, the few facts
// that say how much the deal matters, and what is wrong with the deal.
type wording struct {
	wall    *wall
	sources *sources
	people  *people
	mine    bool                      // the reader's own deals, whose days nobody counts
	team    string                    // key of the reader's team
	teams   map[string]string         // names by key
	told    *Told                     // of the last digest, nil where nobody noted it
	only    map[hygiene.Key]time.Time // findings that are the reader's alone, see Input
	both    map[hygiene.Key]bool
}

// full is one deal with all its reasons, its owner and what to do.
func (x *wording) full(d *deal) Line {
	line := x.deal(d, true)
	if s := d.status(x); s != "" {
		line = append(line, Span{Text: " " + s, Role: Status})
	}
	if fix := x.advice(d); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// short is a deal in the overflow, without the owner, whom the title names, and
// without the advice, which is for the rep.
func (x *wording) short(d *deal) Line { return x.bullet(d, false) }

// bullet is a deal in the overflow, with or without the owner.
func (x *wording) bullet(d *deal, owner bool) Line {
	said := x.deal(d, owner)
	if l := d.inactive(); l != nil && !owner && !x.mine && len(d.open) > 1 {
		said[len(said)-1].Text = words.Sentence(reasons(slices.DeleteFunc(slices.Clone(d.open), func(o *hygiene.Life) bool { return o == l })))
	} else if l != nil && !owner && !x.mine { // the title says it
		said = append(said[:len(said)-2], Span{Text: "."})
	}
	said[0].Bold = false
	line := slices.Concat(Line{{Text: "• ", Role: Index}}, x.mark(d), said)
	if s := d.status(x); s != "" {
		line = append(line, Span{Text: " " + s, Role: Status})
	}
	return line
}

// own is one deal as its owner reads it: without the owner's name, and without its day.
func (x *wording) own(d *deal) Line {
	line := x.deal(d, false)
	s := d.status(x)
	if x.also(d) {
		s = strings.TrimSpace(s + " " + alsoWord)
	}
	if s != "" {
		line = append(line, Span{Text: " " + s, Role: Status})
	}
	if w := plain.Clip(d.facts.Unparked, 200); w != "" {
		line = append(line, Span{Text: " Not paused: " + w + ".", Role: Reason})
	}
	if fix := x.advice(d); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// deal is a deal's name and facts, with or without the owner, and what is wrong.
func (x *wording) deal(d *deal, owner bool) Line {
	line := append(nameOf(d), x.factSpans(d, x.facts(d, owner))...)
	return append(line, Span{Text: ": "}, Span{Text: words.Sentence(reasons(d.open)), Role: Reason})
}

// nameOf links the deal's name to the CRM.
func nameOf(d *deal) Line {
	name := plain.Clip(d.facts.Name, 80)
	if name == "" {
		name = "Deal without a name"
	}
	return Line{{Text: name, URL: d.facts.URL, Bold: true}}
}

// amount writes the deal's amount in its own currency, "" for a deal without one.
func (x *wording) amount(d *deal) string {
	if !d.facts.Amount.Known {
		return ""
	}
	return x.sources.money.write(d.facts.Amount.Value, x.sources.money.code(d.source, d.facts.Currency))
}

// facts are the few facts that say how much the deal matters.
func (x *wording) facts(d *deal, owner bool) []string {
	f := &d.facts
	var out []string
	switch m := x.amount(d); {
	case m != "":
		out = append(out, m)
	case f.IsUnclear("amount"):
		out = append(out, amountUnread)
	}
	switch {
	case f.IsUnclear("forecast_category"):
		out = append(out, forecastUnread)
	case f.Commit || strings.Contains(strings.ToLower(f.Forecast), "best"):
		out = append(out, plain.Clip(f.Forecast, 30))
	}
	if f.IsUnclear("close_date") {
		out = append(out, closeUnread)
	} else {
		out = append(out, x.closing(d))
	}
	switch who := personOf(d); {
	case !owner || who == nobody:
	case who == somebody:
		out = append(out, ownerUnread)
	case d.inactive() != nil: // the reason names the owner
	default:
		name := x.people.short(who)
		if s := x.people.absent(who); s != "" {
			name += " (" + s + ")"
		}
		out = append(out, name)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	if o := x.sources.origin(d.source); o != "" && len(out) > 0 {
		out[len(out)-1] += o
	}
	return out
}

// unreadAmounts counts, after a comma, the deals whose amount a sum lacks because it could
// not be read; "" for none.
func unreadAmounts(ds []*deal) string {
	n := 0
	for _, d := range ds {
		if d.facts.IsUnclear("amount") {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return ", " + words.Count(n, "amount", "amounts") + " not readable"
}

// factSpans writes facts after the deal's name.
func (x *wording) factSpans(d *deal, facts []string) Line {
	if len(facts) == 0 {
		if o := x.sources.origin(d.source); o != "" {
			return text(o)
		}
		return nil
	}
	sep := ", "
	if m := x.amount(d); m != "" && strings.HasPrefix(facts[0], m) {
		sep = " "
	}
	return text(sep + strings.Join(facts, ", "))
}

// owner is one line for all deals of an owner who has left.
func (x *wording) owner(ds []*deal) Line {
	worth := words.Purse{}
	fresh, others := 0, 0
	for _, d := range ds {
		if d.facts.Summed() {
			x.sources.money.add(worth, d.source, d.facts.Currency, words.Printed(d.facts.Amount.Value))
		}
		if d.fresh() {
			fresh++
		}
		if len(d.open) > 1 {
			others++
		}
	}
	head := words.Count(len(ds), "deal", "deals")
	if len(worth) > 0 {
		head += ", " + x.sources.money.list(worth)
	}
	head += unreadAmounts(ds)
	what := ", owner " + x.people.full(personOf(ds[0])) + " deactivated"
	if !slices.ContainsFunc(ds, func(d *deal) bool { return d.source != ds[0].source }) {
		what += x.sources.origin(ds[0].source)
	}
	if others > 0 {
		what += "; " + words.Number(others) + " of them " + words.Plural(others, "needs", "need") + " more"
	}
	line := Line{{Text: head, Bold: true}, {Text: what + x.dueOf(ds) + ".", Role: Reason}}
	state := ds[0].status(x)
	switch {
	case x.wall.first():
	case fresh == len(ds):
		state = newWord
	case fresh > 0:
		state = words.Number(fresh) + " new."
	}
	if state != "" {
		line = append(line, Span{Text: " " + state, Role: Status})
	}
	if fix := advice([]*hygiene.Life{ds[0].inactive()}); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// dueOf names those of the deals of a leaver that are due in the commit: their line would
// hide them.
func (x *wording) dueOf(ds []*deal) string {
	var said []string
	more := 0
	for _, d := range ds {
		switch {
		case !d.soon:
		case len(said) == 3:
			more++
		default:
			w := nameOf(d)[0].Text
			if f := x.facts(d, false); len(f) > 0 {
				w += " " + strings.Join(f, ", ")
			}
			said = append(said, w)
		}
	}
	if len(said) == 0 {
		return ""
	}
	if more > 0 {
		said = append(said, words.Number(more)+" more")
	}
	return "; due in the commit: " + strings.Join(said, "; ")
}

// giver says whose the deal was before it was given to the reader.
func (x *wording) giver(d *deal) string {
	for _, l := range d.open {
		switch {
		case l.Moved.IsZero():
		case l.From.Team == x.team && l.From.Owner != "":
			return x.people.short(personBy(l.From.Owner, "", "")) + ifLeft(l, ", who left")
		case x.teams[l.From.Team] != "":
			return plain.Clip(x.teams[l.From.Team], 60) + cmp.Or(ifLeft(l, ", of "+plain.Clip(l.Leaver, 60)+" who left"), x.formerly(l))
		}
	}
	return "elsewhere"
}

// formerly says whose the deal was in the other team, "" where that is not known.
func (x *wording) formerly(l *hygiene.Life) string {
	if l.From.Owner == "" {
		return ""
	}
	return ", was " + words.UpperFirst(x.people.short(personBy(l.From.Owner, "", ""))) + "'s"
}

// colleague says which member of the team had the deal when the last digest was sent, ""
// where its owner has it still, or another team had it.
func (x *wording) colleague(d *deal) string {
	for _, l := range d.open {
		if l.Moved.After(x.wall.last) && l.From.Team == x.team && l.From.Owner != "" && !strings.EqualFold(l.From.Owner, d.facts.OwnerEmail) {
			return x.people.short(personBy(l.From.Owner, "", "")) + ifLeft(l, ", who left")
		}
	}
	return ""
}

// ifLeft is what is said where the deal's owner until then had left.
func ifLeft(l *hygiene.Life, said string) string {
	if l.Leaver == "" {
		return ""
	}
	return said
}

// once says what several findings say only where it is said first: that nothing is booked,
// which is more than that no meeting is.
func once(said []string) []string {
	const nothing, meeting = "nothing booked", ", no meeting booked"
	first := slices.IndexFunc(said, func(w string) bool { return strings.Contains(w, nothing) })
	seen := false
	for i, w := range said {
		if seen || first >= 0 {
			w = strings.TrimSuffix(w, meeting)
		}
		if first >= 0 && i > first {
			w = strings.TrimSuffix(w, ", "+nothing)
		}
		seen = seen || strings.HasSuffix(w, meeting)
		said[i] = w
	}
	return said
}

// reasons joins the messages of the findings, the worst first.
func reasons(open []*hygiene.Life) string {
	var said []string
	for i, l := range open {
		if i == maxReasons {
			said = append(said, words.Number(len(open)-i)+" more")
			break
		}
		if w := strings.TrimRight(plain.Clip(l.Message, 240), "."); w != "" && !slices.Contains(said, w) {
			said = append(said, w)
		}
	}
	if len(said) == 0 {
		return "needs an update"
	}
	return strings.Join(once(said), "; ")
}
