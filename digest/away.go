package digest

import (
	"cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Absent is somebody who is away.
type Absent struct {
	Person    string // address
	Name      string // "" is not known
	Until     crm.Date
	Cover     string // address of who covers; "" is the manager
	CoverName string
}

// Covered is somebody away, with what the reader who covers has to know.
type Covered struct {
	Absent
	Team  hygiene.Team
	Lives []hygiene.Life // findings of the team
}

// called is the first name, or the address of somebody without a name.
func called(name, address string) string {
	return cmp.Or(firstWord(plain.Clip(name, 60)), plain.Clip(address, 60))
}

// awayWords are "away to Fri 4 Dec".
func awayWords(until crm.Date) string {
	return "away to " + until.Weekday().String()[:3] + " " + until.Short()
}

// coverWords are "Ben covers". The manager covers where nobody is named.
func (a *Absent) coverWords(reader string) string {
	switch a.Cover {
	case "", reader:
		return "you cover"
	}
	return called(a.CoverName, a.Cover) + " covers"
}

// absent says of an owner who is away who covers, "" of anybody else.
func (p *people) absent(who person) string {
	if a := p.away[who]; a != nil {
		return "away, " + a.coverWords(p.reader)
	}
	return ""
}

// reads is whose digest it is: the recipient's, or that of somebody away.
func (in *Input) reads() string { return cmp.Or(in.InPlaceOf.Person, in.Recipient) }

// placeLine says in whose place the reader gets the digest, nil for the reader's own.
func (b *brief) placeLine() Line {
	m := &b.in.InPlaceOf
	if m.Person == "" {
		return nil
	}
	return text("For " + called(m.Name, m.Person) + ", " + awayWords(m.Until) + ".")
}

// covered are the sections about those for whom the reader covers: what is urgent of their
// deals. They stand apart from the reader's own deals, and are in none of the counts.
func (b *brief) covered() (out []Section, urgent int) {
	for i := range b.in.Covers {
		c := &b.in.Covers[i]
		in := *b.in
		in.Recipient, in.Team, in.Lives = c.Person, c.Team, c.Lives
		// New is what has begun since the reader's own last list, which had what was urgent then.
		in.Told, in.Previous, in.Elsewhere, in.Unseen, in.Covers, in.Thawed = nil, nil, nil, nil, nil, false
		in.BacklogPerWeek = 0 // its pace is the absent one's; what is high waits for nobody
		sub := newBrief(&in, true)
		s := Section{Title: "For " + called(c.Name, c.Person) + ", " + awayWords(c.Until)}
		n := 0
		for _, d := range sub.book.needs {
			if d.severity() != hygiene.High && !(d.soon && d.severity() >= hygiene.Medium) {
				continue
			}
			if n++; n <= maxPerRep {
				s.Lines = append(s.Lines, append(Line{{Text: "• ", Role: Index}}, sub.wording.own(d)...))
			}
		}
		if n > maxPerRep {
			s.Lines = append(s.Lines, text(words.Number(n-maxPerRep)+" more."))
		}
		if n > 0 {
			out, urgent = append(out, s), urgent+n
		}
	}
	return out, urgent
}

// coverNews is what the subject says of those for whom the reader covers.
func (b *brief) coverNews() (news []string) {
	if _, n := b.covered(); n > 0 && len(b.in.Covers) == 1 {
		c := &b.in.Covers[0]
		return []string{words.Number(n) + " urgent for " + called(c.Name, c.Person)}
	} else if n > 0 {
		return []string{words.Number(n) + " urgent for those you cover"}
	}
	return nil
}
