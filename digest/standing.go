package digest

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// complete reports whether every source was judged in full, so the digest may say
// "all".
func (b *brief) complete() bool { return b.sources.complete() && b.portfolio.known() }

// clean reports whether the digest may say that all deals are in order.
func (b *brief) clean() bool {
	t := &b.book.tally
	return t.need == 0 && t.old == 0 && t.held == 0 && t.fraction && b.complete() && !b.holds()
}

// empty reports whether the team has no open deal that was judged.
func (b *brief) empty() bool { return b.book.tally.deals == 0 && b.portfolio.known() }

// unknown reports whether nobody knows of any deal: what is shown has no totals yet, and no
// finding. "0" would be a count.
func (b *brief) unknown() bool {
	t := &b.book.tally
	return t.need+t.old+t.held+t.fixed == 0 && len(b.sources.shown) > 0 && len(b.portfolio.current) == 0 && !t.today.moved() && !t.apart.moved()
}

const notKnown = "not known today"

func (b *brief) allInOrder() string {
	n := b.book.tally.deals
	s := "All " + words.Number(n) + " deals are in order"
	switch n {
	case 1:
		s = "The one open deal is in order"
	case 2:
		s = "Both deals are in order"
	}
	if len(b.in.Unchecked) > 0 {
		s += " in all that could be checked"
	}
	return s + b.notCounting()
}

// needWords are the tally's words for the deals that need an update. Where no source was
// read, "0 new" would look like a calm day.
func (b *brief) needWords() string {
	t := &b.book.tally
	if b.sources.noNews() && t.today.in() == 0 {
		return words.Count(t.need, "needs an update", "need an update") + "."
	}
	return t.needWords(b.wall.first(), b.own)
}

// freshWords are the news of a day without data: findings that the calendar alone made.
func (b *brief) freshWords() []string {
	if t := &b.book.tally; t.fresh > 0 && !b.wall.first() {
		return []string{words.Number(t.fresh) + " new"}
	}
	return nil
}

// dealsLine says how many deals are in order, and what became of the others.
func (b *brief) dealsLine() Line {
	t, first := &b.book.tally, b.wall.first()
	if b.clean() {
		line := Line{{Text: b.allInOrder(), Bold: true}}
		rest := b.portfolio.before(" (%)") + "."
		if w := b.grownWords(); w != "" {
			rest += " " + w
		}
		if w := t.leftWords(first, b.own); w != "" {
			rest += " " + w
		}
		if w := t.pausedWords(); w != "" {
			rest += " " + w
		}
		return append(line, Span{Text: rest})
	}
	head := "Deals in order"
	switch {
	case len(b.sources.shown) < len(b.sources.all):
		head += b.sources.where()
	case len(b.sources.unreadWords()) > 0: // a sentence of its own says what is missing
	case !b.complete():
		head += " so far"
	}
	var said []string
	switch inOrder := t.inOrder(); {
	case t.fraction && t.judged() > 0:
		said = append(said, words.Number(inOrder)+" of "+words.Number(t.judged())+
			" ("+words.Percent(float64(inOrder), float64(t.judged()))+b.portfolio.before(", %")+")"+b.notCounting()+".")
		if w := b.grownWords(); w != "" {
			said = append(said, w)
		}
	case t.need > 0 || t.old > 0 || t.held > 0:
	case b.empty() && t.skipped > 0:
		said = append(said, "none to judge, because "+t.skippedWords()+".")
	case b.empty() && t.paused > 0:
		said = append(said, "none to judge.")
	case b.empty():
		said = append(said, "no open deals were found.")
	default:
		said = append(said, notKnown+".")
	}
	if t.need > 0 {
		said = append(said, b.needWords())
	}
	if w := b.disclosedWords(); w != "" {
		said = append(said, w)
	}
	if w := t.leftWords(first || b.sources.noNews() && t.today.out() == 0, b.own); w != "" {
		said = append(said, w)
	}
	if t.held > 0 {
		said = append(said, words.Number(t.held)+" not judged today and not counted: what their rules need could not be read.")
	}
	if w := t.pausedWords(); w != "" {
		said = append(said, w)
	}
	return Line{{Text: head + ":", Bold: true}, {Text: " " + strings.Join(said, " ")}}
}
