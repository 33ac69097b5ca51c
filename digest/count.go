package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// tally is the digest's arithmetic, in deals:
// judged = in order + need + old,
// need = before + fresh + started, and
// what needed an update then = before + fixed + redated + won + lost + gone + off + those held.
type tally struct {
	fraction bool // deals is known
	deals    int  // open deals of the judged sources
	need     int  // need an update
	fresh    int  // of need: did not at the last digest
	started  int  // of need: their rules were not looked at then
	before   int  // of need: did at the last digest
	old      int  // all that is wrong is from before the start, and counted apart
	held     int  // cannot be judged now
	skipped  int  // open deals of the team in skipped pipelines, in no other number
	fixed    int
	redated  int
	won      int
	lost     int
	gone     int
	off      int
	cleared  int // were from before the start, and fixed since
}

// inOrder is the number of deals of the fraction that nothing is wrong with.
func (t *tally) inOrder() int { return t.judged() - t.need - t.old }

// judged is the number of deals that the fraction is of.
func (t *tally) judged() int { return t.deals - t.held }

// count fills tally and needs.
func (c *composer) count() {
	t := &c.tally
	for _, d := range c.deals {
		switch {
		case d.needs():
			c.needs = append(c.needs, d)
			switch {
			case !d.fresh():
				t.before++
			case d.backlog():
				t.started++
			default:
				t.fresh++
			}
		case d.apart:
			c.old = append(c.old, d)
		case d.unjudged():
			t.held++
		}
		if d.cleared {
			t.cleared++
		}
		switch d.fate() {
		case fixed:
			t.fixed++
		case redated:
			t.redated++
		case won:
			t.won++
		case lost:
			t.lost++
		case gone:
			t.gone++
		case off:
			t.off++
		}
	}
	t.need, t.old = len(c.needs), len(c.old)
	slices.SortStableFunc(c.needs, c.rank)
	slices.SortStableFunc(c.old, c.rank)
	t.deals, _ = c.portfolio(c.current)
	for _, s := range c.current {
		t.skipped += s.Skipped[c.in.Team.Name]
	}
	t.fraction = len(c.current) == len(c.shown) && t.deals > 0 && t.inOrder() >= 0
}

// portfolio counts the team's open deals and those that needed an update.
func (c *composer) portfolio(ss []hygiene.Snapshot) (deals, need int) {
	for _, s := range ss {
		for _, t := range s.Tallies {
			if t.Team == c.in.Team.Name {
				deals += t.Deals
				need += t.NeedUpdate
			}
		}
	}
	return deals, need
}

// dealsLine says how many deals are in order, and what moved.
func (c *composer) dealsLine() Line {
	t := &c.tally
	if c.clean() {
		line := Line{{Text: c.allInOrder(), Bold: true}}
		rest := c.before(" (%)") + "."
		if w := c.leftWords(); w != "" {
			rest += " " + w
		}
		return append(line, Span{Text: rest})
	}
	head := "Deals in order"
	if len(c.shown) < len(c.in.Sources) {
		head += c.where()
	} else if !c.all() {
		head += " so far"
	}
	var words []string
	switch inOrder := t.inOrder(); {
	case t.fraction && t.judged() > 0:
		words = append(words, number(inOrder)+" of "+number(t.judged())+
			" ("+percent(float64(inOrder), float64(t.judged()))+c.before(", %")+").")
	case t.need > 0 || t.old > 0 || t.held > 0:
	case c.empty() && t.skipped > 0:
		words = append(words, "none to judge, because "+c.skippedWords()+".")
	case c.empty():
		words = append(words, "no open deals were found.")
	default:
		words = append(words, "not known today.")
	}
	if t.need > 0 {
		words = append(words, c.needWords())
	}
	if w := c.leftWords(); w != "" {
		words = append(words, w)
	}
	if t.held > 0 {
		words = append(words, number(t.held)+" not judged today and not counted: what their rules need could not be read.")
	}
	return Line{{Text: head + ":", Bold: true}, {Text: " " + strings.Join(words, " ")}}
}

// empty reports whether the team has no open deal that was judged.
func (c *composer) empty() bool { return c.tally.deals == 0 && len(c.current) == len(c.shown) }

// skippedWords say that the team's deals are where nobody looks at them.
func (c *composer) skippedWords() string {
	if c.tally.skipped == 1 {
		return "the one open deal is in a skipped pipeline"
	}
	return "all " + number(c.tally.skipped) + " open deals are in skipped pipelines"
}

// clean reports whether it may be said that all is in order.
func (c *composer) clean() bool {
	return c.tally.need == 0 && c.tally.old == 0 && c.tally.held == 0 && c.tally.fraction && c.all()
}

func (c *composer) allInOrder() string {
	s := "All " + number(c.tally.deals) + " deals are in order"
	switch c.tally.deals {
	case 1:
		s = "The one open deal is in order"
	case 2:
		s = "Both deals are in order"
	}
	if len(c.in.Unchecked) > 0 {
		s += " in all that could be checked"
	}
	return s
}

// where names the judged sources when others were not.
func (c *composer) where() string {
	var names []string
	for _, s := range c.shown {
		names = append(names, c.label(s))
	}
	return " in " + list(names)
}

// before writes the earlier percentage into form, at the %.
func (c *composer) before(form string) string {
	deals, need := c.portfolio(c.previous)
	if deals == 0 || need > deals {
		return ""
	}
	return strings.Replace(form, "%", c.since+" "+percent(float64(deals-need), float64(deals)), 1)
}

func (c *composer) needWords() string {
	t := &c.tally
	w := count(t.need, "needs an update", "need an update")
	if c.first {
		return "First digest: " + w + "."
	}
	parts := []string{number(t.fresh) + " new", number(t.before) + " from before"}
	if t.started > 0 {
		parts = append(parts, number(t.started)+" newly checked")
	}
	return w + ": " + strings.Join(parts, ", ") + "."
}

// leftWords says what became of deals that needed an update before. Only what
// somebody did is called fixed.
func (c *composer) leftWords() string {
	t := &c.tally
	if c.first {
		return ""
	}
	var out []string
	say := func(n int, words string) {
		if n > 0 {
			out = append(out, number(n)+" "+words)
		}
	}
	if t.fixed > 0 || t.need > 0 {
		out = append(out, number(t.fixed)+" fixed")
	}
	say(t.redated, "given a new date")
	say(t.won, "won")
	say(t.lost, "lost")
	say(t.gone, "gone from view")
	say(t.off, "no longer checked")
	return sentence(strings.Join(out, ", "))
}
