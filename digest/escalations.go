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

// escalations is what somebody above a manager gets: the few deals that the manager has had
// on the list for long, when there are new ones or some are settled.
func escalations() Kind {
	return Kind{
		Name:       "escalations",
		Doc:        "those above a manager one about the deals that go on to them (escalate)",
		Sparse:     true,
		Recipients: eachAbove,
		Quiet:      func(in *Input) bool { b := newEscalated(in); return len(b.fresh)+len(b.settled) == 0 },
		Nothing:    "nothing to say: no deal newly goes on to this reader, and none that did is newly settled",
		Compose:    func(in *Input) Digest { return newEscalated(in).compose() },
	}
}

func eachAbove(a Audience) []Recipient {
	var out []Recipient
	for i := range a.Teams {
		t := &a.Teams[i]
		for _, to := range a.Above[t.Key()] {
			out = append(out, Recipient{Team: t.Key(), Email: to, Why: fmt.Sprintf("above the manager of team %s", t.Name), Place: fmt.Sprintf("teams[%d].parent", i)})
		}
	}
	return out
}

// escalated is one reader's deals: those of which the reader has not heard yet, those that
// are still open, and those that are settled since.
type escalated struct {
	*brief
	fresh, open, settled []*deal
}

func newEscalated(in *Input) *escalated {
	e := &escalated{brief: newBrief(in, false)}
	for _, d := range e.brief.escalated() {
		if d.told == nil {
			e.fresh = append(e.fresh, d)
		} else {
			e.open = append(e.open, d)
		}
	}
	for _, d := range e.book.deals {
		if d.told != nil && !slices.Contains(e.open, d) && d.class != Unjudged && d.left != hidden && d.left != held {
			e.settled = append(e.settled, d)
		}
	}
	return e
}

func (e *escalated) compose() Digest {
	var news []string
	if n := len(e.fresh); n > 0 {
		worth := e.wording.worthWords(e.fresh)
		if worth != "" {
			worth += ","
		}
		news = append(news, words.Count(n, "deal", "deals")+worth+" escalated to you")
	}
	if n := len(e.settled); n > 0 {
		news = append(news, words.Number(n)+" settled")
	}
	if len(news) == 0 {
		news = append(news, "nothing new is escalated to you")
	}
	d := e.digest(e.team() + ", " + e.wall.day() + ": " + strings.Join(news, ", "))
	d.Sections = append(d.Sections, Section{
		Title: e.team() + " · " + e.wall.day(),
		Lines: compact(e.sources.dataLine(), e.welcomeAbove(), e.placeLine(), e.missedLine(), e.sources.unnamedLine()),
	}, e.sources.missing(), e.list(), e.rest())
	if help := e.askWords(); help != "" {
		d.Sections = append(d.Sections, Section{Lines: []Line{note(help)}})
	}
	d = e.finished(d)
	d.Told.Deals = slices.DeleteFunc(d.Told.Deals, func(t ToldDeal) bool {
		mine := func(d *deal) bool { return d.source == t.Source && d.record == t.Record }
		return !slices.ContainsFunc(e.fresh, mine) && !slices.ContainsFunc(e.open, mine) && t.Class != Unseen && t.Class != Unjudged
	})
	return d
}

// list is what the reader has not heard of yet.
func (e *escalated) list() Section {
	if len(e.fresh) == 0 {
		return Section{}
	}
	s := Section{Title: "ESCALATED TO YOU", Lines: []Line{text(e.why())}}
	for i, d := range e.fresh[:min(len(e.fresh), maxPerRep)] {
		s.Lines = append(s.Lines, append(Line{{Text: words.Number(i+1) + " ", Role: Index}}, e.line(d)...))
	}
	if n := len(e.fresh) - maxPerRep; n > 0 {
		s.Lines = append(s.Lines, text(words.Number(n)+" more"+e.wording.worthWords(e.fresh[maxPerRep:])+"."))
	}
	return s
}

// line is one deal: with its owner, what is wrong and what to do.
func (e *escalated) line(d *deal) Line {
	line := e.wording.deal(d, true)
	if fix := e.wording.advice(d); fix != "" { // the same that the manager reads
		line = append(line, Span{Text: " → " + fix, Role: Advice})
	}
	return line
}

// why says what brings the deals here.
func (e *escalated) why() string {
	who := cmp.Or(plain.Clip(e.in.ManagerName, 60), plain.Clip(e.in.Team.Manager, 100))
	days, high, commit := mostAhead, true, true
	for _, x := range e.in.Escalations {
		if x.To == e.in.reads() {
			days = min(days, x.After)
			high, commit = high && x.When >= hygiene.High, commit && x.Commit
		}
	}
	said := "On the list of " + who
	if high {
		said = "High, and on the list of " + who
	}
	said += " for " + words.Count(days, "business day", "business days") + " or more"
	if commit {
		said = "In the commit. " + said
	}
	return said + "; " + who + " was told a day ahead."
}

// rest names what the reader has heard of before: what is still open, and what is settled.
func (e *escalated) rest() Section {
	var s Section
	if len(e.open) > 0 {
		s.Lines = append(s.Lines, e.named("STILL OPEN", e.open, func(*deal) string { return "" }))
	}
	if len(e.settled) > 0 {
		s.Lines = append(s.Lines, e.named("SETTLED", e.settled, e.outcome))
	}
	return s
}

func (e *escalated) named(head string, ds []*deal, said func(*deal) string) Line {
	line := Line{{Text: head + " " + words.Number(len(ds)) + ":", Bold: true}}
	for i, d := range ds[:min(len(ds), maxNamed)] {
		line = append(append(line, Span{Text: sep(i, "; ")}), e.wording.brief(d)...)
		line = append(line, Span{Text: said(d)})
	}
	if n := len(ds) - maxNamed; n > 0 {
		line = append(line, Span{Text: "; " + words.Number(n) + " more"})
	}
	return append(line, Span{Text: "."})
}

// outcome says what became of a deal that is no longer escalated.
func (e *escalated) outcome(d *deal) string {
	if d.class == Needs || d.class == Old {
		return " is no longer as grave"
	}
	for _, s := range leftSaid(false, "") {
		if s.move == d.left && s.words != "" {
			return " " + s.words
		}
	}
	return ""
}
