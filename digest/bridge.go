package digest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// ToldCommit is the commit as a digest told it: the deals that its total was made of.
type ToldCommit struct {
	Until crm.Date         `json:"q"` // the last day of the quarter
	Deals []ToldCommitment `json:"d"`
	Doubt *ToldDoubt       `json:"b,omitempty"` // nil where nobody noted it
}

// ToldDoubt is what was in doubt of the commit.
type ToldDoubt struct {
	Said  string           `json:"s,omitempty"` // what they are worth, in the words of the digest
	Deals []ToldCommitment `json:"d,omitempty"` // with their values as a reader adds them up
}

// ToldCommitment is one of these deals.
type ToldCommitment struct {
	Source   string   `json:"s"`
	Record   string   `json:"r"`
	Name     string   `json:"n,omitempty"`
	Value    float64  `json:"v,omitempty"` // as it was added up, in Code; 0 is none
	Code     string   `json:"u,omitempty"`
	Amount   float64  `json:"a,omitempty"` // in Currency, its own
	Currency string   `json:"o,omitempty"`
	Closes   crm.Date `json:"c,omitempty"`
}

// way is how a deal made the total of the commit another one.
type way byte

const (
	entered way = iota
	cameOver
	resumed
	settled
	larger
	smaller
	remeasured
	converted
	wonAway
	lostAway
	later
	recast
	gaveAway
	vanished
	undated
	unread
	withheld
	unsettled
	doubted
	cleared
	unsure
	ways
)

// waysSaid are their words, and what they mean, as docs/digests.md prints them. In the line
// they stand in this order.
var waysSaid = [ways]struct{ said, doc string }{
	entered:    {"new in commit", "The deal was put into the commit, or its close date into the quarter."},
	cameOver:   {"from other teams", "Another team had it in its commit."},
	resumed:    {"in sight again", "It could not be seen when the last digest was sent: its source was withheld."},
	settled:    {"counted by a setting", "Other forecast categories count as commit. That is nobody's work."},
	larger:     {"by larger amounts", "The deal was in the commit on both days."},
	smaller:    {"by smaller amounts", "The same."},
	remeasured: {"by another field of the amount", "A setting has the amount from elsewhere."},
	converted:  {"by exchange rates", "The amount is the same in its own currency."},
	wonAway:    {"closed won", "A commit is of open deals."},
	lostAway:   {"lost", "Closed without being won."},
	later:      {"moved to January", "It closes after the quarter now."},
	recast:     {"out of the commit", "It is open, in another forecast category."},
	gaveAway:   {"moved to other teams", "It is another team's now."},
	vanished:   {"gone from view", "It was deleted or merged, or the login can no longer see it."},
	undated:    {"without a close date", "No quarter has it."},
	unread:     {"not readable", "Whether it is in the commit, or its amount, could not be read today."},
	withheld:   {"withheld", "The findings of its source are withheld."},
	unsettled:  {"no longer counted by a setting", "The same as counted by a setting, the other way round."},
	doubted:    {"newly in doubt", "Of what is in doubt: the deal was in the commit, and has a finding of severity high now, or is parked."},
	cleared:    {"no longer in doubt", "The same, the other way round: no finding of severity high is open."},
	unsure:     {"not judged", "Of what is in doubt: whether it still is could not be judged today."},
}

// step is what one deal made of the total.
type step struct {
	way   way
	name  string
	url   string
	value float64 // signed
	code  string  // of value
	month crm.Date
}

// standing is a deal of today's commit, as it is added up.
type standing struct {
	source string
	*hygiene.Commitment
	value float64
	code  string
}

// standings are the deals of the team's commit today. They are not known where the ledger
// of a source does not agree with its sums: it is of an earlier version, or was too long.
func (p *portfolio) standings() (out []standing, known bool) {
	for i := range p.current {
		s := &p.current[i]
		for j := range s.Committed {
			c := &s.Committed[j]
			if c.Team != p.team || !c.Left.IsZero() {
				continue
			}
			x := standing{source: s.Source, Commitment: c}
			if v := c.Worth(); v != 0 {
				x.code, x.value = p.sources.money.converted(s.Source, c.Currency, v)
			}
			out = append(out, x)
		}
	}
	total, _, deals := p.commit(p.current)
	for _, x := range out {
		if x.value != 0 {
			total[x.code] -= x.value
		}
	}
	known = deals == len(out)
	for _, v := range total {
		known = known && math.Abs(v) < 0.5
	}
	return out, known
}

// toldCommit is what the digest told of the commit, nil where its deals are not known.
func (b *brief) toldCommit() *ToldCommit {
	deals, known := b.portfolio.standings()
	if b.own || !known {
		return nil
	}
	c := newCommitment(b)
	t := &ToldCommit{Until: b.portfolio.quarter, Doubt: &ToldDoubt{c.share(doubt), b.inDoubt()}}
	for _, x := range deals {
		t.Deals = append(t.Deals, ToldCommitment{
			Source: x.source, Record: x.Record, Name: plain.Clip(x.Name, 60), Value: x.value, Code: x.code, Amount: x.Worth(), Currency: b.sources.money.own(x.source, x.Currency), Closes: x.CloseDate,
		})
	}
	slices.SortFunc(t.Deals, func(a, b ToldCommitment) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Record, b.Record))
	})
	return t
}

// steps are what made the total of the last digest today's. They are not known for a first
// digest, for another quarter, and where the deals of one of the days are not.
func (b *brief) steps() (was words.Purse, out []step, known bool) {
	deals, known := b.portfolio.standings()
	if !known || b.own || b.wall.first() || b.in.Told == nil || b.in.Told.Commit == nil || b.in.Told.Commit.Until != b.portfolio.quarter {
		return nil, nil, false
	}
	was = words.Purse{}
	told := map[[2]string]*ToldCommitment{}
	for i := range b.in.Told.Commit.Deals {
		t := &b.in.Told.Commit.Deals[i]
		told[[2]string{t.Source, t.Record}] = t
		if t.Value != 0 {
			was[t.Code] += t.Value
		}
	}
	for _, x := range deals {
		key := [2]string{x.source, x.Record}
		t := told[key]
		delete(told, key)
		name, url := plain.Clip(x.Name, 60), x.URL
		switch {
		case t == nil && x.value != 0:
			out = append(out, step{way: b.came(&x), name: name, url: url, value: x.value, code: x.code})
		case t == nil:
		case t.Code == x.code || t.Value == 0 || x.value == 0:
			if v := x.value - t.Value; v != 0 {
				out = append(out, step{way: b.became(t, &x, v), name: name, url: url, value: v, code: cmp.Or(x.code, t.Code)})
			}
		default: // in another currency: the one sum is less, the other more
			w := b.became(t, &x, 0)
			out = append(out, step{way: w, name: name, value: -t.Value, code: t.Code}, step{way: w, name: name, url: url, value: x.value, code: x.code})
		}
	}
	for i := range b.in.Told.Commit.Deals {
		t := &b.in.Told.Commit.Deals[i]
		if told[[2]string{t.Source, t.Record}] == nil || t.Value == 0 {
			continue
		}
		s := step{way: vanished, name: t.Name, value: -t.Value, code: t.Code}
		if c := b.portfolio.commitment(t.Source, t.Record); !b.sources.judged(t.Source) {
			s.way = withheld
		} else if c != nil {
			s.url, s.month = c.URL, c.CloseDate
			s.way = b.went(t.Source, c)
		}
		out = append(out, s)
	}
	return was, out, true
}

// came says how a deal came into the commit that the last digest did not have there.
func (b *brief) came(x *standing) way {
	switch last := b.wall.last; {
	case slices.Contains(b.in.Told.Withheld, x.source):
		return resumed
	case b.setting(InCommit, x.source):
		return settled
	case !x.Moved.IsZero() && x.Moved.After(last) && !x.Since.After(last):
		return cameOver
	}
	return entered
}

// became says why a deal of both days has another value.
func (b *brief) became(t *ToldCommitment, x *standing, more float64) way {
	same := t.Amount == x.Worth() && t.Currency == b.sources.money.own(x.source, x.Currency)
	switch {
	case same:
		return converted
	case b.setting(Amount, x.source):
		return remeasured
	case x.Worth() == 0 && !x.Amount.Known:
		return unread
	case more < 0:
		return smaller
	}
	return larger
}

// went says how a deal left the team's commit.
func (b *brief) went(source string, c *hygiene.Commitment) way {
	if c.Left.IsZero() {
		return gaveAway // it is in another team's
	}
	switch c.How {
	case hygiene.ExitWon:
		return wonAway
	case hygiene.ExitLost:
		return lostAway
	case hygiene.ExitUnread:
		return unread
	case hygiene.ExitRecast:
		if b.setting(InCommit, source) {
			return unsettled
		}
		return recast
	case hygiene.ExitUndated:
		return undated
	case hygiene.ExitLater:
		return later
	}
	return vanished
}

// setting reports whether a setting of the source has changed the fact since the last digest.
func (b *brief) setting(f Fact, source string) bool {
	return slices.ContainsFunc(b.in.Changed, func(c Change) bool { return c.Of == f && c.Source == source })
}

// commitment finds what the ledger knows of a deal, nil for nothing.
func (p *portfolio) commitment(source, record string) *hygiene.Commitment {
	for i := range p.current {
		if s := &p.current[i]; s.Source == source {
			if at, ok := slices.BinarySearchFunc(s.Committed, record, func(c hygiene.Commitment, r string) int { return cmp.Compare(c.Record, r) }); ok {
				return &s.Committed[at]
			}
		}
	}
	return nil
}

// namedSteps is how many deals are named of what made the total another one.
const namedSteps = 3

// bridge says what made the total of the commit another one since the last digest, as a sum
// that begins with that total and ends with today's. It is nil where nothing did.
func (b *brief) bridge(c *commitment) Line {
	was, steps, known := b.steps()
	if !known || len(steps) == 0 {
		return nil
	}
	line, _, _ := b.way(c, "Since "+b.wall.since+": ", was, steps, c.total)
	return line
}

// way writes a sum that begins with was and ends with total, and what it begins and ends with.
func (b *brief) way(c *commitment, head string, was words.Purse, steps []step, totals words.Purse) (line Line, begins, ends string) {
	byWay := [ways]words.Purse{}
	all := words.Purse{}
	for i := range steps {
		s := &steps[i]
		if byWay[s.way] == nil {
			byWay[s.way] = words.Purse{}
		}
		byWay[s.way][s.code] += s.value
		all[s.code] = 0
	}
	for code := range was {
		all[code] = 0
	}
	var from, to []string
	said := [ways][2][]string{} // more, less
	for _, code := range c.money.order(all) {
		vs := []float64{was[code]}
		for w := range ways {
			vs = append(vs, byWay[w][code])
		}
		total, of := c.money.sum(totals[code], vs, code)
		from, to = append(from, of[0]), append(to, total)
		for w := range ways {
			switch v := vs[int(w)+1]; {
			case v > 0:
				said[w][0] = append(said[w][0], of[int(w)+1])
			case v < 0:
				said[w][1] = append(said[w][1], unsigned(of[int(w)+1]))
			}
		}
	}
	begins, ends = words.List(from), words.List(to)
	line = text(head + begins)
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(math.Abs(b.value), math.Abs(a.value)) })
	loud := loudest(steps)
	for w := range ways {
		for i, sign := range []string{" + ", " − "} {
			if sums := said[w][i]; len(sums) > 0 {
				line = append(line, Span{Text: sign + words.List(sums) + " " + b.saidOf(w, steps)})
				line = append(line, nameSteps(w, steps, loud)...)
			}
		}
	}
	return append(line, Span{Text: " = " + ends + "."}), begins, ends
}

// unsigned is an amount without its sign, which stands before it as a word does.
func unsigned(s string) string {
	for _, minus := range []string{"-", "−"} {
		if before, after, ok := strings.Cut(s, minus); ok {
			return before + after
		}
	}
	return s
}

// saidOf are the words of a way. What closes later is said with the month where it is one.
func (b *brief) saidOf(w way, steps []step) string {
	if w != later {
		return waysSaid[w].said
	}
	month := crm.Date(0)
	for i := range steps {
		if s := &steps[i]; s.way == later {
			y, m, _ := s.month.Civil()
			if first := crm.NewDate(y, m, 1); month == 0 || month == first {
				month = first
				continue
			}
			return "moved to a later quarter"
		}
	}
	y, m, _ := month.Civil()
	said := "moved to " + m.String()
	if this, now, _ := b.wall.today.Civil(); 12*(y-this)+int(m-now) > 11 {
		said += " " + strconv.Itoa(y)
	}
	return said
}

// loudest are the deals that are named: those that were lost, because what was won is named
// anyway, and else those that changed the total most.
func loudest(steps []step) map[*step]bool {
	var all []*step
	for i := range steps {
		all = append(all, &steps[i])
	}
	slices.SortStableFunc(all, func(a, b *step) int {
		return cmp.Or(falseFirst(a.way != lostAway, b.way != lostAway), cmp.Compare(math.Abs(b.value), math.Abs(a.value)))
	})
	named := map[*step]bool{}
	for _, s := range all[:min(len(all), namedSteps)] {
		named[s] = s.name != ""
	}
	return named
}

// nameSteps says in brackets which deals went one way.
func nameSteps(w way, steps []step, loud map[*step]bool) Line {
	var line Line
	more := 0
	for i := range steps {
		switch s := &steps[i]; {
		case s.way != w:
		case loud[s]:
			lead := ", "
			if len(line) == 0 {
				lead = " ("
			}
			line = append(line, Span{Text: lead}, Span{Text: s.name, URL: s.url})
		default:
			more++
		}
	}
	switch {
	case len(line) == 0:
		return text(" (" + words.Count(more, "deal", "deals") + ")")
	case more > 0:
		line = append(line, Span{Text: " and " + words.Number(more) + " more"})
	}
	return append(line, Span{Text: ")"})
}
