package digest

import (
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
			if n := d.daysListed(b.wall.cal); n > 10 {
				return " lost after " + words.Number(n) + " business days on this list"
			}
			return " lost"
		}),
		b.leftLine("NEW DATE", redated, b.wording.redated),
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
	for i, d := range ds[:min(len(ds), namedClosed)] {
		line = append(append(line, Span{Text: sep(i, "; ")}), b.wording.brief(d)...)
		line = append(line, Span{Text: said(d)})
	}
	if n := len(ds) - namedClosed; n > 0 {
		line = append(line, Span{Text: "; " + words.Number(n) + " more"})
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

// taker says whose the deal is now, as the end of a sentence about it.
func (x *wording) taker(d *deal) string {
	l := d.away
	name := plain.Clip(x.teams[l.Deal.Team], 60)
	switch same := l.From.Owner == l.Deal.OwnerEmail && l.From.Owner != ""; {
	case l.Deal.Team == x.team && personOf(&deal{source: l.Source, facts: l.Deal}) == nobody:
		return " has no owner now"
	case l.Deal.Team == x.team:
		return " moved to " + x.people.short(personBy(l.Deal.OwnerEmail, l.Source, l.Deal.OwnerID))
	case name == "" && l.Deal.Team == "":
		return " moved to an owner without a team"
	case name == "":
		return " moved to another team"
	case same: // the file has the owner in another team
		return " moved to " + name + " with " + x.people.short(personBy(l.Deal.OwnerEmail, "", ""))
	}
	return " moved to " + name
}
