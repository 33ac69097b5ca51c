package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// fixedLine thanks by name, and names the commit deals that lost their doubt.
func (c *composer) fixedLine() Line {
	if c.tally.fixed == 0 {
		return nil
	}
	rows := slices.DeleteFunc(c.rows(), func(r row) bool { return r.done == 0 })
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.done, a.done) })
	const most = 12
	var words []string
	for i, r := range rows {
		if i == most {
			n := 0
			for _, r := range rows[i:] {
				n += r.done
			}
			words = append(words, "others "+number(n))
			break
		}
		words = append(words, c.people.short(r.who)+" "+number(r.done))
	}
	line := Line{{Text: "FIXED " + number(c.tally.fixed) + ":", Bold: true}, {Text: " " + strings.Join(words, ", ") + "."}}
	cleared := c.cleared()
	const named = 3
	for _, d := range cleared[:min(len(cleared), named)] {
		line = append(line, Span{Text: " "}, Span{Text: Clip(d.facts.Name, 80), URL: d.facts.URL})
		line = append(line, c.factSpans(d, c.factsOf(d, false))...)
		line = append(line, Span{Text: ": no doubt left."})
	}
	if n := len(cleared) - named; n > 0 {
		line = append(line, Span{Text: " No doubt left on " + count(n, "more commit deal", "more commit deals") + "."})
	}
	return line
}

// cleared are the commit deals whose last doubt was fixed, the largest first.
func (c *composer) cleared() []*deal {
	var out []*deal
	for _, d := range c.deals {
		doubt := func(l *hygiene.Life) bool { return l.Severity == hygiene.High }
		if d.fate() == fixed && d.facts.Commit && d.facts.Name != "" && slices.ContainsFunc(d.ended, doubt) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *deal) int {
		return cmp.Or(cmp.Compare(b.facts.Amount.Value, a.facts.Amount.Value), cmp.Compare(a.record, b.record))
	})
	return out
}

// closedLine names the deals that were won or lost while they needed an update.
func (c *composer) closedLine() Line {
	var closed []*deal
	for _, d := range c.deals {
		if f := d.fate(); f == won || f == lost {
			closed = append(closed, d)
		}
	}
	if len(closed) == 0 {
		return nil
	}
	slices.SortStableFunc(closed, func(a, b *deal) int {
		return cmp.Or(cmp.Compare(b.facts.Amount.Value, a.facts.Amount.Value), cmp.Compare(a.record, b.record))
	})
	const named = 5
	line := Line{{Text: "CLOSED " + number(len(closed)) + ":", Bold: true}}
	sep := " "
	for _, d := range closed[:min(len(closed), named)] {
		line = append(line, Span{Text: sep}, Span{Text: c.nameOf(d)[0].Text, URL: d.facts.URL})
		word := " won"
		if d.fate() == lost {
			word = " lost"
		}
		if m := money(d.facts.Amount.Value, c.code(d.source, d.facts.Currency)); d.facts.Amount.Known && m != "" {
			word = " " + m + word
		}
		if n := c.listDays(d); n > 10 {
			word += " after " + number(n) + " business days on this list"
		}
		line = append(line, Span{Text: word})
		sep = "; "
	}
	if n := len(closed) - named; n > 0 {
		line = append(line, Span{Text: "; " + number(n) + " more"})
	}
	return append(line, Span{Text: "."})
}

// listDays is how long an ended deal had needed an update.
func (c *composer) listDays(d *deal) int {
	n := 0
	for _, l := range d.ended {
		n = max(n, c.cal.Days(l.Opened, l.Ended))
	}
	return n
}
