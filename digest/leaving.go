package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// leftLines name the deals that left the reader's numbers by nobody's work on what was
// found: those that were lost, got another date, are somebody else's, or are gone.
func (b *brief) leftLines() []Line {
	return compact(
		b.leftLine("CLOSED", lost, func(d *deal) string {
			said := " lost"
			if n := d.daysListed(b.wall.cal); n > 10 {
				said += " after " + words.Number(n) + " business days on this list"
			}
			if l := d.parting(); l != nil {
				said += " (" + b.wording.heir(l) + ")"
			}
			return said
		}),
		b.leftLine("NEW DATE", redated, b.wording.redated),
		b.slippedLine(),
		b.leftLine("MOVED", given, b.wording.taker),
		b.leftLine("GONE FROM VIEW", gone, merged),
	)
}

// leftLine names the deals that left by one move, nil for none.
func (b *brief) leftLine(head string, m move, said func(*deal) string) Line {
	ds := b.book.left(m)
	if len(ds) == 0 {
		return nil
	}
	line := Line{{Text: head + " " + words.Number(len(ds)) + ":", Bold: true}}
	named, rest := foremost(ds, namedClosed)
	for i, d := range named {
		line = append(append(line, Span{Text: sep(i, "; ")}), b.wording.brief(d)...)
		line = append(line, Span{Text: said(d)})
	}
	if n := len(rest); n > 0 {
		more := "; " + words.Number(n) + " more"
		if m == given {
			count := map[string]int{}
			for _, d := range rest {
				if l := cmp.Or(d.away, d.parting()); l != nil {
					count[b.wording.heirs(l)]++
				}
			}
			more += toWhom(count)
		}
		line = append(line, Span{Text: more + b.wording.worthWords(rest)})
	}
	return append(line, Span{Text: "."})
}

// merged says into which deal the deal was merged, "" where nobody knows that it was.
func merged(d *deal) string {
	for _, l := range d.ended {
		if w := plain.Clip(l.Done, 100); l.State == hygiene.Gone && w != "" {
			return " " + w
		}
	}
	return ""
}

// redated says from which date to which a close date was moved.
func (x *wording) redated(d *deal) string {
	for _, l := range d.ended {
		if l.State != hygiene.Redated {
			continue
		}
		var said []string
		if !l.Deal.CloseDate.IsZero() {
			said = append(said, "was to close on "+words.Day(l.Deal.CloseDate, x.wall.farAway()))
		}
		if w := plain.Clip(l.Done, 100); w != "" {
			said = append(said, w)
		}
		if len(said) > 0 {
			return " " + strings.Join(said, " and ")
		}
	}
	return ""
}

// taker says whose the deal is now, as the end of a sentence about it. What is given away
// because its owner has left is reassigned, as its advice said; what is given away as its last
// finding ends says what was done.
func (x *wording) taker(d *deal) string {
	verb := " moved to "
	if d.leftBehind() {
		verb = " reassigned to "
	}
	switch l := cmp.Or(d.away, d.parting()); {
	case l == nil:
		return ""
	case !l.Handed() && (l.Deal.Team == "" || l.Deal.Team == x.team) && personOf(&deal{source: l.Source, facts: l.Deal}) == nobody:
		return " has no owner now"
	default:
		return verb + x.heir(l) + x.withIt(d)
	}
}

// parting is a finding of the deal that ended as the deal was given away, nil for none.
func (d *deal) parting() *hygiene.Life {
	if i := slices.IndexFunc(d.ended, (*hygiene.Life).Handed); i >= 0 {
		return d.ended[i]
	}
	return nil
}

// heir names who has the deal now: a colleague, or who it is in which other team.
func (x *wording) heir(l *hygiene.Life) string {
	group, is := x.heirs(l), l.Holder()
	if is.Team == x.team || is.Owner == "" || group != plain.Clip(x.teams[is.Team], 60) {
		return group
	}
	return words.UpperFirst(x.people.short(personBy(is.Owner, l.Source, ""))) + ", " + group
}

// heirs names who has the deal now, where several are counted: a colleague, else the team.
func (x *wording) heirs(l *hygiene.Life) string {
	is, id := l.Holder(), ""
	if !l.Handed() {
		id = l.Deal.OwnerID
	}
	name := plain.Clip(x.teams[is.Team], 60)
	switch who := x.people.short(personBy(is.Owner, l.Source, id)); {
	case is.Team == x.team:
		return who
	case is.Team == "":
		return "an owner without a team"
	case name == "":
		return "another team"
	case l.From.Owner == is.Owner && is.Owner != "": // the file has the owner in another team
		return name + " with " + who
	}
	return name
}

// withIt says what was done for a deal that is somebody else's since, "" where nothing is known.
func (x *wording) withIt(d *deal) string {
	if w := done(d); w != "" && !d.leftBehind() {
		return "; it " + w
	}
	return ""
}
