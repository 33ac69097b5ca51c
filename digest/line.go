package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// dealLine is one deal with all its reasons.
func (c *composer) dealLine(d *deal) Line {
	line := c.nameOf(d)
	facts := c.factsOf(d, true)
	line = append(line, c.factSpans(d, facts)...)
	line = append(line, Span{Text: ": "}, Span{Text: sentence(reasons(d.open)), Role: Reason})
	if s := c.state(d); s != "" {
		line = append(line, Span{Text: " " + s, Role: Status})
	}
	if fix := advice(d.open); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// nameOf links the deal's name to the CRM.
func (c *composer) nameOf(d *deal) Line {
	name := Clip(d.facts.Name, 80)
	if name == "" {
		name = "Deal without a name"
	}
	return Line{{Text: name, URL: d.facts.URL, Bold: true}}
}

// factsOf are the few facts that say how much the deal matters.
func (c *composer) factsOf(d *deal, owner bool) []string {
	f := &d.facts
	var out []string
	if f.Amount.Known {
		if m := money(f.Amount.Value, c.code(d.source, f.Currency)); m != "" {
			out = append(out, m)
		}
	}
	if f.Commit || strings.Contains(strings.ToLower(f.Forecast), "best") {
		out = append(out, Clip(f.Forecast, 30))
	}
	if f.CloseDate >= c.today {
		out = append(out, "closes "+day(f.CloseDate, c.today))
	}
	if who := personOf(d); owner && who != nobody {
		name := c.people.short(who)
		if d.inactive() != nil {
			name += " (deactivated)"
		}
		out = append(out, name)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	if o := c.origin(d.source); o != "" && len(out) > 0 {
		out[len(out)-1] += o
	}
	return out
}

// factSpans writes facts after the deal's name.
func (c *composer) factSpans(d *deal, facts []string) Line {
	if len(facts) == 0 {
		if o := c.origin(d.source); o != "" {
			return text(o)
		}
		return nil
	}
	sep := ", "
	if m := money(d.facts.Amount.Value, c.code(d.source, d.facts.Currency)); d.facts.Amount.Known && m != "" && strings.HasPrefix(facts[0], m) {
		sep = " "
	}
	return text(sep + strings.Join(facts, ", "))
}

// ownerLine is what an owner who has left still holds.
func (c *composer) ownerLine(ds []*deal) Line {
	worth := purse{}
	fresh, others := 0, 0
	for _, d := range ds {
		if d.facts.Amount.Known {
			worth[c.code(d.source, d.facts.Currency)] += d.facts.Amount.Value
		}
		if d.fresh() && !d.backlog() {
			fresh++
		}
		if len(d.open) > 1 {
			others++
		}
	}
	head := count(len(ds), "deal", "deals")
	if len(worth) > 0 {
		head += ", " + worth.String()
	}
	what := ", owner " + c.people.full(personOf(ds[0])) + " deactivated"
	if !slices.ContainsFunc(ds, func(d *deal) bool { return d.source != ds[0].source }) {
		what += c.origin(ds[0].source)
	}
	if others > 0 {
		what += "; " + number(others) + " of them " + plural(others, "needs", "need") + " more"
	}
	line := Line{{Text: head, Bold: true}, {Text: what + ".", Role: Reason}}
	state := c.state(ds[0])
	switch {
	case c.first:
	case fresh == len(ds):
		state = "New."
	case fresh > 0:
		state = number(fresh) + " new."
	}
	if state != "" {
		line = append(line, Span{Text: " " + state, Role: Status})
	}
	if fix := advice([]*hygiene.Life{ds[0].inactive()}); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// reasons joins what is wrong, the worst first.
func reasons(open []*hygiene.Life) string {
	var words []string
	for i, l := range open {
		if i == maxReasons {
			words = append(words, number(len(open)-i)+" more")
			break
		}
		if w := strings.TrimRight(Clip(l.Message, 240), "."); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "needs an update"
	}
	return strings.Join(words, "; ")
}

// advice is the fix of the worst finding that has one.
func advice(open []*hygiene.Life) string {
	for _, l := range open {
		if fix := Clip(l.Fix, 240); fix != "" {
			return sentence(fix)
		}
	}
	return ""
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
