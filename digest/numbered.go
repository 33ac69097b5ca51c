package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Caps of a manager's digest.
const (
	maxListed  = 10  // numbered deals
	maxPerRep  = 20  // lines of one rep in the overflow
	maxReasons = 4   // reasons of one deal
	maxReplies = 200 // lines in the overflow altogether
)

// item is one numbered line: a deal, or the deals of an owner who has left.
type item struct {
	deals []*deal
	owner bool // grouped by owner
}

// numbered is the list of the deals that a manager has to deal with today. Other lines
// refer to the numbers.
type numbered struct {
	needs   []*deal // all deals that need an update, by rank
	items   []item
	number  map[*deal]int // number under which a deal is listed
	wording *wording
}

// newNumbered chooses what is listed today, and gives it numbers. needs are the deals
// that need an update, by rank.
func newNumbered(needs []*deal, x *wording, r *ranking) *numbered {
	l := &numbered{needs: needs, number: map[*deal]int{}, wording: x}
	due := func(d *deal) bool { return d.due(x.wall) }
	var items []item
	byOwner := map[person]int{}
	for _, d := range needs {
		if d.inactive() == nil {
			if due(d) {
				items = append(items, item{deals: []*deal{d}})
			}
			continue
		}
		key := personOf(d)
		i, ok := byOwner[key]
		if !ok {
			i = len(items)
			byOwner[key] = i
			items = append(items, item{owner: true})
		}
		items[i].deals = append(items[i].deals, d)
	}
	items = slices.DeleteFunc(items, func(it item) bool { return it.owner && !slices.ContainsFunc(it.deals, due) })
	slices.SortStableFunc(items, r.compareItems)
	l.items = items[:min(len(items), maxListed)]
	for i, it := range l.items {
		for _, d := range it.deals {
			l.number[d] = i + 1
		}
	}
	return l
}

// compareItems orders items as compare orders deals. A group ranks by the worst of its
// deals and all their money.
func (r *ranking) compareItems(a, b item) int {
	if !a.owner && !b.owner {
		return r.compare(a.deals[0], b.deals[0])
	}
	return cmp.Or(cmp.Compare(r.place(b.deals).Points, r.place(a.deals).Points), r.compare(a.deals[0], b.deals[0]))
}

// section is the numbered list, followed by the number of deals that are not listed.
func (l *numbered) section() Section {
	s := Section{Title: "NEEDS YOU TODAY"}
	shown := 0
	for i, it := range l.items {
		line := Line{{Text: words.Number(i+1) + " ", Role: Index}}
		if it.owner && len(it.deals) > 1 {
			line = append(line, l.wording.owner(it.deals)...)
		} else {
			line = append(line, l.wording.full(it.deals[0])...)
		}
		s.Lines = append(s.Lines, line)
		shown += len(it.deals)
	}
	if rest := l.restLine(shown); rest != nil {
		s.Lines = append(s.Lines, rest)
	}
	return s
}

// restLine counts the deals beyond those shown, nil when there are none.
func (l *numbered) restLine(shown int) Line {
	rest := len(l.needs) - shown
	if rest == 0 {
		return nil
	}
	high, orphans := 0, 0
	for _, d := range l.needs {
		if _, ok := l.number[d]; ok {
			continue
		}
		if d.severity() == hygiene.High {
			high++
		}
		if d.inactive() != nil {
			orphans++
		}
	}
	var b strings.Builder
	if shown == 0 {
		b.WriteString("Nothing that you have not been told already. ")
	}
	b.WriteString(words.Number(rest))
	if shown > 0 {
		b.WriteString(" more")
	}
	switch {
	case high == 0:
		b.WriteString(", none high,")
	case high == rest:
		b.WriteString(", all high,")
	default:
		b.WriteString(", " + words.Number(high) + " of them high,")
	}
	verb := " are"
	if rest == 1 {
		verb = " is"
	}
	switch {
	case orphans == 0 && rest == 1:
		b.WriteString(verb + " with the owner")
	case orphans == 0:
		b.WriteString(verb + " with their owners")
	case orphans == rest:
		b.WriteString(verb + " without an active owner")
	default:
		b.WriteString(verb + " with their owners, " + words.Number(orphans) + " without an active one")
	}
	_, below := l.overflow()
	return append(text(strings.ReplaceAll(b.String(), ", none high, is", " is")), whereListed(rest, below)...)
}
