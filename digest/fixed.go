package digest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
)

// fixedLine says who fixed how many deals, and names the commit deals without doubt
// since then.
func (b *brief) fixedLine() Line {
	if b.book.tally.fixed == 0 {
		return nil
	}
	rows := slices.DeleteFunc(b.rows(), func(r row) bool { return r.done == 0 })
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(y.done, x.done) })
	const most = 12
	var said []string
	for i, r := range rows {
		if i == most {
			n := 0
			for _, r := range rows[i:] {
				n += r.done
			}
			said = append(said, "others "+words.Number(n))
			break
		}
		said = append(said, b.wording.people.short(r.who)+" "+words.Number(r.done))
	}
	line := Line{{Text: "FIXED " + words.Number(b.book.tally.fixed) + ":", Bold: true}, {Text: " " + strings.Join(said, ", ") + "."}}
	cleared := b.book.cleared()
	const named = 3
	for _, d := range cleared[:min(len(cleared), named)] {
		line = append(line, Span{Text: " "}, Span{Text: plain.Clip(d.facts.Name, 80), URL: d.facts.URL})
		line = append(line, b.wording.factSpans(d, b.wording.facts(d, false))...)
		line = append(line, Span{Text: ": no doubt left."})
	}
	if n := len(cleared) - named; n > 0 {
		line = append(line, Span{Text: " No doubt left on " + words.Count(n, "more commit deal", "more commit deals") + "."})
	}
	return line
}

// closedLine names the deals that were won or lost while they needed an update.
func (b *brief) closedLine() Line {
	closed := b.book.closed()
	if len(closed) == 0 {
		return nil
	}
	const named = 5
	line := Line{{Text: "CLOSED " + words.Number(len(closed)) + ":", Bold: true}}
	sep := " "
	for _, d := range closed[:min(len(closed), named)] {
		line = append(line, Span{Text: sep}, Span{Text: nameOf(d)[0].Text, URL: d.facts.URL})
		word := " won"
		if d.left == lost {
			word = " lost"
		}
		if m := b.wording.amount(d); m != "" {
			word = " " + m + word
		}
		if n := d.daysListed(b.wall.cal); n > 10 {
			word += " after " + words.Number(n) + " business days on this list"
		}
		line = append(line, Span{Text: word})
		sep = "; "
	}
	if n := len(closed) - named; n > 0 {
		line = append(line, Span{Text: "; " + words.Number(n) + " more"})
	}
	return append(line, Span{Text: "."})
}
