package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
)

// commitment is the team's commit for the quarter, by currency. The total is what has no
// open doubt and the shares: each deal is in one of them, by the findings that the digest
// itself lists, so the line cannot contradict the list.
type commitment struct {
	until     string // the last day of the quarter
	deals     int
	unread    int     // of deals, those whose amount could not be read
	unsure    int     // deals besides, of which nobody knows whether they are in the commit
	undated   []*deal // deals besides that need an update and have no close date, so no quarter is theirs
	total     words.Purse
	shares    [3]share
	was       string // the share without doubt at the last digest: ", Mon 56 %"
	money     *money
	today     crm.Date
	unchecked bool // something could not be checked (Input.Unchecked)
}

// share is a part of the commit that is not without open doubt.
type share struct {
	sum   words.Purse
	said  words.Purse // the same of the amounts as the digest prints them
	bare  []*deal     // without an amount that can be added up
	deals []*deal     // with an amount
}

// The shares, in the order in which the line names them.
const (
	question = iota // an open finding of severity medium
	doubt           // an open finding of severity high
	unjudged        // was one of these, and could not be judged today
)

// words say what the share is, of its deals ds. What is judged in part is on a list for that.
func (s *share) words(at int, ds []*deal) string {
	if at != unjudged {
		return [...]string{question: "with an open question", doubt: "in doubt"}[at]
	}
	return judgedSo(ds) + " today"
}

// judgedSo says how far deals were judged of which a finding could not be: "not judged",
// "judged in part" where others were found.
func judgedSo(ds []*deal) string {
	part := 0
	for _, d := range ds {
		if len(d.open) > 0 {
			part++
		}
	}
	switch part {
	case 0:
		return "not judged"
	case len(ds):
		return "judged in part"
	}
	return "not judged in full"
}

func newCommitment(b *brief) *commitment {
	p := b.portfolio
	c := &commitment{today: b.wall.today, until: words.Day(p.quarter, b.wall.farAway()), money: b.sources.money, unchecked: len(b.in.Unchecked) > 0}
	c.total, _, c.deals = p.commit(p.current)
	c.unread, c.unsure = p.unread(p.current)
	for i := range c.shares {
		c.shares[i].sum, c.shares[i].said = words.Purse{}, words.Purse{}
	}
	for _, d := range b.book.deals {
		if f := &d.facts; d.needs() && f.Commit && f.CloseDate.IsZero() && !f.IsUnclear("close_date") && !f.IsUnclear("forecast_category") {
			c.undated = append(c.undated, d)
		}
		at, ok := d.share(p.quarter)
		if !ok {
			continue
		}
		s := &c.shares[at]
		if !d.facts.Summed() {
			s.bare = append(s.bare, d)
			continue
		}
		s.deals = append(s.deals, d)
		if v := d.facts.Amount.Value; v != 0 {
			b.sources.money.add(s.sum, d.source, d.facts.Currency, v)
			b.sources.money.add(s.said, d.source, d.facts.Currency, words.Printed(v))
		}
	}
	c.bound()
	if len(c.total) == 1 && c.whole() && p.compares() {
		if t, open, _ := p.commit(p.previous); len(t) == 1 && t[c.code()] > 0 {
			c.was = ", " + b.wall.since + " " + words.Percent(t[c.code()]-open[c.code()], t[c.code()])
		}
	}
	return c
}

// whole reports whether the total is all of the commit: every amount in it could be read.
func (c *commitment) whole() bool { return c.unread+c.unsure == 0 }

// bound takes from what was not judged the part that today's total does not have: the
// amounts there are those of the last judgement, and the deals may have left since.
func (c *commitment) bound() {
	sum := c.shares[unjudged].sum
	for cur, v := range sum {
		if v = min(v, c.total[cur]-c.shares[question].sum[cur]-c.shares[doubt].sum[cur]); v > 0 {
			sum[cur] = v
		} else {
			delete(sum, cur)
		}
	}
}

// clean is the part of the commit in the currency without open doubt.
func (c *commitment) clean(cur string) float64 {
	v := c.total[cur]
	for i := range c.shares {
		v -= c.shares[i].sum[cur]
	}
	return v
}

// parts are what is without open doubt, and the shares, as they are printed: of the amounts
// that a reader can add up, where these leave something for the rest.
func (c *commitment) parts(cur string) []float64 {
	exact, said := []float64{c.clean(cur)}, []float64{words.Printed(c.total[cur])}
	for i := range c.shares {
		v := c.shares[i].said[cur]
		if i == unjudged && c.shares[i].sum[cur] != v { // bound by what there is
			v = words.Printed(c.shares[i].sum[cur])
		}
		exact, said = append(exact, c.shares[i].sum[cur]), append(said, v)
		said[0] -= v
	}
	if (exact[0] == 0) != (said[0] == 0) || said[0] < 0 {
		return exact
	}
	return said
}

// share writes one share of the commit as its line does.
func (c *commitment) share(at int) string {
	var out []string
	for _, cur := range c.money.order(c.total) {
		if _, of := c.money.sum(c.total[cur], c.parts(cur), cur); c.shares[at].sum[cur] != 0 {
			out = append(out, of[at+1])
		}
	}
	return words.List(out)
}

// line says how much of the commit has no open doubt, and which deals the rest is, nil for
// a team without commit.
func (c *commitment) line(l *numbered) Line {
	line := Line{{Text: "Commit to " + c.until + ":", Bold: true}}
	switch {
	case c.deals+c.unsure+len(c.undated) == 0:
		return nil
	case c.deals == 0:
		return append(append(line, c.unsureSpans()...), c.undatedSpans(l)...)
	case c.total.Empty():
		none := ", none with an amount."
		if c.unread > 0 {
			none = ", none with an amount that is readable."
		}
		line = append(line, Span{Text: " " + words.Count(c.deals, "deal", "deals") + none})
		return append(append(line, c.bareSpans(l)...), slices.Concat(c.unsureSpans(), c.undatedSpans(l), c.pausedSpans())...)
	}
	var whole, clean, percent []string
	parts := make([][]string, len(c.shares))
	for _, cur := range c.money.order(c.total) {
		vs := c.parts(cur)
		total, of := c.money.sum(c.total[cur], vs, cur)
		whole, clean = append(whole, total), append(clean, of[0])
		percent = append(percent, words.Percent(c.clean(cur), c.total[cur]))
		for i := range c.shares {
			if vs[i+1] != 0 {
				parts[i] = append(parts[i], of[i+1])
			}
		}
	}
	share := " (" + words.List(percent) + c.was + ")"
	if len(parts[question])+len(parts[doubt])+len(parts[unjudged]) == 0 {
		w := " " + words.List(whole) + ", all without open doubt"
		if c.unchecked || !c.whole() || len(c.shares[unjudged].bare) > 0 {
			w += " in all that could be checked"
		}
		line = append(line, Span{Text: w + share})
	} else {
		line = append(line, Span{Text: " " + words.List(whole) + " = " + words.List(clean) + " without open doubt" + share})
		for i := range c.shares {
			said := c.shares[i].words(i, c.shares[i].deals)
			if len(parts[i]) > 0 {
				line = append(line, Span{Text: " + " + words.List(parts[i]) + " " + said})
				line = append(line, c.where(i, c.shares[i].deals, l)...)
			}
		}
	}
	line = append(append(line, Span{Text: "."}), c.bareSpans(l)...)
	line = append(line, slices.Concat(c.unsureSpans(), c.undatedSpans(l), c.pausedSpans())...)
	if apart := c.money.apart(c.total); apart != "" {
		line = append(line, Span{Text: " " + apart})
	}
	return line
}

// code is the currency of a commit that is in one.
func (c *commitment) code() string { return c.money.order(c.total)[0] }

// where says in brackets under which numbers deals are listed, and how many have none.
// Of those that were not judged, the list has some for what else is wrong with them.
func (c *commitment) where(at int, ds []*deal, l *numbered) Line {
	var numbers []string
	seen := map[int]bool{}
	more := 0
	for _, d := range ds {
		if n, ok := l.number[d]; ok {
			seen[n] = true
		} else {
			more++
		}
	}
	for n := range len(l.items) + 1 {
		if seen[n] {
			numbers = append(numbers, words.Number(n))
		}
	}
	switch said := strings.Join(numbers, ", "); {
	case at == unjudged && said == "":
		return nil
	case more == 0:
		return text(" (" + said + ")")
	case said != "":
		return text(" (" + said + " and " + words.Number(more) + " more)")
	case more == 1 && ds[0].facts.Name != "":
		return Line{{Text: " ("}, {Text: plain.Clip(ds[0].facts.Name, 60), URL: ds[0].facts.URL}, {Text: ")"}}
	}
	return text(" (" + words.Count(more, "deal", "deals") + ")")
}

// bareSpans name the deals that add no amount to the shares, and why they add none.
func (c *commitment) bareSpans(l *numbered) Line {
	var line Line
	for _, why := range []struct {
		words string
		so    func(*deal) bool
		all   int // such deals of the commit, where that is known; the findings tell of some
	}{
		{"Without an amount", func(d *deal) bool { return !d.facts.Amount.Known && !d.facts.IsUnclear("amount") }, 0},
		{amountUnread, func(d *deal) bool { return d.facts.IsUnclear("amount") }, c.unread},
		{"Without a known currency", func(d *deal) bool { return d.facts.Amount.Known }, 0},
	} {
		sep, more := " "+words.UpperFirst(why.words)+": ", why.all
		for i := range c.shares {
			ds := slices.DeleteFunc(slices.Clone(c.shares[i].bare), func(d *deal) bool { return !why.so(d) })
			if len(ds) == 0 {
				continue
			}
			line = append(append(line, Span{Text: sep + words.Number(len(ds)) + " " + c.shares[i].words(i, ds)}), c.where(i, ds, l)...)
			sep, more = ", ", more-len(ds)
		}
		switch {
		case more > 0 && sep == ", ":
			line = append(line, Span{Text: sep + words.Number(more) + " more"})
		case more > 0:
			line = append(line, Span{Text: sep + words.Count(more, "deal", "deals")})
		case sep != ", ":
			continue
		}
		line = append(line, Span{Text: "."})
	}
	return line
}

// undatedSpans count the deals in the commit that no quarter has, with their numbers.
func (c *commitment) undatedSpans(l *numbered) Line {
	n := len(c.undated)
	if n == 0 {
		return nil
	}
	who := words.Count(n, "deal", "deals")
	if c.deals+c.unsure > 0 {
		who += " more"
	}
	line := append(text(" "+who+" in the commit "+words.Plural(n, "has", "have")+" no close date"), c.where(question, c.undated, l)...)
	return append(line, Span{Text: "."})
}

// unsureSpans count the deals that may be in the commit.
func (c *commitment) unsureSpans() Line {
	if c.unsure == 0 {
		return nil
	}
	who := words.Count(c.unsure, "deal", "deals")
	if c.deals > 0 {
		who += " more"
	}
	return text(" " + who + " may be in it: forecast category or close date not readable.")
}

// news says how much of the commit is at stake, "" for a commit without an amount.
func (c *commitment) news() string {
	if c.total.Empty() {
		return ""
	}
	switch {
	case len(c.shares[doubt].sum) > 0:
		return c.share(doubt) + " commit in doubt"
	case len(c.shares[question].sum) > 0:
		return c.share(question) + " commit with an open question"
	case len(c.shares[unjudged].sum) > 0 || c.unchecked || !c.whole():
		return ""
	}
	return "no open doubt in the commit"
}
