package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// brief is what one reader is to be told: the parts of the input from which the
// sections of every kind are written. After newBrief the brief is only read.
type brief struct {
	in        *Input
	own       bool // the digest is about the recipient's own deals
	wall      *wall
	sources   *sources
	portfolio *portfolio
	book      *book
	ranking   *ranking
	wording   *wording
	list      *numbered
	habits    []habit // folded rules, whose findings are in no count
	again     []habit // rules that were folded until after the last digest

	managerTold map[[2]string]*ToldDeal // of Input.Manager, by source and record
}

// newBrief prepares the input for sections about the team or, with own, about the
// recipient's own deals.
func newBrief(in *Input, own bool) *brief {
	whose := func(owner string) bool {
		return !own || personBy(owner, "", "") == personBy(in.Recipient, "", "")
	}
	w := newWall(in)
	s := newSources(in, w)
	r := &reach{team: in.Team.Key(), apart: in.BacklogPerWeek > 0, told: in.Told, away: map[[2]string]*hygiene.Life{}, judged: s.judged, folded: in.folds}
	if own {
		r.owner = in.Recipient
	}
	var lives []hygiene.Life
	told, hid, shown := in.fold()
	for i := range told {
		if l := &told[i]; s.judged(l.Source) && whose(l.Deal.OwnerEmail) {
			lives = append(lives, *l)
		}
	}
	for key, l := range latest(in.Lives) {
		if s.judged(l.Source) && !whose(l.Holder().Owner) {
			r.away[key] = l
		}
	}
	for i := range in.Elsewhere {
		l := &in.Elsewhere[i]
		r.away[[2]string{l.Source, l.Record}] = l
	}
	p := newPortfolio(in, w, s, whose)
	k := newRanking(in, w, s)
	b := newBook(gather(lives, in.parks(s, whose), w, r, in.Settles), p, k)
	x := &wording{wall: w, sources: s, people: newPeople(in, b.deals), mine: own, team: in.Team.Key(), teams: in.Teams, told: in.Told, only: in.Only, both: in.Both}
	return &brief{in: in, own: own, wall: w, sources: s, portfolio: p, book: b, ranking: k, wording: x, list: newNumbered(b, x, k, in.Attention, own), habits: habits(hid, whose, s.money), again: habits(shown, whose, s.money), managerTold: in.Manager.byRecord()}
}

// digest is the message with its heading fields; the kind adds the sections.
func (b *brief) digest(subject string) Digest {
	return Digest{Name: b.in.Name, Recipient: b.in.Recipient, Team: b.in.Team.Name, Subject: subject}
}

// finished notes what the digest tells, and drops empty sections. A digest that is redirected begins with a sentence
// that says who would have got it.
func (b *brief) finished(d Digest) Digest {
	d.Told = b.tell()
	kept := d.Sections[:0]
	for _, s := range d.Sections {
		if s.Title != "" || len(s.Lines) > 0 || s.Table != nil {
			kept = append(kept, s)
		}
	}
	d.Sections = kept
	say := words.Sentence(plain.Clip(b.in.Redirected, 300)) // no capital letter: it may begin with an address
	if say == "" {
		return d
	}
	d.Subject = "For " + plain.Clip(b.in.Recipient, 100) + ": " + d.Subject
	if len(d.Sections) == 0 {
		d.Sections = []Section{{}}
	}
	first := &d.Sections[0]
	first.Lines = append([]Line{text(say)}, first.Lines...)
	return d
}

// team is the team's name as a reader says it.
func (b *brief) team() string {
	name := plain.Clip(b.in.Team.Name, 60)
	switch {
	case name == "":
		return "Your team"
	case strings.HasPrefix(strings.ToLower(name), "team "):
		return name
	}
	return "Team " + name
}

// missedLine says that the digest before this one did not arrive.
func (b *brief) missedLine() Line {
	if b.in.Missed == "" {
		return nil
	}
	return text(words.Sentence(words.UpperFirst(plain.Clip(b.in.Missed, 300))))
}

// thawedLine says what the first digest after a freeze lists, nil on other days. Where nothing
// is left out, it does not say so.
func (b *brief) thawedLine() Line {
	if !b.wall.thawed || b.wall.first() {
		return nil
	}
	said := "First digest since " + crm.DateOf(b.wall.last, b.wall.loc).Short()
	if slices.ContainsFunc(slices.Concat(b.book.needs, b.book.old), func(d *deal) bool { return d.severity() < hygiene.High && !d.urgent() }) {
		said += ": high only, and what is due in the commit"
	}
	return text(said + ".")
}

func note(s string) Line { return Line{{Text: s, Role: Note}} }

// text makes a line of plain words.
func text(s string) Line { return Line{{Text: s}} }

// compact drops empty lines.
func compact(lines ...Line) []Line {
	var out []Line
	for _, l := range lines {
		if len(l) > 0 {
			out = append(out, l)
		}
	}
	return out
}
