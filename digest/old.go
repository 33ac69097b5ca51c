package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// oldLine counts the deals from before the start. These deals are in no other count,
// so the first digests do not blame readers for everybody's past.
func (b *brief) oldLine() Line {
	t := &b.book.tally
	head := Span{Text: "From before the start:", Bold: true}
	switch {
	case t.old == 0 && !t.apart.moved():
		return nil
	case t.old == 0:
		return Line{head, {Text: " none any more" + b.oldMoves() + "."}}
	}
	if slices.ContainsFunc(b.book.old, (*deal).newly) {
		head.Text = "From before the start, or newly checked:"
	}
	w := " " + words.Count(t.old, "deal", "deals") + ", counted apart" + b.oldHigh() + b.oldMoves()
	line := Line{head, {Text: w + "."}}
	if _, listed := b.oldShare(); len(listed) == 0 {
		return line // each has a number, or there is no room for any
	}
	per := " " + words.Number(b.in.BacklogPerWeek) + " per rep and week, the largest first: "
	if b.own {
		per = strings.Replace(per, "per rep and", "per", 1)
	}
	return append(line, Span{Text: per}, Span{Text: "listed below", Role: Where}, Span{Text: "."})
}

// waiting are the high ones from before the start that have no number today.
func (b *brief) waiting() []*deal {
	return slices.DeleteFunc(slices.Clone(b.book.old), func(d *deal) bool { return d.severity() < hygiene.High || b.list.number[d] > 0 })
}

// oldHigh counts what is high from before the start and has no number today, with its money.
func (b *brief) oldHigh() string {
	high := b.waiting()
	n := len(high)
	if n == 0 {
		return ""
	}
	worth := b.wording.worthWords(high)
	if worth != "" {
		worth += ","
	}
	return "; " + words.Number(n) + " of them high" + worth + words.Plural(n, " waits for a number", " wait for a number")
}

// oldWaits says in a subject what oldHigh says in the list. Which deals these are is said
// before, or in which.
func (b *brief) oldWaits(which string) []string {
	high := b.waiting()
	if len(high) == 0 {
		return nil
	}
	return []string{words.Number(len(high)) + " high" + which + words.Plural(len(high), " waits", " wait")}
}

// oldNews names the largest of the deals from before the start for a subject: the largest of
// those that the list shows, where it shows any.
func (b *brief) oldNews() []string {
	n := b.book.tally.old
	var most *deal
	largest := 0.0
	shown := func(d *deal) bool { return b.list.number[d] > 0 }
	some := slices.ContainsFunc(b.book.old, shown)
	for _, d := range b.book.old {
		if some && !shown(d) {
			continue
		}
		if v, ok := b.sources.money.worth(d.source, &d.facts); ok && v > largest {
			most, largest = d, v
		}
	}
	switch {
	case n == 0:
		return nil
	case most == nil:
		return append([]string{words.Number(n) + " from before the start"}, b.oldWaits("")...)
	case n == 1:
		return []string{b.wording.amount(most) + " from before the start"}
	}
	return append([]string{b.wording.amount(most) + " and " + words.Number(n-1) + " more from before the start"}, b.oldWaits("")...)
}

// oldMoves say what came to the deals from before the start since the last digest, and
// what became of others.
func (b *brief) oldMoves() string {
	f := &b.book.tally.apart
	if b.wall.first() || !f.moved() {
		return ""
	}
	said := f.outWords(b.own, "now for today")
	return "; since " + b.wall.since + " " + strings.Join(append(said, f.inWords(b.own, "no longer for today")...), ", ")
}

// oldSections list this week's share of the deals from before the start, by rep.
func (b *brief) oldSections() []Section {
	sections, _ := b.oldShare()
	return sections
}

// oldShare is oldSections with the deals that are listed.
func (b *brief) oldShare() (out []Section, listed map[*deal]bool) {
	listed = map[*deal]bool{}
	people := b.wording.people
	var order []person
	groups := map[person][]*deal{}
	for _, d := range b.book.old {
		if b.list.number[d] > 0 {
			continue
		}
		who := personOf(d)
		if _, ok := groups[who]; !ok {
			order = append(order, who)
		}
		groups[who] = append(groups[who], d)
	}
	slices.SortStableFunc(order, func(x, y person) int {
		return cmp.Compare(strings.ToLower(people.short(x)), strings.ToLower(people.short(y)))
	})
	lines := 0
	for i, who := range order {
		all := groups[who]
		these := weekly(all, b.in.BacklogPerWeek, b.wall.monday())
		these = these[:min(len(these), max(maxReplies-lines, 0))]
		if len(these) == 0 {
			rest := 0
			for _, who := range order[i:] {
				rest += len(groups[who])
			}
			return append(out, Section{Title: "From before the start: " + words.Number(rest) + " more", Lines: []Line{text("Not listed here.")}}), listed
		}
		lines += len(these)
		title := "From before the start, this week"
		if !b.own {
			title = people.short(who) + ", from before the start, this week"
		}
		s := Section{Title: title + ": " + words.Number(len(these)) + " of " + words.Number(len(all))}
		for _, d := range these {
			s.Lines = append(s.Lines, b.wording.short(d))
			listed[d] = true
		}
		out = append(out, s)
	}
	return out, listed
}

// weekly picks at most n of the deals, which are in order of rank, for a week. Those that
// were listed this week stay, so the list is calm and another deal takes the place of one
// that was fixed; then come those that were never listed, and then those whose turn is
// longest ago.
func weekly(ds []*deal, n int, monday crm.Date) []*deal {
	if len(ds) <= n {
		return ds
	}
	listed := func(d *deal) crm.Date {
		if d.told == nil {
			return 0
		}
		return d.told.Listed
	}
	order := slices.Clone(ds)
	slices.SortStableFunc(order, func(a, b *deal) int {
		return cmp.Or(falseFirst(listed(b) >= monday, listed(a) >= monday), cmp.Compare(listed(a), listed(b)))
	})
	chosen := map[*deal]bool{}
	for _, d := range order[:n] {
		chosen[d] = true
	}
	return slices.DeleteFunc(slices.Clone(ds), func(d *deal) bool { return !chosen[d] })
}
