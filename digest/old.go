package digest

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
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
	w := " " + words.Count(t.old, "deal", "deals") + ", counted apart" + b.oldMoves()
	line := Line{head, {Text: w + "."}}
	per := " " + words.Number(b.in.BacklogPerWeek) + " per rep and week: "
	if b.own {
		per = strings.Replace(per, "per rep and", "per", 1)
	}
	return append(line, Span{Text: per}, Span{Text: "listed below", Role: Where}, Span{Text: "."})
}

// oldMoves say what came to the deals from before the start since the last digest, and
// what became of others.
func (b *brief) oldMoves() string {
	f := &b.book.tally.apart
	if b.wall.first() || !f.moved() {
		return ""
	}
	said := f.outWords(b.own, "in "+todaysList)
	return "; since " + b.wall.since + " " + strings.Join(append(said, f.inWords(b.own, todaysList)...), ", ")
}

// oldSections list this week's share of the deals from before the start, by rep.
func (b *brief) oldSections() []Section {
	people := b.wording.people
	var order []person
	groups := map[person][]*deal{}
	for _, d := range b.book.old {
		who := personOf(d)
		if _, ok := groups[who]; !ok {
			order = append(order, who)
		}
		groups[who] = append(groups[who], d)
	}
	slices.SortStableFunc(order, func(x, y person) int {
		return cmp.Compare(strings.ToLower(people.short(x)), strings.ToLower(people.short(y)))
	})
	var out []Section
	lines := 0
	for i, who := range order {
		all := groups[who]
		these := turn(all, b.in.BacklogPerWeek, b.wall.week())
		these = these[:min(len(these), max(maxReplies-lines, 0))]
		if len(these) == 0 {
			rest := 0
			for _, who := range order[i:] {
				rest += len(groups[who])
			}
			return append(out, Section{Title: "From before the start: " + words.Number(rest) + " more", Lines: []Line{text("Not listed here.")}})
		}
		lines += len(these)
		title := "From before the start, this week"
		if !b.own {
			title = people.short(who) + ", from before the start, this week"
		}
		s := Section{Title: title + ": " + words.Number(len(these)) + " of " + words.Number(len(all))}
		for _, d := range these {
			s.Lines = append(s.Lines, b.wording.short(d))
		}
		out = append(out, s)
	}
	return out
}

// turn picks at most n of the deals for the round, in the given order. Deals stand in
// a circle, ordered by a hash of their keys, and each round begins at another place
// of the circle, so the rounds reach every deal. When a deal is fixed, another takes
// its place, and most of the listed deals are the same as before.
func turn(ds []*deal, n, round int) []*deal {
	if len(ds) <= n {
		return ds
	}
	place := make(map[*deal]uint64, len(ds))
	for _, d := range ds {
		h := fnv.New64a()
		_, _ = h.Write([]byte(d.source + "\x00" + d.record))
		place[d] = mix(h.Sum64())
	}
	circle := slices.Clone(ds)
	slices.SortStableFunc(circle, func(a, b *deal) int { return cmp.Compare(place[a], place[b]) })
	_, start := math.Modf(float64(round) * math.Phi) // multiples of the golden ratio spread evenly
	first := int(start * float64(len(circle)))
	chosen := map[*deal]bool{}
	for i := range n {
		chosen[circle[(first+i)%len(circle)]] = true
	}
	return slices.DeleteFunc(slices.Clone(ds), func(d *deal) bool { return !chosen[d] })
}

// mix spreads hashes of keys that differ in their last characters only.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}
