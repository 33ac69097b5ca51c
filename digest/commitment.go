package digest

import (
	"math"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// commitment is the team's commit for the quarter, by currency. The total is what is in
// doubt, what could not be judged, and what is without doubt: a deal that could not be
// judged never counts as without doubt.
type commitment struct {
	until     string // the last day of the quarter
	deals     int
	total     words.Purse
	doubt     words.Purse // with an open finding of severity high
	unjudged  words.Purse
	without   int    // deals without an amount that were not judged
	was       string // the share without doubt at the last digest: ", Mon 56 %"
	where     string // which deals are in doubt: "1, 3 and 2 more"
	unchecked bool   // something could not be checked (Input.Unchecked)
}

func newCommitment(b *brief) *commitment {
	p := b.portfolio
	c := &commitment{until: words.Day(p.quarter, b.wall.farAway()), unchecked: len(b.in.Unchecked) > 0}
	c.total, c.doubt, c.deals = p.commit(p.current)
	c.unjudge(b)
	if len(c.total) == 1 && p.compares() {
		if t, d, _ := p.commit(p.previous); len(t) == 1 && t.Currencies()[0] == c.total.Currencies()[0] && t.Sum() > 0 {
			c.was = ", " + b.wall.since + " " + words.Percent(t.Sum()-d.Sum(), t.Sum())
		}
	}
	c.where = c.doubtful(b)
	return c
}

// unjudge sums the part of the commit that is not in doubt today only because its deals
// could not be judged, and counts these deals without an amount. The amounts are those
// of the last judgement, so the sum is bounded by the part of today's total that is not
// in doubt.
func (c *commitment) unjudge(b *brief) {
	c.unjudged = words.Purse{}
	for _, d := range b.book.deals {
		if !d.undecided(b.portfolio.quarter) {
			continue
		}
		cur := b.sources.code(d.source, d.facts.Currency)
		v := min(d.facts.Amount.Value, c.total[cur]-c.doubt[cur]-c.unjudged[cur])
		switch {
		case !d.facts.Amount.Known:
			c.without++
		case v > 0:
			c.unjudged[cur] += v
		}
	}
}

// doubtful says under which numbers the deals in doubt are listed.
func (c *commitment) doubtful(b *brief) string {
	var numbers []string
	seen := map[int]bool{}
	more := 0
	for _, d := range slices.Concat(b.book.needs, b.book.old) {
		if !d.doubtful(b.portfolio.quarter) {
			continue
		}
		n, ok := b.list.number[d]
		switch {
		case !ok:
			more++
		case !seen[n]:
			seen[n] = true
		}
	}
	for n := range len(b.list.items) + 1 {
		if seen[n] {
			numbers = append(numbers, words.Number(n))
		}
	}
	said := strings.Join(numbers, ", ")
	switch {
	case more > 0 && said != "":
		said += " and " + words.Number(more) + " more"
	case more > 0:
		said = words.Count(more, "deal", "deals")
	}
	return said
}

// line says how much of the commit has no open doubt, nil for a team without commit.
func (c *commitment) line() Line {
	if c.deals == 0 {
		return nil
	}
	head := Span{Text: "Commit to " + c.until + ":", Bold: true}
	if c.total.Sum() == 0 {
		return Line{head, {Text: " " + words.Count(c.deals, "deal", "deals") + ", none with an amount." + c.doubtWords(words.Purse{}) + c.unjudgedWords()}}
	}
	var amounts, shares []string
	clean := words.Purse{}
	for _, cur := range c.total.Currencies() {
		// The parts are rounded like the whole, so that what is printed adds up.
		_, step, _ := words.Unit(c.total[cur])
		round := func(v float64) float64 { return math.Round(v/step) * step }
		amounts = append(amounts, words.Money(c.total[cur], cur))
		clean[cur] = max(round(c.total[cur])-round(c.doubt[cur])-round(c.unjudged[cur]), 0)
		shares = append(shares, words.Percent(c.total[cur]-c.doubt[cur]-c.unjudged[cur], c.total[cur]))
	}
	w := " " + words.List(amounts) + ", "
	if c.doubt.Sum()+c.unjudged.Sum() == 0 {
		w += "all without open doubt"
		if c.unchecked || c.without > 0 {
			w += " in all that could be checked"
		}
	} else {
		cleanWords := make([]string, 0, len(clean))
		for _, cur := range c.total.Currencies() {
			cleanWords = append(cleanWords, words.Money(clean[cur], cur))
		}
		w += "of which " + words.List(cleanWords) + " " + words.Plural(len(cleanWords), "has", "have") + " no open doubt"
	}
	return Line{head, {Text: w + " (" + words.List(shares) + c.was + ")." + c.doubtWords(c.doubt) + c.unjudgedWords()}}
}

// doubtWords say how much is in doubt, and where its deals are listed.
func (c *commitment) doubtWords(doubt words.Purse) string {
	switch {
	case len(doubt) == 0 || doubt.Sum() == 0:
		if c.where == "" {
			return ""
		}
		return " In doubt, without an amount: " + c.where + "."
	case c.where == "":
		return " " + doubt.String() + " in doubt."
	}
	return " " + doubt.String() + " in doubt: " + c.where + "."
}

// unjudgedWords say how much of the commit could not be judged today.
func (c *commitment) unjudgedWords() string {
	deals := words.Count(c.without, "deal", "deals") + " without an amount"
	switch {
	case len(c.unjudged) == 0 && c.without == 0:
		return ""
	case len(c.unjudged) == 0:
		return " " + words.UpperFirst(deals) + " not judged today."
	case c.without == 0:
		return " " + c.unjudged.String() + " not judged today."
	}
	return " " + c.unjudged.String() + " and " + deals + " not judged today."
}

// clean is the share of the commit without open doubt; ok is false for a commit in
// several currencies, or without an amount.
func (c *commitment) clean() (share string, ok bool) {
	if len(c.total) != 1 || c.total.Sum() <= 0 {
		return "", false
	}
	return words.Percent(c.total.Sum()-c.doubt.Sum()-c.unjudged.Sum(), c.total.Sum()), true
}
