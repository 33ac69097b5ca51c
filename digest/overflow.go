package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// overflow lists what of the commit is due and has no number, then, by rep, the other deals
// that need an update and are not in the numbered list, and the deals that share one number of
// that list. Lines are capped, counts are not. below counts the lines by rep whose deal is not
// in the numbered list.
func (l *numbered) overflow() (out []Section, below int) {
	people := l.wording.people
	type holder struct {
		person
		left bool // in the CRM of these deals
		bulk int  // number of the import that they came with
	}
	var order []holder
	groups := map[holder][]*deal{}
	all := slices.Clone(l.needs)
	for _, d := range l.old {
		if l.number[d] > 0 { // with others: one alone is in the list
			all = append(all, d)
		}
	}
	for _, d := range all {
		n, ok := l.number[d]
		who := holder{person: personOf(d), left: d.inactive() != nil}
		switch {
		case ok && len(l.items[n-1].deals) == 1, l.dueBelow(d):
			continue
		case ok && l.items[n-1].kind == imported:
			who = holder{bulk: n}
		}
		if _, ok := groups[who]; !ok {
			order = append(order, who)
		}
		groups[who] = append(groups[who], d)
	}
	slices.SortStableFunc(order, func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.bulk, b.bulk), cmp.Compare(strings.ToLower(people.short(a.person)), strings.ToLower(people.short(b.person))))
	})
	out = l.dueList()
	lines := min(len(l.due()), maxReplies)
	for _, who := range order {
		ds := groups[who]
		title := people.short(who.person)
		switch {
		case who.bulk > 0:
			title = "Imported on " + l.wording.createdOn(ds)
		case who.left:
			title = people.full(who.person) + " (deactivated)"
		}
		title += ": " + words.Count(len(ds), "deal", "deals")
		if n, ok := l.number[ds[0]]; ok {
			title += ", number " + words.Number(n) + " above"
		}
		s := Section{Title: title}
		show := min(len(ds), maxPerRep, max(maxReplies-lines, 0))
		for _, d := range ds[:show] {
			s.Lines = append(s.Lines, l.wording.short(d))
			if _, ok := l.number[d]; !ok {
				below++
			}
		}
		if n := len(ds) - show; n > 0 {
			more := words.Number(n) + " more."
			if show == 0 {
				more = "Not listed here."
			}
			s.Lines = append(s.Lines, text(more))
		}
		lines += show
		out = append(out, s)
	}
	return out, below
}

// whereListed ends a sentence about n deals, of which the overflow lists the number
// listed. The place stands after a colon in a span of its own, because channels replace
// its words.
func whereListed(n, listed int) Line {
	lead := ": "
	switch {
	case listed == 0:
		return text(".")
	case listed < n:
		lead = "; the first " + words.Number(listed) + ": "
		if listed == 1 {
			lead = "; the first: "
		}
	}
	return Line{{Text: lead}, {Text: "listed below", Role: Where}, {Text: "."}}
}
