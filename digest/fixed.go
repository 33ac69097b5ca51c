package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// How many deals are named, of each kind: thanks are read when they are short.
const (
	namedFixed  = 3
	namedBetter = 2
	namedClosed = 5
)

// foremost are the deals that a line names of those it is about: the first few, and what else is
// of the commit, as far as a line holds. Nobody hears of the commit as "1 more".
func foremost(ds []*deal, few int) (named, rest []*deal) {
	for i, d := range ds {
		if i < few || d.facts.Commit && len(named) < maxNamed {
			named = append(named, d)
		} else {
			rest = append(rest, d)
		}
	}
	return named, rest
}

// fixedLine says who fixed how many deals and what was done for some of them: the commit
// deals without doubt since then, then the largest. Deals that are better, and not in
// order yet, come after.
func (b *brief) fixedLine() Line {
	better := b.book.better(b.wall)
	n := b.book.tally.fixed
	switch {
	case n == 0 && len(better) == 0:
		return nil
	case n == 0:
		return b.betterSpans(Line{{Text: "BETTER " + words.Number(len(better)) + ":", Bold: true}}, better)
	}
	line := Line{{Text: "FIXED " + words.Number(n) + ":", Bold: true}, {Text: " " + strings.Join(b.fixers(), ", ") + "."}}
	cleared := b.book.cleared()
	named := slices.Clone(cleared)
	for _, d := range b.book.done() {
		if done(d) != "" && !slices.Contains(cleared, d) {
			named = append(named, d)
		}
	}
	all := len(named)
	named, _ = foremost(named, namedFixed)
	for i, d := range named {
		line = append(line, Span{Text: sep(i, "; ")})
		line = append(line, b.wording.brief(d)...)
		said := done(d)
		switch {
		case slices.Contains(cleared, d) && said == "":
			said = ": no doubt left"
		case slices.Contains(cleared, d):
			said = " " + said + ", no doubt left"
		default:
			said = " " + said
		}
		line = append(line, Span{Text: said})
	}
	if all > len(named) {
		rest := slices.DeleteFunc(b.book.done(), func(d *deal) bool { return slices.Contains(named, d) })
		line = append(line, Span{Text: "; and " + words.Number(n-len(named)) + " more" + b.wording.worthWords(rest)})
	}
	if len(named) > 0 {
		line = append(line, Span{Text: "."})
	}
	if n := len(slices.DeleteFunc(cleared, func(d *deal) bool { return slices.Contains(named, d) })); n > 0 {
		line = append(line, Span{Text: " No doubt left on " + words.Count(n, "more commit deal", "more commit deals") + "."})
	}
	if n := len(better); n > 0 {
		line = b.betterSpans(append(line, Span{Text: " " + words.Count(n, "more is better", "more are better") + ":"}), better)
	}
	return line
}

// sep separates the clauses of a line: a space before the first.
func sep(i int, between string) string {
	if i == 0 {
		return " "
	}
	return between
}

// fixers are the people who fixed deals with the number of these, the most first, and how many
// deals of owners who have left were fixed: who took them over is not known.
func (b *brief) fixers() (said []string) {
	rows := slices.DeleteFunc(b.rows(), func(r row) bool { return r.done == 0 })
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(y.done, x.done) })
	const most = 12
	for i, r := range rows {
		if i == most {
			n := 0
			for _, r := range rows[i:] {
				n += r.done
			}
			said = append(said, "others "+words.Number(n))
			break
		}
		said = append(said, b.wording.people.short(r.who)+" "+words.Number(r.done))
	}
	return append(said, b.reassigned()...)
}

// reassigned says how many deals of owners who have left were fixed, and who has them now.
// Where nobody was given them, their owner is active again.
func (b *brief) reassigned() (said []string) {
	taken, returned := 0, 0
	count := map[string]int{}
	for _, d := range b.book.done() {
		switch {
		case !d.leftBehind():
		case d.parting() != nil:
			taken++
			count[b.wording.heirs(d.parting())]++
		default:
			returned++
		}
	}
	if taken > 0 {
		said = append(said, words.Count(taken, "was reassigned", "were reassigned")+toWhom(count))
	}
	if returned > 0 {
		said = append(said, words.Count(returned, "has an active owner again", "have an active owner again"))
	}
	return said
}

// betterSpans name deals with what was done and what is still missing.
func (b *brief) betterSpans(line Line, better []*deal) Line {
	named, rest := foremost(better, namedBetter)
	for i, d := range named {
		line = append(append(line, Span{Text: sep(i, "; ")}), b.wording.brief(d)...)
		line = append(line, Span{Text: " " + done(d) + " (" + b.still(d) + ")"})
	}
	if n := len(rest); n > 0 {
		line = append(line, Span{Text: "; " + words.Number(n) + " more" + b.wording.worthWords(rest)})
	}
	return append(line, Span{Text: "."})
}

// brief is the deal's name and amount, as what is said of it begins.
func (x *wording) brief(d *deal) Line {
	line := Line{{Text: nameOf(d)[0].Text, URL: d.facts.URL}}
	if m := x.amount(d); m != "" {
		line = append(line, Span{Text: " " + m})
	}
	return line
}

// done is what somebody did for the deal since the last digest, in clauses about it: "has
// an amount and was contacted on Mon 23 Nov". "" is not known.
func done(d *deal) string {
	var said []string
	worst := func(a, b *hygiene.Life) int { return cmp.Compare(b.Severity, a.Severity) }
	for _, l := range slices.SortedStableFunc(slices.Values(d.ended), worst) {
		if w := plain.Clip(l.Done, 100); l.State == hygiene.Fixed && w != "" && !slices.Contains(said, w) {
			said = append(said, w)
		}
	}
	const most = 2 // one act is often the answer to several findings, in the same words
	return strings.Join(said[:min(len(said), most)], " and ")
}

// still is what is wrong with the deal, the worst first, without its numbers: what was when
// the last digest was sent, and what is since then. How much of it could not be checked
// stands at the end.
func (b *brief) still(d *deal) string {
	if len(d.open) == 0 {
		return "still: the rest could not be checked"
	}
	const most = 2
	var said []string
	head := ""
	for _, l := range d.open[:min(len(d.open), most)] {
		is := "still: "
		if l.Opened.After(b.wall.last) {
			is = "now: "
		}
		message, _, _ := strings.Cut(l.Message, " (")
		message = cmp.Or(strings.TrimRight(plain.Clip(message, 80), "."), "needs an update")
		if is != head {
			message, head = is+message, is
		}
		said = append(said, message)
	}
	out := strings.Join(said, "; ")
	if n := len(d.open) - most; n > 0 {
		out += "; and " + words.Number(n) + " more"
	}
	if n := len(d.unclear); n > 0 {
		out += "; " + words.Number(n) + " could not be checked"
	}
	return out
}

// cleared are the commit deals whose last doubt was fixed, the largest first. A doubt that
// another date ended is not fixed.
func (b *book) cleared() []*deal {
	doubt := func(l *hygiene.Life) bool { return l.Severity == hygiene.High && l.State == hygiene.Fixed }
	return b.largest(func(d *deal) bool {
		return d.done() && d.facts.Commit && d.facts.Name != "" && slices.ContainsFunc(d.ended, doubt)
	})
}

// done are the deals that were fixed, those from before the start included, the
// largest first.
func (b *book) done() []*deal { return b.largest((*deal).done) }

// better are the deals for which somebody did something since the last digest, and which
// are not in order yet: they need an update, are from before the start, or could not be
// judged in full. A deal with which something as bad has gone wrong since is not better.
func (b *book) better(w *wall) []*deal {
	return b.largest(func(d *deal) bool {
		best := hygiene.Severity(0) // of what was done
		for _, l := range d.ended {
			if l.State == hygiene.Fixed && l.Done != "" {
				best = max(best, l.Severity)
			}
		}
		worse := func(l *hygiene.Life) bool { return l.Opened.After(w.last) && !l.Newly && l.Severity >= best }
		return d.was != 0 && d.was != Unseen && d.was != Paused && d.class != 0 && d.class != Paused && d.facts.Name != "" && done(d) != "" && !slices.ContainsFunc(d.open, worse)
	})
}

// left are the deals that left one of the counts by the move, so that as many are named as
// the numbers say.
func (b *book) left(m move) []*deal {
	return b.largest(func(d *deal) bool { return d.left == m && (d.was == Needs || d.was == Old) })
}

// wonLine names the deals of the list that were won.
func (b *brief) wonLine() Line {
	ds := b.book.largest(func(d *deal) bool { return d.left == won })
	if len(ds) == 0 {
		return nil
	}
	line := Line{{Text: "WON from this list:", Bold: true}}
	these, rest := foremost(ds, namedClosed)
	for i, d := range these {
		line = append(append(line, Span{Text: sep(i, ", ")}), b.wording.brief(d)...)
		var said []string
		switch who := personOf(d); {
		case d.parting() != nil:
			said = append(said, b.wording.heir(d.parting()))
		case who != nobody && !b.own && !d.leftBehind():
			said = append(said, b.wording.people.short(who))
		}
		if d.was != Needs && d.was != Old {
			said = append(said, "not counted then") // the number of those that were won is without it
		}
		if len(said) > 0 {
			line = append(line, Span{Text: " (" + strings.Join(said, ", ") + ")"})
		}
	}
	if n := len(rest); n > 0 {
		line = append(line, Span{Text: ", " + words.Number(n) + " more" + b.wording.worthWords(rest)})
	}
	return append(line, Span{Text: "."})
}

// thanks names what the rep won and fixed since the last digest, and what was done.
func thanks(b *brief) []Line {
	var said Line
	if ds := b.book.done(); len(ds) > 0 {
		const named = 5
		said = Line{{Text: "Fixed since " + b.wall.sinceDay() + ": " + words.Number(len(ds)) + " ("}}
		these, rest := foremost(ds, named)
		for i, d := range these {
			if i > 0 {
				said = append(said, Span{Text: ", "})
			}
			said = append(said, Span{Text: nameOf(d)[0].Text, URL: d.facts.URL})
			if w := done(d); w != "" {
				said = append(said, Span{Text: " " + w})
			}
		}
		if n := len(rest); n > 0 {
			said = append(said, Span{Text: ", " + words.Number(n) + " more" + b.wording.worthWords(rest)})
		}
		said = append(said, Span{Text: ")."})
	}
	if better := b.book.better(b.wall); len(better) > 0 {
		head := "Better:"
		if len(said) > 0 {
			head = " Better:"
		}
		said = b.betterSpans(append(said, Span{Text: head}), better)
	}
	if len(said) > 0 {
		said = append(said, Span{Text: " Thank you."})
	}
	return compact(b.wonLine(), said)
}
