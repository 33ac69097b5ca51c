package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// court judges the digests of one manager, day by day.
type court struct {
	team  string
	wrong []string

	day     string
	last    int             // deals that needed an update on the page before; the first has none before it
	asked   map[string]bool // the deals of last, by key
	paused  int             // of these, paused since
	begun   bool            //
	waits   map[string]int  // mornings for which a deal has been high without a number, by key
	found   float64         // money of the deals in findings
	listed  float64         // money of those with a number
	items   int             // numbers given
	deals   int             // deals that they stand for
	waiting int             // high deals without a number
	late    int             // of these, for five mornings or more
	rows    map[string]int  // mornings in a row on which a deal has had a number, by key
	total   float64         // of the commit on the page before
	doubt   float64         // of it, in doubt
	heard   bool            // there was a page before
	spare   []bool          // per morning: a number was given to what is neither high nor due
}

func (c *court) row() string {
	return fmt.Sprintf("%-10s  %12.0fk  %13.0fk  %5d  %12d  %13d  %9d", c.day, c.found/1000, c.listed/1000, c.items, c.deals, c.waiting, c.late)
}

func (c *court) fault(format string, args ...any) {
	c.wrong = append(c.wrong, c.day+" "+c.team+": "+fmt.Sprintf(format, args...))
}

// sit judges one morning.
func (c *court) sit(m *morning, p *page) {
	c.day = m.Date
	deals := m.deals(c.team)
	needs := map[string]*deal{}
	c.found = 0
	for k, d := range deals {
		if len(d.rules) > 0 {
			needs[k] = d
			c.found += d.amount
		}
	}
	at := c.numbers(needs, p)
	c.listed, c.items, c.deals = 0, len(p.items), len(at)
	for d := range at {
		c.listed += d.amount
	}
	c.calm(deals, m.date, p)
	need := c.balance(len(needs), p)
	c.asked = map[string]bool{}
	for k := range needs {
		c.asked[k] = true
	}
	c.table(need, p)
	c.commit(deals, m.date, p)
	c.due(needs, at, m.date, p)
	c.rest(needs, at, m.date, p)
	c.turns(needs, at, m.date)
	c.hogs(needs, at, m.date)
	c.wrong = append(c.wrong, beaten(c.day+" "+c.team, needs, func(d *deal) bool { return at[d] > 0 }, p, m.date)...)
}

// numbers says under which number each deal is listed. Deals that share a number are named
// below the line of dashes, under a title that tells the number.
func (c *court) numbers(needs map[string]*deal, p *page) map[*deal]int {
	at := map[*deal]int{}
	shared := regexp.MustCompile(`, number (\d+) above$`)
	for _, g := range p.groups {
		if m := shared.FindStringSubmatch(g.title); m != nil {
			for _, line := range g.lines {
				if d := named(needs, line); d != nil {
					at[d] = number(m[1])
				}
			}
		}
	}
	for i, line := range p.items {
		if d := named(needs, line); d != nil {
			at[d] = i + 1
			continue
		}
		if !slices.ContainsFunc(values(at), func(n int) bool { return n == i+1 }) {
			c.fault("number %d is no deal with a finding: %s", i+1, line)
		}
	}
	return at
}

func values(at map[*deal]int) (out []int) {
	for _, n := range at {
		out = append(out, n)
	}
	return out
}

// named is the deal whose line it is: the line begins with its name. Of two of one name the
// line says which is in HubSpot.
func named(needs map[string]*deal, line string) *deal {
	var best *deal
	facts, _, _ := strings.Cut(line, ": ")
	for _, d := range needs {
		rest, ok := strings.CutPrefix(line, d.name)
		if !ok || rest != "" && !strings.ContainsAny(rest[:1], " ,:") {
			continue
		}
		switch {
		case best == nil, len(d.name) > len(best.name):
			best = d
		case len(d.name) == len(best.name) && strings.Contains(facts, "HubSpot") == d.hubspot:
			best = d
		}
	}
	return best
}

var (
	needed = regexp.MustCompile(`(\d[\d,]*) needs? an update(?:: ([^.]*))?\.(?: (\d[^.:]*)\.)?`)
	firsts = regexp.MustCompile(`First digest: (\d[\d,]*) needs? an update`)
)

// balance checks that the page's count is what was found, that its parts make it, and that
// the page before, what came and what left make it. It returns the count.
func (c *court) balance(found int, p *page) int {
	m := needed.FindStringSubmatch(p.top)
	if m == nil {
		if found > 0 {
			c.fault("%d deals need an update, and the page does not count them", found)
		}
		c.last, c.begun = 0, true
		return 0
	}
	need := number(m[1])
	if need != found {
		c.fault("the page counts %d that need an update, and %d have findings", need, found)
	}
	if in, ok := p.find(`Deals in order: (\d[\d,]*) of`); ok {
		of, _ := p.find(`Deals in order: \d[\d,]* of (\d[\d,]*)`)
		if in+need != of {
			c.fault("%d in order and %d that need an update are not %d", in, need, of)
		}
	}
	if !c.begun {
		if !firsts.MatchString(p.top) {
			c.fault("the first page does not say that it is the first")
		}
		c.last, c.begun = need, true
		return need
	}
	in, out, before := 0, 0, 0
	for what, n := range counts(m[2]) {
		if what == "from before" {
			before = n
			continue
		}
		in += n
	}
	left := counts(m[3])
	for _, n := range left {
		out += n
	}
	if _, said := left["paused"]; !said {
		out += c.paused // the sentence about all that are paused says it
	}
	if in+before != need {
		c.fault("%d came and %d from before are not %d", in, before, need)
	}
	if c.last+in-out != need {
		c.fault("%d yesterday, %d in, %d out are not %d", c.last, in, out, need)
	}
	c.last = need
	return need
}

// table checks that the rows add up to what the heading says.
func (c *court) table(need int, p *page) {
	var sums [3]int
	for _, r := range p.rows {
		for i, n := range r[:min(len(r), 3)] {
			sums[i] += n
		}
	}
	if need > 0 && sums[0] != need {
		c.fault("the rows add up to %d, the heading says %d", sums[0], need)
	}
	if m := needed.FindStringSubmatch(p.top); m != nil && m[2] != "" {
		if n := counts(m[2])["new"]; sums[1] != n {
			c.fault("the rows add up to %d new, the heading says %d", sums[1], n)
		}
	}
	if n, ok := p.find(`FIXED (\d+):`); ok && sums[2] != n || !ok && sums[2] != 0 {
		c.fault("the rows add up to %d fixed, the page says %d", sums[2], n)
	}
}

var money = regexp.MustCompile(`\$([\d,.]+)(k|M)?`)

// dollars reads the first amount of s, and how far it may be rounded.
func dollars(s string) (v, round float64) {
	m := money.FindStringSubmatch(s)
	if m == nil {
		return 0, 0
	}
	if _, err := fmt.Sscan(strings.ReplaceAll(m[1], ",", ""), &v); err != nil {
		return 0, 0
	}
	unit := map[string]float64{"": 1, "k": 1e3, "M": 1e6}[m[2]]
	round = unit
	if _, fraction, ok := strings.Cut(m[1], "."); ok {
		for range fraction {
			round /= 10
		}
	}
	return v * unit, round
}

// commit checks that the parts of the commit add up as they are printed, and that the whole
// is what the CRMs hold.
func (c *court) commit(deals map[string]*deal, today time.Time, p *page) {
	_, line, ok := strings.Cut(p.top, "Commit to ")
	if !ok {
		c.fault("there is no commit line")
		return
	}
	line, _, _ = strings.Cut(line, " Deals in order:")
	line, doubts, _ := strings.Cut(line, " In doubt ")
	line, since, _ := strings.Cut(line, " Since ")
	whole, parts, ok := strings.Cut(line, " = ")
	total, round := dollars(whole)
	if ok {
		sum := 0.0
		for part := range strings.SplitSeq(parts, " + ") {
			v, _ := dollars(part)
			sum += v
		}
		if diff := sum - total; diff > 1 || diff < -1 {
			c.fault("the parts of the commit add up to $%.0f, not $%.0f", sum, total)
		}
	}
	c.bridge("the commit", since, c.total, total)
	c.total = total
	in := 0.0
	if m := inDoubt.FindStringSubmatch(parts); m != nil {
		in, _ = dollars(m[1])
	}
	c.bridge("the doubt", doubts, c.doubt, in)
	if doubts == "" && c.heard && in != c.doubt {
		c.fault("$%.0f of the commit is in doubt after $%.0f, and the page does not say how", in, c.doubt)
	}
	c.doubt, c.heard = in, true
	end := time.Date(today.Year(), (today.Month()-1)/3*3+4, 0, 0, 0, 0, 0, time.UTC)
	held := 0.0
	for _, d := range deals {
		if d.commit && !d.closes.IsZero() && !d.closes.After(end) {
			held += d.amount
		}
	}
	if diff := held - total; diff > round || diff < -round {
		c.fault("the commit is $%.0f in the CRMs, and $%.0f on the page", held, total)
	}
}

// step is a number of a sum, with its sign.
var step = regexp.MustCompile(`([+−])? ?(\$[\d,.]+[kM]?)`)

// inDoubt is the part of the commit that is in doubt.
var inDoubt = regexp.MustCompile(`(\$[\d,.]+[kM]?) in doubt`)

// bridge checks that the way from a number of the page before to today's adds up, and begins
// and ends with what the pages say.
func (c *court) bridge(what, line string, before, total float64) {
	way, end, ok := strings.Cut(line, " = ")
	if !ok {
		return // no deal made it another one
	}
	sum, first := 0.0, 0.0
	for i, m := range step.FindAllStringSubmatch(way, -1) {
		v, _ := dollars(m[2])
		if i == 0 {
			first = v
		}
		if m[1] == "−" {
			v = -v
		}
		sum += v
	}
	to, _ := dollars(end)
	if diff := sum - to; diff > 1 || diff < -1 {
		c.fault("the way to %s of today adds up to $%.0f, not $%.0f", what, sum, to)
	}
	if to != total {
		c.fault("the way to %s of today ends with $%.0f, and it is $%.0f", what, to, total)
	}
	if before != first {
		c.fault("the way to %s of today begins with $%.0f, and the page before said $%.0f", what, first, before)
	}
}

// due checks that commit deals which close within a week or should have closed are on the
// page, before all else.
func (c *court) due(needs map[string]*deal, at map[*deal]int, today time.Time, p *page) {
	lastDue, firstOther := 0, len(p.items)+1
	for _, d := range needs {
		n := at[d]
		switch w := d.worst(); {
		case d.soon(today) && (w == "high" || w == "medium"):
			if n == 0 && !strings.Contains(p.top, d.name) {
				c.fault("%s, $%.0fk in the commit, closes %s and is not on the page", d.name, d.amount/1000, d.closes.Format("2 Jan"))
			}
			lastDue = max(lastDue, n)
		case n > 0:
			firstOther = min(firstOther, n)
		}
	}
	if lastDue > firstOther {
		c.fault("number %d closes this week or should have, and stands after number %d, which does not", lastDue, firstOther)
	}
}

// rest checks what the page says of the deals without a number: how many are due, how many of
// the others are high, and how many are not. Each is in one of these numbers.
func (c *court) rest(needs map[string]*deal, at map[*deal]int, today time.Time, p *page) {
	rest, high, due, sum := 0, 0, 0, 0.0
	for _, d := range needs {
		if at[d] > 0 {
			continue
		}
		if w := d.worst(); d.soon(today) && (w == "high" || w == "medium") {
			due++
			continue // counted in a sentence of its own, and looked for by due
		}
		rest++
		if d.worst() == "high" {
			high++
			sum += d.amount
		}
		if !slices.ContainsFunc(p.groups, func(g group) bool {
			return slices.ContainsFunc(g.lines, func(l string) bool { return named(needs, l) == d })
		}) {
			c.fault("%s needs an update and is nowhere on the page", d.name)
		}
	}
	c.waiting = high
	if said, _ := p.find(`(\d[\d,]*) more(?:, [^ ]+,)? (?:is|are) in the commit and close`); said != due {
		c.fault("%d deals that close this week or should have closed have no number, and the page says %d", due, said)
	}
	said, _ := p.find(`(\d[\d,]*) also high`)
	if said != high {
		c.fault("%d high deals have no number, and the page says %d", high, said)
	}
	if _, worth, _ := strings.Cut(p.top, " also high, "); high > 0 {
		worth, _, _ = strings.Cut(worth, " wait")
		if v, round := dollars(worth); !strings.Contains(worth, " and ") && (v-sum > round || sum-v > round) {
			c.fault("the high deals without a number are worth $%.0f, and the page says $%.0f", sum, v)
		}
	}
	others := 0
	for _, pattern := range []string{`(\d[\d,]*)(?: more)?(?:, none high,)? (?:is|are) with (?:the|their) owner`, `(\d[\d,]*)(?: more)?(?:, none high,)? (?:is|are) without an active owner`} {
		n, _ := p.find(pattern)
		others += n
	}
	if high+others != rest {
		c.fault("%d deals have no number, and the page says %d and %d", rest, high, others)
	}
	if high > 0 && strings.Contains(p.top, "none high") {
		c.fault("%d high deals have no number, and the page says that none is high", high)
	}
}

// turns checks that whoever is high gets a number within five mornings, unless all numbers
// of these mornings went to others that are high or due.
func (c *court) turns(needs map[string]*deal, at map[*deal]int, today time.Time) {
	waits := map[string]int{}
	c.late = 0
	spare := false
	for k, d := range needs {
		if d.worst() == "high" && at[d] == 0 {
			waits[k] = c.waits[k] + 1
			if waits[k] >= 5 {
				c.late++
			}
		}
		spare = spare || at[d] > 0 && d.worst() != "high" && !d.soon(today) && !d.left
	}
	c.waits = waits
	c.spare = append(c.spare, spare)
	for k, n := range waits {
		if n >= 5 && slices.Contains(c.spare[max(len(c.spare)-5, 0):], true) {
			c.fault("%s ($%.0fk) has been high for %d mornings without a number, and numbers went to what is neither high nor due", needs[k].name, needs[k].amount/1000, n)
		}
	}
}

// hogs checks that no deal has a number on each morning while another has none: one that is
// not due and whose owner is there on four mornings in a row, on all of which the same other
// deal, at least as severe, had none.
func (c *court) hogs(needs map[string]*deal, at map[*deal]int, today time.Time) {
	const most = 4
	rows := map[string]int{}  // below 0: mornings without
	least := map[string]int{} // by severity
	for k, d := range needs {
		w := d.worst()
		switch was := c.rows[k]; {
		case at[d] > 0 && (d.soon(today) || d.left): // it has to have one
		case at[d] > 0:
			rows[k] = max(was, 0) + 1
		case w == "high" || w == "medium":
			rows[k] = min(was, 0) - 1
			least[w] = min(least[w], rows[k])
		}
	}
	c.rows = rows
	for k, n := range rows {
		d := needs[k]
		longest := least["high"]
		if d.worst() != "high" {
			longest = min(longest, least["medium"])
		}
		if n >= most && longest <= -most {
			c.fault("%s has had a number on %d mornings in a row, and another deal had none", d.name, n)
		}
	}
}
