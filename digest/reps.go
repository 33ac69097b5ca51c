package digest

import (
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
	if _, n := b.covered(); n > 0 {
		return false
	}
	if t := &b.book.tally; t.need > 0 || t.fixed > 0 || len(b.book.better(b.wall)) > 0 || len(b.unjudged()) > 0 {
		return false
	}
	return len(b.book.old) == 0 || b.wall.sameWeek()
}

// repDaily is a rep's digest: a greeting with the counts, today's list, what was
// fixed, and how a deal leaves the list.
func repDaily(in *Input) Digest {
	b := newBrief(in, true)
	d := b.digest(repSubject(b))
	top := Section{Lines: compact(text(greeting(b)), b.welcomeLine(), b.missedLine(), b.thawedLine())}
	list := Section{Lines: b.list.lines()}
	if len(b.list.items) > 0 && b.list.listed() == 0 {
		list.Title = "FROM BEFORE THE START"
	}
	more, below := b.later()
	list.Lines = append(list.Lines, compact(more)...)
	d.Overflow = append(b.list.dueList(), below...)
	d.Overflow = append(d.Overflow, b.oldSections()...)
	d.Sections = []Section{top, b.unjudgedSection(), list}
	covered, _ := b.covered()
	d.Sections = append(d.Sections, covered...)
	d.Sections = append(d.Sections, Section{Lines: slices.Concat(compact(b.repMoves(), b.oldLine()), thanks(b), b.leftLines())}, Section{Lines: repClosing(b)})
	return b.finished(d)
}

// repMoves says what else came to the rep's deals and left them since the last digest, so
// that its number follows from the one before. Other lines name, with their number, what was
// fixed, won, lost and given a new date, and what is somebody else's or out of view.
func (b *brief) repMoves() Line {
	f := b.book.tally.today
	for _, m := range []move{fresh, fixed, won, lost, redated, given, gone} { // each has a line of its own
		f.by[m] = 0
	}
	said := append(f.inWords(true, "counted apart until now"), f.outWords(true, "now counted apart")...)
	if news := strings.TrimPrefix(b.foldNews(), ", "); news != "" {
		said = append(said, news)
	}
	if b.wall.first() || len(said) == 0 {
		return nil
	}
	return text("Since " + b.wall.sinceDay() + ": " + strings.Join(said, ", ") + ".")
}

// repSubject is the subject of a rep's digest: the day and the news in one line.
func repSubject(b *brief) string {
	t := &b.book.tally
	var news []string
	switch {
	case len(b.sources.shown) == 0 && b.sources.noNews():
	case len(b.sources.shown) == 0:
		news = append(news, "findings withheld")
	case b.clean():
		news = append(news, "all in order")
		news = append(news, b.habitWords()...)
		if len(b.in.Unchecked) > 0 {
			news = append(news, "not all checked")
		}
	case t.need == 0 && t.old > 0:
		news = append(append(news, words.Number(t.old)+" from before the start"), b.oldWaits("")...)
	case b.unknown():
		news = append(news, notKnown)
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
	news = append(append(append(news, b.unjudgedNews()...), b.coverNews()...), b.sources.unreadWords()...)
	return "Your deals, " + b.wall.day() + ": " + strings.Join(news, ", ")
}

// greeting is the first line: how many deals need an update, and how many of them are
// listed today.
func greeting(b *brief) string {
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
	case b.unknown():
		return hello + "What needs an update is " + notKnown + "."
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
	if fresh != "" { // of all of them, whatever of them is for today
		fresh = ", " + fresh
	}
	minutes := ", about " + words.Count(b.minutes(), "minute", "minutes")
	switch today := b.list.listed(); {
	case today == 0:
		w += fresh + "; none of it today"
	case today < t.need:
		w += fresh + "; " + words.Number(today) + " today" + minutes
	default:
		w += minutes + fresh
	}
	return hello + w + "." + b.privateWords()
}

// later says which other deals need an update and are not listed today, nil for none, and lists
// them, and those that share a line of the list, below the fold.
func (b *brief) later() (line Line, below []Section) {
	var ds, high []*deal
	for _, d := range b.book.needs {
		if b.list.number[d] > 0 || b.list.dueBelow(d) {
			continue
		}
		ds = append(ds, d)
		if d.severity() == hygiene.High {
			high = append(high, d)
		}
	}
	listing := func(title string, ds []*deal) {
		s := Section{Title: title + ": " + words.Number(len(ds))}
		for _, d := range ds[:min(len(ds), maxReplies)] {
			s.Lines = append(s.Lines, b.wording.short(d))
		}
		if n := len(ds) - maxReplies; n > 0 {
			s.Lines = append(s.Lines, text(words.Number(n)+" more."))
		}
		below = append(below, s)
	}
	for i, it := range b.list.items {
		if len(it.deals) > 1 {
			listing("Number "+words.Number(i+1)+" above", it.deals)
		}
	}
	if len(ds) == 0 {
		return nil, below
	}
	listing("Shown on other days", ds)
	said := words.Number(len(ds)) + " more, "
	worth := strings.TrimPrefix(b.wording.worthWords(high)+", ", ", ")
	switch {
	case len(high) > 0 && len(ds) == 1:
		said += "high, " + worth
	case len(high) == len(ds):
		said += "all high, " + worth
	case len(high) > 0:
		said += words.Number(len(high)) + " of them high, " + worth
	}
	return append(text(said+"shown on other days"), whereListed(len(ds), min(len(ds), maxReplies))...), below
}

// minutes is about how long a rep takes for today's list: one for each line, and half a
// one for each thing to do about it; of several deals on a line, for each further one.
func (b *brief) minutes() int {
	halves := 0
	for _, it := range b.list.items {
		halves += 2 + min(len(it.deals[0].open), maxReasons) + len(it.deals) - 1
	}
	return max(halves/2, 1)
}

// repClosing says what was not checked, how a deal leaves the list, where to ask, and
// how old the data is.
func repClosing(b *brief) []Line {
	out := compact(b.changedLine(), b.settingsLine(), b.uncheckedLine())
	if len(b.book.needs)+len(b.book.old) > 0 {
		off := "Not yours? Change the owner. It clears at the next sync."
		if pause := b.pauseWords(); pause != "" {
			off = pause + " Not yours? Change the owner. Both clear it at the next sync."
		}
		out = append(out, note(off))
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
