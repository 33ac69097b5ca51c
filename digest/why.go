package digest

import (
	"cmp"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Reasoned is one line that a digest gave a number, or could have given one, and why it
// stands where it stands.
type Reasoned struct {
	Number int         // 0 is no number today
	Name   string      // of the deal, or of what is told as one line: "12 deals of owners who have left"
	Deals  [][2]string // source and record
	Reason string      // why it has a number today, or why it has none
	Place  string      // the place in words: "high; in the commit; closes in 2 days"
	Sum    string      // the place in points: "severity 200 + commit 60 = 260"
}

// Why explains the list of the digest that [Compose] writes of the same input: the lines
// with a number in their order, then those without one by rank. A kind that does not list what
// needs an update has nothing to explain.
func Why(in Input) []Reasoned {
	kind := kindOf(in.For)
	if !kind.Lists {
		return nil
	}
	b := newBrief(&in, kind.Own)
	var out []Reasoned
	for i, it := range b.list.items {
		out = append(out, b.reasoned(it, i+1))
	}
	rest := slices.DeleteFunc(items(b.book.needs, b.book.old, b.own, b.wall.today), func(it item) bool { return b.list.number[it.deals[0]] > 0 })
	slices.SortStableFunc(rest, func(x, y item) int {
		return cmp.Compare(b.ranking.place(y.deals).Points, b.ranking.place(x.deals).Points)
	})
	for _, it := range rest {
		out = append(out, b.reasoned(it, 0))
	}
	return out
}

func (b *brief) reasoned(it item, number int) Reasoned {
	place := b.ranking.place(it.deals)
	r := Reasoned{Number: number, Name: it.name(), Reason: string(it.reason), Place: place.String(), Sum: place.Sum()}
	if number == 0 {
		r.Reason = b.without(it)
	}
	for _, d := range it.deals {
		r.Deals = append(r.Deals, [2]string{d.source, d.record})
	}
	return r
}

// name is what the line is about.
func (it item) name() string {
	n := words.Count(len(it.deals), "deal", "deals")
	switch {
	case it.kind == leavers:
		return n + " of owners who have left"
	case it.kind == leaver && len(it.deals) > 1:
		return n + " of an owner who has left"
	case it.kind == imported:
		return n + ", created at once"
	}
	return nameOf(it.deals[0])[0].Text
}

// without says why a line has no number today.
func (b *brief) without(it item) string {
	l := b.ranking.line(it, b.wall.first())
	switch last := lastNumbered(it.deals, b.wall.today); {
	case l.Severity < hygiene.Medium && !b.own:
		return "low, and a manager's numbers are for medium and high"
	case l.Due:
		return "the list has no room for more of the commit, so a line under it names the deal"
	case !last.IsZero() && !l.Rested():
		return "had a number on " + words.Day(last, b.wall.today) + ", and rests while others wait"
	case l.Old:
		return "from before the start, and waits for a number that is free for these"
	}
	return "the numbers went to others today, and it waits for its turn"
}

// lastNumbered is the last day before today on which one of the deals had a number, zero
// for none.
func lastNumbered(ds []*deal, today crm.Date) (last crm.Date) {
	for _, d := range ds {
		last = max(last, d.numbered(today))
	}
	return last
}
