package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/digest/rank"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Attention is how many numbered lines a reader gets a day, and what weighs most for
// them. A zero is the default.
type Attention struct {
	Managers, Reps int
	First          rank.First
}

// The defaults: people put off a longer list as a whole.
const (
	ManagerNumbers = 6
	RepNumbers     = 5
)

// budget is what one digest may number. What is from before the start leaves at least half of
// it to the news.
func (a Attention) budget(own bool) attention.Budget {
	if own {
		n := cmp.Or(a.Reps, RepNumbers)
		return attention.Budget{Numbers: n, Old: min(1, n/2), Low: true}
	}
	n := cmp.Or(a.Managers, ManagerNumbers)
	return attention.Budget{Numbers: n, Old: min(2, n/2)}
}

// item is one line that may get a number: a deal, or several that are told as one.
type item struct {
	deals  []*deal
	kind   itemKind
	reason attention.Reason
}

type itemKind byte

const (
	single   itemKind = iota
	leaver            // the deals of an owner who has left
	leavers           // the deals of several
	imported          // created at once
)

const (
	mostLeavers = 3 // lines for owners who have left; of more there is one line
)

// items gathers the deals into lines.
func items(needs, old []*deal, own bool, today crm.Date) []item {
	var out []item
	at := map[person]int{}
	of := imports(needs, today)
	inBulk := map[int]int{}
	for _, d := range slices.Concat(needs, old) {
		left := d.inactive() != nil && !own
		b, ok := of[d]
		ok = ok && !left
		switch i, have := 0, false; {
		case left:
			if i, have = at[personOf(d)]; !have {
				at[personOf(d)] = len(out)
				out = append(out, item{kind: leaver, deals: []*deal{d}})
			} else {
				out[i].deals = append(out[i].deals, d)
			}
		case ok:
			if i, have = inBulk[b]; !have {
				inBulk[b] = len(out)
				out = append(out, item{kind: imported, deals: []*deal{d}})
			} else {
				out[i].deals = append(out[i].deals, d)
			}
		default:
			out = append(out, item{deals: []*deal{d}})
		}
	}
	if len(at) <= mostLeavers {
		return out
	}
	all := item{kind: leavers}
	for _, it := range out {
		if it.kind == leaver {
			all.deals = append(all.deals, it.deals...)
		}
	}
	return append(slices.DeleteFunc(out, func(it item) bool { return it.kind == leaver }), all)
}

// line is what there is to weigh of an item.
func (r *ranking) line(it item, first bool) attention.Line {
	s := r.stakes(it.deals)
	l := attention.Line{
		Points: r.place(it.deals).Points, Severity: s.Severity, Due: s.Urgent && it.kind == single, Commit: s.Commit,
		Left: it.kind == leaver || it.kind == leavers, Bulk: it.kind == imported, Numbered: s.Numbered, Idle: s.Idle,
	}
	for _, d := range it.deals {
		if e := d.event(); e != attention.None && l.Event != attention.New && !first {
			l.Event = e
		}
		l.Old = l.Old || d.class == Old
		if d.told != nil {
			l.Told = true
			l.Times = max(l.Times, d.told.Times)
			l.Since = max(l.Since, r.daysSince(d.told.Since))
			l.Decided = max(l.Decided, r.decided(d))
		}
		if d.severity() == hygiene.High {
			l.Waits = max(l.Waits, r.waits(d))
		}
	}
	return l
}

// decided is how many business days ago a digest asked for a decision about the deal, 0 for
// never. Another edition of today's digest asks as the first one did.
func (r *ranking) decided(d *deal) int {
	if d.told.Decided >= r.wall.today {
		return attention.Weekly
	}
	return r.daysSince(d.told.Decided)
}

// daysSince are the business days since a day, 0 for none.
func (r *ranking) daysSince(day crm.Date) int {
	if day.IsZero() {
		return 0
	}
	return r.wall.cal.Between(day, r.wall.today)
}

// waits is for how many business days the deal has been high without a number. One that
// becomes high today has waited for none, however long ago it had one.
func (r *ranking) waits(d *deal) int {
	if d.told == nil || d.told.High.IsZero() {
		return 0
	}
	n := r.wall.cal.Between(d.told.High, r.wall.today)
	if last := d.numbered(r.wall.today); !last.IsZero() {
		n = min(n, r.wall.cal.Between(last, r.wall.today)-1)
	}
	return n
}

// asked writes the line of an item, with what happened to the deal where its status does not
// say it.
// beside is set where the list has deals of both counts: only there a line has to say in
// which it is, since the title says so of all others.
func (x *wording) asked(it item, own, beside bool) Line {
	switch it.kind {
	case leavers:
		return x.leavers(it.deals)
	case imported:
		return x.imported(it.deals)
	case leaver:
		if len(it.deals) > 1 {
			return x.owner(it.deals)
		}
	}
	d := it.deals[0]
	line := x.full(d)
	if own {
		line = x.own(d)
	}
	if it.reason == attention.Start && beside && d.came != arrived {
		status := d.begun()
		if d.came == woke || d.woke != nil { // why the deal is asked about again today
			status = d.wokeWords(x.wall) + " " + status
		}
		line = restated(line, status)
	}
	said := x.happened(d)
	for i := range line {
		switch s := &line[i]; {
		case s.Role == Reason && said != "":
			s.Text = words.Sentence(strings.TrimSuffix(s.Text, ".") + "; " + said)
		case s.Role == Advice && it.reason == attention.Decide:
			if s.Text = " → " + decision; d.entryOnly() {
				s.Text = strings.TrimSuffix(s.Text, decision) + strings.TrimSuffix(x.advice(d), ".") + entryDecision
			}
		}
	}
	return line
}

// restated puts another status into a line.
func restated(line Line, status string) Line {
	out := slices.DeleteFunc(line, func(s Span) bool { return s.Role == Status })
	i := slices.IndexFunc(out, func(s Span) bool { return s.Role == Advice })
	if i < 0 {
		i = len(out)
	}
	return slices.Insert(out, i, Span{Text: " " + status, Role: Status})
}

// decision is the advice for what was asked for often enough.
const decision = "Decide: lost, nurture, a stage back, a new date with evidence, or keep it with a named step."

// entryDecision follows the advice of a deal that only an entry settles: a decision alone would
// leave the entry as it is.
const entryDecision = ", or decide: lost, nurture, or a stage back."

// entryOnly reports whether all that is wrong with the deal is that something is not written down.
func (d *deal) entryOnly() bool {
	return !slices.ContainsFunc(d.open, func(l *hygiene.Life) bool {
		return !slices.Contains([]string{hygiene.AmountMissing, hygiene.CloseDateMissing, hygiene.NoContact, hygiene.StageExitCriteriaMissing}, l.Rule)
	})
}

// leavers is one line for the deals of many owners who have left.
func (x *wording) leavers(ds []*deal) Line {
	who := map[person]bool{}
	for _, d := range ds {
		who[personOf(d)] = true
	}
	head := words.Count(len(ds), "deal", "deals") + x.worthWords(ds)
	line := Line{{Text: head, Bold: true}, {Text: ", " + words.Number(len(who)) + " owners deactivated (" + x.ownersOf(ds) + ")" + x.dueOf(ds) + ".", Role: Reason}}
	if fix := advice([]*hygiene.Life{ds[0].inactive()}); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// worthWords write the sum of the deals' amounts after a comma, "" for none.
func (x *wording) worthWords(ds []*deal) string {
	worth := words.Purse{}
	for _, d := range ds {
		if d.facts.Amount.Known {
			x.sources.money.add(worth, d.source, d.facts.Currency, words.Printed(d.facts.Amount.Value)) // a reader adds what the list says
		}
	}
	unread := unreadAmounts(ds)
	if w := x.sources.money.list(worth); w != "" {
		return ", " + w + unread
	}
	return unread
}
