package digest

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Bounds of a digest.
const (
	maxPerRep  = 20  // lines of one rep in the overflow
	maxReasons = 4   // reasons of one deal
	maxReplies = 200 // lines in the overflow altogether
	maxNamed   = 12  // deals of one line that names them
)

// numbered is the list of what the reader has to deal with today. Other lines refer to
// the numbers.
type numbered struct {
	own     bool
	needs   []*deal // all deals that need an update, by rank
	old     []*deal // those from before the start, by rank
	items   []item
	number  map[*deal]int // number under which a deal is listed
	unnamed int           // of the commit of this week, deals without a number
	wording *wording
}

// newNumbered chooses what is listed today, and gives it numbers.
func newNumbered(k *book, x *wording, r *ranking, a Attention, own bool) *numbered {
	l := &numbered{own: own, needs: k.needs, old: k.old, number: map[*deal]int{}, wording: x}
	all := items(k.needs, k.old, own)
	lines := make([]attention.Line, len(all))
	for i, it := range all {
		lines[i] = r.line(it, x.wall.first())
	}
	var chosen []attention.Choice
	chosen, l.unnamed = attention.Choose(lines, a.budget(own))
	for i, c := range chosen {
		it := all[c.At]
		it.reason = c.Reason
		l.items = append(l.items, it)
		for _, d := range it.deals {
			l.number[d] = i + 1
		}
	}
	return l
}

// listed are the deals of the count needs that have a number.
func (l *numbered) listed() (n int) {
	for _, d := range l.needs {
		if l.number[d] > 0 {
			n++
		}
	}
	return n
}

// section is the numbered list, followed by the number of deals that are not listed.
func (l *numbered) section() Section {
	s := Section{Title: l.title(), Lines: l.lines()}
	for _, line := range []Line{l.dueLine(), l.restLine()} {
		if line != nil {
			s.Lines = append(s.Lines, line)
		}
	}
	return s
}

// title says what the list holds.
func (l *numbered) title() string {
	switch {
	case len(l.items) == 0:
		return ""
	case l.listed() > 0:
		return "NEEDS YOU TODAY"
	}
	return "THE LARGEST OF THEM"
}

func (l *numbered) lines() (out []Line) {
	for i, it := range l.items {
		out = append(out, append(Line{{Text: words.Number(i+1) + " ", Role: Index}}, l.wording.asked(it, l.own)...))
	}
	return out
}

// dueLine names the deals of the commit that close this week or should have closed and
// found no number, nil for none.
func (l *numbered) dueLine() Line {
	if l.unnamed == 0 {
		return nil
	}
	line := text("Also in the commit, closing this week or due to have closed: ")
	n := 0
	for _, d := range l.needs {
		if !d.soon || l.number[d] > 0 || d.severity() < hygiene.Medium {
			continue
		}
		if n++; n > maxNamed {
			continue
		}
		if n > 1 {
			line = append(line, Span{Text: ", "})
		}
		name := nameOf(d)[0]
		name.Bold = false
		line = append(line, name)
		if m := l.wording.amount(d); m != "" {
			line = append(line, Span{Text: " " + m})
		}
	}
	if n > maxNamed {
		line = append(line, Span{Text: " and " + words.Number(n-maxNamed) + " more"})
	}
	return append(line, Span{Text: "."})
}

// restLine counts the deals that need an update and have no number, nil when there are
// none: those that are high and wait for their turn, and the others.
func (l *numbered) restLine() Line {
	var rest, high []*deal
	for _, d := range l.needs {
		if l.number[d] > 0 {
			continue
		}
		rest = append(rest, d)
		if d.severity() == hygiene.High {
			high = append(high, d)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	var said []string
	more := ""
	if len(l.items) > 0 {
		more = " more"
	}
	if n := len(high); n > 0 {
		said = append(said, words.Number(n)+" also high"+l.wording.worthWords(high)+", "+words.Plural(n, "waits for its turn", "wait for their turn"))
		more = " more"
	}
	if n := len(rest) - len(high); n > 0 {
		w := words.Number(n) + more
		if len(high) == 0 && l.noneHigh() && n > 1 {
			w += ", none high,"
		}
		said = append(said, w+words.Plural(n, " is with the owner", " are with their owners"))
	}
	_, below := l.overflow()
	return append(text(strings.Join(said, "; ")), whereListed(len(rest), below)...)
}

// noneHigh reports whether nothing high is without a number, what is from before the start
// included.
func (l *numbered) noneHigh() bool {
	for _, ds := range [][]*deal{l.needs, l.old} {
		for _, d := range ds {
			if d.severity() == hygiene.High && l.number[d] == 0 {
				return false
			}
		}
	}
	return true
}
