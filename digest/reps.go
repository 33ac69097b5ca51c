package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// reps is the rep's daily digest: the rep's own deals that need an update, a few
// of them a day, and thanks for what was fixed.
func reps() Kind {
	return Kind{
		Name:       "reps",
		Doc:        "reps one about their own deals",
		Own:        true,
		Lists:      true,
		Recipients: eachMember,
		Quiet:      quietRep,
		Compose:    repDaily,
	}
}

// eachMember lists the members of each team. A person with several addresses in a team
// is listed once.
func eachMember(a Audience) []Recipient {
	var out []Recipient
	for i := range a.Teams {
		t := &a.Teams[i]
		seen := map[string]bool{}
		for j, m := range t.Members {
			if m = a.People.Email(m); seen[m] {
				continue
			}
			seen[m] = true
			out = append(out, Recipient{
				Team: t.Key(), Email: m,
				Why:   fmt.Sprintf("in team %s, for their own deals", t.Name),
				Place: fmt.Sprintf("teams[%d].members[%d]", i, j),
			})
		}
	}
	return out
}

// quietRep reports whether no deal needs an update, nothing was fixed, and the deals
// from before the start that are counted apart were shown this week already.
func quietRep(in *Input) bool {
	b := newBrief(in, true)
	if t := &b.book.tally; t.need > 0 || t.fixed > 0 || len(b.book.better(b.wall)) > 0 {
		return false
	}
	return len(b.book.old) == 0 || b.wall.sameWeek()
}

// repToday is how many deals a rep's list holds on a day without more news: people put
// off a longer list as a whole.
const repToday = 5

// repDaily is a rep's digest: a greeting with the counts, today's list, what was
// fixed, and how a deal leaves the list.
func repDaily(in *Input) Digest {
	b := newBrief(in, true)
	d := b.digest(repSubject(b))
	today, later := repList(b)
	b.shown = func(d *deal) bool { return slices.Contains(today, d) }
	top := Section{Lines: compact(text(greeting(b, len(today))), b.missedLine())}
	list := Section{}
	for i, x := range today {
		list.Lines = append(list.Lines, append(Line{{Text: words.Number(i+1) + " ", Role: Index}}, b.wording.own(x)...))
	}
	if len(later) > 0 {
		list.Lines = append(list.Lines, append(text(words.Number(len(later))+" more, shown on other days"), whereListed(len(later), min(len(later), maxReplies))...))
		s := Section{Title: "Shown on other days: " + words.Number(len(later))}
		for _, x := range later[:min(len(later), maxReplies)] {
			s.Lines = append(s.Lines, b.wording.short(x))
		}
		if n := len(later) - maxReplies; n > 0 {
			s.Lines = append(s.Lines, text(words.Number(n)+" more."))
		}
		d.Overflow = append(d.Overflow, s)
	}
	d.Overflow = append(d.Overflow, b.oldSections()...)
	d.Sections = []Section{top, list, {Lines: append(compact(b.oldLine()), thanks(b)...)}, {Lines: repClosing(b)}}
	return b.finished(d)
}

// repSubject is the subject of a rep's digest: the day and the news in one line.
func repSubject(b *brief) string {
	t := &b.book.tally
	var news []string
	switch {
	case len(b.sources.shown) == 0 && b.sources.noNews():
		return "Your deals, " + b.wall.day() + ": " + strings.Join(b.sources.unreadWords(), ", ")
	case len(b.sources.shown) == 0:
		return "Your deals, " + b.wall.day() + ": findings withheld"
	case b.clean():
		news = append(news, "all in order")
		news = append(news, b.habitWords()...)
		if len(b.in.Unchecked) > 0 {
			news = append(news, "not all checked")
		}
	case t.need == 0 && t.old > 0:
		news = append(news, words.Number(t.old)+" from before the start")
	case t.need == 0:
		news = append(news, "none needs an update")
	default:
		news = append(news, words.Count(t.need, "needs an update", "need an update"))
	}
	if !b.wall.first() && t.fresh > 0 {
		news = append(news, words.Number(t.fresh)+" new")
	}
	if n := t.fixed; n > 0 {
		news = append(news, words.Number(n)+" fixed")
	}
	news = append(news, b.sources.unreadWords()...)
	return "Your deals, " + b.wall.day() + ": " + strings.Join(news, ", ")
}

// greeting is the first line: how many deals need an update, and how many of them are
// listed today.
func greeting(b *brief, today int) string {
	t := &b.book.tally
	hello := "Hello"
	if b.wall.morning() {
		hello = "Good morning"
	}
	if first := firstWord(plain.Clip(b.wording.people.names[personBy(b.in.Recipient, "", "")], 60)); first != "" {
		hello += " " + first
	}
	hello += ". "
	switch {
	case len(b.sources.shown) == 0:
		return hello + "Findings are withheld today; the last line says why."
	case b.clean():
		return hello + b.allInOrder() + "."
	case t.need == 0 && t.held > 0:
		return hello + "Nothing needs an update in what could be judged."
	case t.need == 0 && !b.complete():
		return hello + "Nothing needs an update in what could be read."
	case t.need == 0 && len(b.in.Unchecked) > 0:
		return hello + "Nothing needs an update in all that could be checked."
	case t.need == 0:
		return hello + "Nothing needs an update today."
	}
	w := words.Count(t.need, "deal needs an update", "deals need an update")
	fresh := ""
	if !b.wall.first() && t.fresh > 0 {
		fresh = words.Number(t.fresh) + " of them new"
		if t.fresh == t.need {
			fresh = words.Plural(t.need, "and it is new", "all of them new")
		}
	}
	switch {
	case today < t.need && fresh != "":
		w += "; " + words.Number(today) + " today, " + fresh
	case today < t.need:
		w += "; " + words.Number(today) + " today"
	case fresh != "":
		w += ", " + fresh
	}
	return hello + w + "."
}

// repList chooses the deals that a rep is shown today: the deals that are due, the new
// ones first. If these are few, deals that are not due take turns day by day.
func repList(b *brief) (today, later []*deal) {
	var due, rest []*deal
	for _, d := range b.book.needs { // by rank
		if d.due(b.wall) {
			due = append(due, d)
		} else {
			rest = append(rest, d)
		}
	}
	fresh := (*deal).fresh
	high := func(d *deal) bool { return d.severity() >= hygiene.High }
	order := func(x, y *deal) int { return cmp.Or(falseFirst(high(y), high(x)), falseFirst(fresh(y), fresh(x))) }
	slices.SortStableFunc(due, order)
	today = due[:min(len(due), maxListed)]
	later = due[len(today):]
	if n := min(repToday-len(today), len(rest)); n > 0 {
		today = append(slices.Clip(today), turn(rest, n, int(b.wall.today))...)
	}
	shown := map[*deal]bool{}
	for _, d := range today {
		shown[d] = true
	}
	slices.SortStableFunc(today, func(x, y *deal) int { return cmp.Or(order(x, y), b.ranking.compare(x, y)) })
	for _, d := range rest {
		if !shown[d] {
			later = append(later, d)
		}
	}
	return today, later
}

// repClosing says what was not checked, how a deal leaves the list, where to ask, and
// how old the data is.
func repClosing(b *brief) []Line {
	out := compact(b.uncheckedLine())
	if len(b.book.needs)+len(b.book.old) > 0 {
		out = append(out, note("Not yours? Change the owner. It clears at the next sync."))
	}
	said := b.askWords()
	if data := b.sources.dataWords(); data != "" {
		said = strings.TrimSpace(said + " Data: " + words.Sentence(data))
	}
	if said != "" {
		out = append(out, note(said))
	}
	return out
}
