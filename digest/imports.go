package digest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Nobody says which deals are of one import; that so many are created in so short a time is
// no people's work: see also [hygiene.AtOnce].
const (
	quickDay  = time.Hour
	leastADay = 10 // deals that are an import where all of one day were created within an hour
)

// imports numbers the imports, and says of each deal that is told with others which it is of.
// Deals that came to the reader on several days are several imports. What has to be known by
// its name is of none: what is in the commit, and what is high and closes within seven days.
func imports(ds []*deal, today crm.Date) map[*deal]int {
	type batch struct {
		source string
		since  crm.Date // when a digest first told of it
	}
	batches := map[batch][]*deal{}
	var order []batch
	for _, d := range ds {
		if len(d.open) == 0 || d.facts.CreatedAt.IsZero() || d.backlog() {
			continue
		}
		b := batch{d.source, today}
		if d.told != nil && !d.told.Since.IsZero() {
			b.since = d.told.Since
		}
		if batches[b] == nil {
			order = append(order, b)
		}
		batches[b] = append(batches[b], d)
	}
	of := map[*deal]int{}
	n := 0
	for _, b := range order {
		for _, bulk := range bulks(batches[b]) {
			bulk = slices.DeleteFunc(bulk, func(d *deal) bool { return d.named(today) })
			if len(bulk) < 2 {
				continue
			}
			n++
			for _, d := range bulk {
				of[d] = n
			}
		}
	}
	return of
}

// named reports whether a line of many deals must not hide the deal.
func (d *deal) named(today crm.Date) bool {
	closes := d.facts.CloseDate
	return d.facts.Commit || d.severity() == hygiene.High && closes >= today && closes <= today+week
}

// bulks are the deals that were created at once, import by import.
func bulks(ds []*deal) (out [][]*deal) {
	ds = slices.Clone(ds)
	at := func(i int) time.Time { return ds[i].facts.CreatedAt }
	slices.SortStableFunc(ds, func(a, b *deal) int { return a.facts.CreatedAt.Compare(b.facts.CreatedAt) })
	taken := make([]int, len(ds)) // number of the import, 0 is none
	n, first := 0, 0
	for i := range ds {
		for at(i).Sub(at(first)) > hygiene.AtOnce {
			first++
		}
		if i-first+1 < hygiene.ImportFrom {
			continue
		}
		if taken[first] == 0 && (i == 0 || taken[i-1] == 0) {
			n++
		}
		for j := i; j >= first && taken[j] == 0; j-- {
			taken[j] = n
		}
	}
	for i := 0; i < len(ds); {
		j := i
		for j < len(ds) && ds[j].facts.Created == ds[i].facts.Created {
			j++
		}
		if j-i >= leastADay && at(j-1).Sub(at(i)) <= quickDay && !slices.ContainsFunc(taken[i:j], func(k int) bool { return k > 0 }) {
			n++
			for k := i; k < j; k++ {
				taken[k] = n
			}
		}
		i = j
	}
	out = make([][]*deal, n)
	for i, k := range taken {
		if k > 0 {
			out[k-1] = append(out[k-1], ds[i])
		}
	}
	return out
}

// createdOn says on which day, or between which, the deals were created.
func (x *wording) createdOn(ds []*deal) string {
	first, last := ds[0].facts.Created, ds[0].facts.Created
	for _, d := range ds {
		first, last = min(first, d.facts.Created), max(last, d.facts.Created)
	}
	said := words.Day(first, x.wall.farAway())
	if last > first {
		said += " and " + words.Day(last, x.wall.farAway())
	}
	return said
}

// ownersOf names the owners of deals that are told as one, with how many are of each: the
// one who has them all, else those with most.
func (x *wording) ownersOf(ds []*deal) string {
	count := map[string]int{}
	for _, d := range ds {
		if who := personOf(d); who == nobody {
			count[x.people.full(who)]++
		} else {
			count[x.people.short(who)]++
		}
	}
	return tallied(count)
}

// mostTallied is how many names a line of many deals has.
const mostTallied = 3

// tallied lists names with their numbers, the largest first: "Eve", or "Eve 8, Ben 4, Ana 2,
// 2 others 3".
func tallied(count map[string]int) string {
	names := slices.SortedFunc(maps.Keys(count), func(x, y string) int {
		return cmp.Or(cmp.Compare(count[y], count[x]), cmp.Compare(x, y))
	})
	if len(names) == 1 {
		return names[0]
	}
	var said []string
	for i, name := range names {
		if i == mostTallied {
			rest := 0
			for _, name := range names[i:] {
				rest += count[name]
			}
			said = append(said, words.Count(len(names)-i, "other", "others")+" "+words.Number(rest))
			break
		}
		said = append(said, name+" "+words.Number(count[name]))
	}
	return strings.Join(said, ", ")
}

// toWhom says who got deals, at the end of what says how many.
func toWhom(count map[string]int) string {
	if len(count) == 1 {
		return " to " + tallied(count)
	}
	return " (" + tallied(count) + ")"
}

// imported is one line for deals that were created at once. Where they do not all lack the
// same, it has what most lack, and counts all that lack it, whatever else some of them lack.
func (x *wording) imported(ds []*deal) Line {
	lack := map[string][]*deal{}
	var said []string
	for _, d := range ds {
		m := reasons(d.open)
		if lack[m] == nil {
			said = append(said, m)
		}
		lack[m] = append(lack[m], d)
	}
	slices.SortStableFunc(said, func(a, b string) int { return cmp.Compare(len(lack[b]), len(lack[a])) })
	most := said[0]
	of, each := "", "For each"
	if n := lacking(ds, lack[most][0].open); n < len(ds) {
		of, each = " ("+words.Number(n)+" of them)", "For these"
	}
	head := words.Count(len(ds), "deal", "deals") + x.worthWords(ds)
	made := ", created on " + x.createdOn(ds)
	if !x.mine {
		made += ", " + x.ownersOf(ds)
	}
	line := Line{
		{Text: head, Bold: true}, {Text: made + ": "},
		{Text: words.Sentence(most + of), Role: Reason},
	}
	if s := ds[0].status(x); s != "" {
		line = append(line, Span{Text: " " + s, Role: Status})
	}
	if fix := advice(lack[most][0].open); fix != "" {
		line = append(line, Span{Text: " → " + each + ": " + words.LowerFirst(fix), Role: Advice})
	}
	return line
}

// lacking counts the deals on which all of these findings say what they say.
func lacking(ds []*deal, these []*hygiene.Life) (n int) {
	for _, d := range ds {
		if !slices.ContainsFunc(these, func(l *hygiene.Life) bool {
			return !slices.ContainsFunc(d.open, func(o *hygiene.Life) bool { return o.Message == l.Message })
		}) {
			n++
		}
	}
	return n
}
