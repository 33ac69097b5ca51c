package digest

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// slip is a deal of the commit that closes later than the last digest said.
type slip struct {
	told *ToldCommitment
	now  *hygiene.Commitment
}

// slipped are these deals, whether or not they are on a list. Those on the line of new dates
// already are left out.
func (b *brief) slipped() []slip {
	if b.own || b.wall.first() || b.in.Told == nil || b.in.Told.Commit == nil {
		return nil
	}
	named := map[[2]string]bool{}
	for _, d := range b.book.left(redated) {
		named[[2]string{d.source, d.record}] = true
	}
	var out []slip
	for i := range b.in.Told.Commit.Deals {
		t := &b.in.Told.Commit.Deals[i]
		c := b.portfolio.commitment(t.Source, t.Record)
		switch {
		case c == nil || named[[2]string{t.Source, t.Record}] || c.Team != b.portfolio.team:
		case t.Closes.IsZero() || c.CloseDate <= t.Closes:
		case c.Left.IsZero() || c.How == hygiene.ExitLater:
			out = append(out, slip{t, c})
		}
	}
	slices.SortStableFunc(out, func(x, y slip) int { return cmp.Compare(y.told.Value, x.told.Value) })
	return out
}

// slippedLine names them, nil for none.
func (b *brief) slippedLine() Line {
	slips := b.slipped()
	if len(slips) == 0 {
		return nil
	}
	head := "LATER DATE IN THE COMMIT "
	if slices.ContainsFunc(b.book.left(redated), func(d *deal) bool { return d.told != nil && d.told.Commit }) {
		head = "ALSO LATER IN THE COMMIT " // beside those on the line of new dates
	}
	line := Line{{Text: head + words.Number(len(slips)) + ":", Bold: true}}
	for i, s := range slips[:min(len(slips), maxNamed)] {
		line = append(line, Span{Text: sep(i, "; ")}, Span{Text: s.told.Name, URL: s.now.URL})
		said := ""
		if s.now.Amount.Known {
			said = " " + b.sources.money.write(s.now.Amount.Value, b.sources.money.code(s.told.Source, s.now.Currency))
		}
		line = append(line, Span{Text: said + " was to close on " + words.Day(s.told.Closes, b.wall.farAway()) + " and has the close date " + words.Day(s.now.CloseDate, b.wall.farAway()) + b.movedTimes(s)})
	}
	if n := len(slips) - maxNamed; n > 0 {
		line = append(line, Span{Text: "; " + words.Number(n) + " more"})
	}
	return append(line, Span{Text: "."})
}

// movedTimes says for which time the date was moved, where a finding of the deal counts that, and
// what is asked for then.
func (b *brief) movedTimes(s slip) string {
	d := b.book.find(s.told.Source, s.told.Record)
	if d == nil {
		return ""
	}
	n, asked, known := d.pushes()
	switch {
	case !known || n == 0:
		return ""
	case asked:
		return ", moved " + words.Number(n) + " times: lost, nurture, or evidence for that date"
	}
	return ", moved " + words.Count(n, "time", "times")
}
