package digest

import (
	"math"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// commitLine says how much of the commit has no open doubt. What could not be
// judged is in the sum and apart from both: nothing gets better by not looking.
func (c *composer) commitLine() Line {
	total, doubt, deals := c.commit(c.current)
	if deals == 0 {
		return nil
	}
	head := Span{Text: "Commit to " + day(c.quarter, c.farAway()) + ":", Bold: true}
	if sum(total) == 0 {
		return Line{head, {Text: " " + count(deals, "deal", "deals") + ", none with an amount." + c.doubts(purse{}) + unjudgedWords(c.unjudgedCommit(total, doubt))}}
	}
	unjudged, left := c.unjudgedCommit(total, doubt)
	var amounts, shares []string
	clean := purse{}
	for _, cur := range total.currencies() {
		// The parts are rounded like the whole, so that what is printed adds up.
		_, step, _ := unit(total[cur])
		round := func(v float64) float64 { return math.Round(v/step) * step }
		amounts = append(amounts, money(total[cur], cur))
		clean[cur] = max(round(total[cur])-round(doubt[cur])-round(unjudged[cur]), 0)
		shares = append(shares, percent(total[cur]-doubt[cur]-unjudged[cur], total[cur]))
	}
	was := ""
	if len(total) == 1 {
		if t, d, _ := c.commit(c.previous); len(t) == 1 && t.currencies()[0] == total.currencies()[0] && sum(t) > 0 {
			was = ", " + c.since + " " + percent(sum(t)-sum(d), sum(t))
		}
	}
	w := " " + list(amounts) + ", "
	if sum(doubt)+sum(unjudged) == 0 {
		w += "all without open doubt"
		if len(c.in.Unchecked) > 0 || left > 0 {
			w += " in all that could be checked"
		}
	} else {
		cleanWords := make([]string, 0, len(clean))
		for _, cur := range total.currencies() {
			cleanWords = append(cleanWords, money(clean[cur], cur))
		}
		verb := "has"
		if len(cleanWords) > 1 {
			verb = "have"
		}
		w += "of which " + list(cleanWords) + " " + verb + " no open doubt"
	}
	return Line{head, {Text: w + " (" + list(shares) + was + ")." + c.doubts(doubt) + unjudgedWords(unjudged, left)}}
}

// farAway is a date from which the end of the quarter is written without its
// weekday, and with the year only where today's is another.
func (c *composer) farAway() crm.Date {
	y, _, _ := c.today.Civil()
	return crm.NewDate(y, 1, 1)
}

// doubts says how much is in doubt, and under which numbers.
func (c *composer) doubts(doubt purse) string {
	var numbers []string
	seen := map[int]bool{}
	more := 0
	for _, d := range slices.Concat(c.needs, c.old) {
		if !c.doubtful(d) {
			continue
		}
		n, ok := c.number[d]
		switch {
		case !ok:
			more++
		case !seen[n]:
			seen[n] = true
		}
	}
	for n := range len(c.listed) + 1 {
		if seen[n] {
			numbers = append(numbers, number(n))
		}
	}
	words := strings.Join(numbers, ", ")
	switch {
	case more > 0 && words != "":
		words += " and " + number(more) + " more"
	case more > 0:
		words = count(more, "deal", "deals")
	}
	switch {
	case len(doubt) == 0 || sum(doubt) == 0:
		if words == "" {
			return ""
		}
		return " In doubt, without an amount: " + words + "."
	case words == "":
		return " " + doubt.String() + " in doubt."
	}
	return " " + doubt.String() + " in doubt: " + words + "."
}

// unjudgedCommit sums what of the commit is not in doubt today only because it
// could not be judged, and counts the deals of it without an amount. Held deals
// are known as they were when they could last be judged, so that the sum is kept
// to what is left of today's.
func (c *composer) unjudgedCommit(total, doubt purse) (sums purse, without int) {
	sums = purse{}
	for _, d := range c.deals {
		if !c.undecided(d) {
			continue
		}
		cur := c.code(d.source, d.facts.Currency)
		v := min(d.facts.Amount.Value, total[cur]-doubt[cur]-sums[cur])
		switch {
		case !d.facts.Amount.Known:
			without++
		case v > 0:
			sums[cur] += v
		}
	}
	return sums, without
}

// unjudgedWords say how much of the commit nobody can speak for today.
func unjudgedWords(sums purse, without int) string {
	deals := count(without, "deal", "deals") + " without an amount"
	switch {
	case len(sums) == 0 && without == 0:
		return ""
	case len(sums) == 0:
		return " " + upperFirst(deals) + " not judged today."
	case without == 0:
		return " " + sums.String() + " not judged today."
	}
	return " " + sums.String() + " and " + deals + " not judged today."
}

// cleanCommit is the part of the commit without open doubt, where it is in one
// currency.
func (c *composer) cleanCommit() (string, bool) {
	total, doubt, _ := c.commit(c.current)
	if len(total) != 1 || sum(total) <= 0 {
		return "", false
	}
	unjudged, _ := c.unjudgedCommit(total, doubt)
	return percent(sum(total)-sum(doubt)-sum(unjudged), sum(total)), true
}

// commit sums the team's commit by currency, and of it what is in doubt.
func (c *composer) commit(ss []hygiene.Snapshot) (total, doubt purse, deals int) {
	total, doubt = purse{}, purse{}
	for _, s := range ss {
		for _, t := range s.Tallies {
			if t.Team != c.in.Team.Name {
				continue
			}
			deals += t.CommitDeals
			for cur, v := range t.Commit {
				if v != 0 {
					total[c.code(s.Source, cur)] += v
				}
			}
			for cur, v := range t.CommitDoubt {
				if v != 0 {
					doubt[c.code(s.Source, cur)] += v
				}
			}
		}
	}
	return total, doubt, deals
}

// code is a currency's code; "" in a record means the account's own.
func (c *composer) code(source, currency string) string {
	if currency == "" {
		return strings.ToUpper(c.currency[source])
	}
	return strings.ToUpper(currency)
}

func sum(p purse) float64 {
	var s float64
	for _, v := range p {
		s += v
	}
	return s
}
