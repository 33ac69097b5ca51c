package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// reps is the rep's daily digest: the rep's own deals that need an update, a few
// of them a day, and thanks for what was fixed.
func reps() Kind {
	return Kind{
		Name:       "reps",
		Doc:        "reps one about their own deals",
		Own:        true,
		Recipients: eachMember,
		Quiet:      quietRep,
		Compose:    repDaily,
	}
}

// eachMember lists the members of each team; somebody with several addresses there
// is one.
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
				Team: t.Name, Email: m,
				Why:   fmt.Sprintf("in team %s, for their own deals", t.Name),
				Place: fmt.Sprintf("teams[%d].members[%d]", i, j),
			})
		}
	}
	return out
}

// quietRep reports whether there is no open finding and nothing fixed; and of what
// is counted apart, nothing but what this week's list has shown already.
func quietRep(in *Input) bool {
	c := newComposer(in, true)
	if len(c.needs) > 0 || c.tally.fixed+c.tally.cleared > 0 {
		return false
	}
	return len(c.old) == 0 || sameWeek(in.LastSent.In(c.loc), in.Now.In(c.loc))
}

// repToday is how many deals a rep's list holds on a day without more news: a
// longer one is put off as a whole.
const repToday = 5

// about reports whether the digest is about that owner's deals.
func (c *composer) about(owner string) bool {
	return !c.rep || personBy(owner, "", "") == personBy(c.in.Recipient, "", "")
}

// own keeps of a snapshot what the digest is about.
func (c *composer) own(s hygiene.Snapshot) hygiene.Snapshot {
	if c.rep {
		s.Tallies = slices.DeleteFunc(slices.Clone(s.Tallies), func(t hygiene.Tally) bool { return !c.about(t.OwnerEmail) })
	}
	return s
}

// repDaily is a rep's digest: a greeting with the counts, today's list, what was
// fixed, and how a deal leaves the list.
func repDaily(in *Input) Digest {
	c := newComposer(in, true)
	d := Digest{Name: c.in.Name, Recipient: c.in.Recipient, Team: c.in.Team.Name, Subject: c.repSubject()}
	today, later := c.repList()
	top := Section{Lines: compact(c.greeting(len(today)))}
	if c.in.Missed != "" {
		top.Lines = append(top.Lines, text(sentence(upperFirst(Clip(c.in.Missed, 300)))))
	}
	list := Section{}
	for i, x := range today {
		list.Lines = append(list.Lines, c.repLine(x, Span{Text: number(i+1) + " ", Role: Index}))
	}
	if len(later) > 0 {
		list.Lines = append(list.Lines, append(text(number(len(later))+" more, shown on other days"), whereListed(len(later), min(len(later), maxReplies))...))
		s := Section{Title: "Shown on other days: " + number(len(later))}
		for _, x := range later[:min(len(later), maxReplies)] {
			s.Lines = append(s.Lines, c.shortLine(x))
		}
		if n := len(later) - maxReplies; n > 0 {
			s.Lines = append(s.Lines, text(number(n)+" more."))
		}
		d.Overflow = append(d.Overflow, s)
	}
	d.Overflow = append(d.Overflow, c.oldSections()...)
	d.Sections = []Section{top, list, {Lines: compact(c.oldLine(), c.thanks())}, {Lines: c.repClosing()}}
	return c.redirected(trimmed(d))
}

// repSubject is the news in one line.
func (c *composer) repSubject() string {
	t := &c.tally
	var news []string
	switch {
	case len(c.shown) == 0:
		return "Your deals: findings withheld"
	case c.clean():
		news = append(news, "all in order")
		if len(c.in.Unchecked) > 0 {
			news = append(news, "not all checked")
		}
	case t.need == 0 && t.old > 0:
		news = append(news, number(t.old)+" from before the start")
	case t.need == 0:
		news = append(news, "none needs an update")
	default:
		news = append(news, count(t.need, "needs an update", "need an update"))
	}
	if !c.first && t.fresh > 0 {
		news = append(news, number(t.fresh)+" new")
	}
	if n := t.fixed + t.cleared; n > 0 {
		news = append(news, number(n)+" fixed")
	}
	return "Your deals: " + strings.Join(news, ", ")
}

// greeting is the first line: how many deals need an update, and how many of them
// are for today.
func (c *composer) greeting(today int) Line {
	t := &c.tally
	hello := "Hello"
	if c.in.Now.In(c.loc).Hour() < 12 {
		hello = "Good morning"
	}
	if first := firstWord(Clip(c.people.names[personBy(c.in.Recipient, "", "")], 60)); first != "" {
		hello += " " + first
	}
	hello += ". "
	switch {
	case len(c.shown) == 0:
		return text(hello + "Findings are withheld today; the last line says why.")
	case c.clean():
		return text(hello + c.allInOrder() + ".")
	case t.need == 0 && t.held > 0:
		return text(hello + "Nothing needs an update in what could be judged.")
	case t.need == 0 && !c.all():
		return text(hello + "Nothing needs an update in what could be read.")
	case t.need == 0 && len(c.in.Unchecked) > 0:
		return text(hello + "Nothing needs an update in all that could be checked.")
	case t.need == 0:
		return text(hello + "Nothing needs an update today.")
	}
	w := count(t.need, "deal needs an update", "deals need an update")
	fresh := ""
	if !c.first && t.fresh > 0 {
		fresh = number(t.fresh) + " of them new"
		if t.fresh == t.need {
			fresh = plural(t.need, "and it is new", "all of them new")
		}
	}
	switch {
	case today < t.need && fresh != "":
		w += "; " + number(today) + " today, " + fresh
	case today < t.need:
		w += "; " + number(today) + " today"
	case fresh != "":
		w += ", " + fresh
	}
	return text(hello + w + ".")
}

// repList chooses what a rep is shown today: what is due, the new first, and
// where that is little, some of the others, other ones every day.
func (c *composer) repList() (today, later []*deal) {
	var due, rest []*deal
	for _, d := range c.needs { // by rank
		if c.due(d) {
			due = append(due, d)
		} else {
			rest = append(rest, d)
		}
	}
	fresh := func(d *deal) int {
		if d.fresh() && !d.backlog() {
			return 1
		}
		return 0
	}
	high := func(d *deal) int {
		if d.severity() >= hygiene.High {
			return 1
		}
		return 0
	}
	order := func(a, b *deal) int { return cmp.Or(cmp.Compare(high(b), high(a)), cmp.Compare(fresh(b), fresh(a))) }
	slices.SortStableFunc(due, order)
	today = due[:min(len(due), maxListed)]
	later = due[len(today):]
	if n := min(repToday-len(today), len(rest)); n > 0 {
		today = append(slices.Clip(today), turn(rest, n, int(c.today))...)
	}
	shown := map[*deal]bool{}
	for _, d := range today {
		shown[d] = true
	}
	slices.SortStableFunc(today, func(a, b *deal) int { return cmp.Or(order(a, b), c.rank(a, b)) })
	for _, d := range rest {
		if !shown[d] {
			later = append(later, d)
		}
	}
	return today, later
}

// repLine is one deal as its owner reads it: the owner is not named, and of how
// long it has been so only what came back is said.
func (c *composer) repLine(d *deal, index Span) Line {
	line := append(Line{index}, c.nameOf(d)...)
	line = append(line, c.factSpans(d, c.factsOf(d, false))...)
	line = append(line, Span{Text: ": "}, Span{Text: sentence(reasons(d.open)), Role: Reason})
	if s := c.state(d); s == "Back again." || s == "Date moved again." {
		line = append(line, Span{Text: " " + s, Role: Status})
	}
	if fix := advice(d.open); fix != "" {
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// thanks names what the rep fixed since the last digest.
func (c *composer) thanks() Line {
	var done []*deal
	for _, d := range c.deals {
		if d.fate() == fixed || d.cleared {
			done = append(done, d)
		}
	}
	if len(done) == 0 {
		return nil
	}
	slices.SortStableFunc(done, func(a, b *deal) int {
		return cmp.Or(cmp.Compare(b.facts.Amount.Value, a.facts.Amount.Value), cmp.Compare(a.record, b.record))
	})
	const named = 5
	line := Line{{Text: "Fixed since " + c.sinceDay() + ": " + number(len(done)) + " ("}}
	for i, d := range done[:min(len(done), named)] {
		if i > 0 {
			line = append(line, Span{Text: ", "})
		}
		line = append(line, Span{Text: c.nameOf(d)[0].Text, URL: d.facts.URL})
	}
	if n := len(done) - named; n > 0 {
		line = append(line, Span{Text: ", " + number(n) + " more"})
	}
	return append(line, Span{Text: "). Thank you."})
}

// sinceDay is since with the whole name of the weekday.
func (c *composer) sinceDay() string {
	d := crm.DateOf(c.in.LastSent, c.loc)
	if d < c.today && d > c.today-7 {
		return d.Weekday().String()
	}
	return c.since
}

// repClosing says what was not checked, how a deal leaves the list, where to ask,
// and how old the data is. Only what this version knows is promised.
func (c *composer) repClosing() []Line {
	out := compact(c.uncheckedLine())
	if len(c.needs)+len(c.old) > 0 {
		out = append(out, note("Not yours? Change the owner. It clears at the next sync."))
	}
	var words []string
	if ask := Clip(c.in.Help, 100); ask != "" {
		words = append(words, "Wrong? Ask "+sentence(ask))
	}
	var data []string
	sep := ", "
	for _, s := range c.in.Sources {
		data = append(data, c.dataOf(s))
		if s.Withheld != "" {
			sep = "; " // its words may hold a comma
		}
	}
	if len(data) > 0 {
		words = append(words, "Data: "+sentence(strings.Join(data, sep)))
	}
	if len(words) > 0 {
		out = append(out, note(strings.Join(words, " ")))
	}
	return out
}
