package digest

import (
	"slices"
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
	wording *wording
}

// newNumbered chooses what is listed today, and gives it numbers.
func newNumbered(k *book, x *wording, r *ranking, a Attention, own bool) *numbered {
	l := &numbered{own: own, needs: k.needs, old: k.old, number: map[*deal]int{}, wording: x}
	all := items(k.needs, k.old, own, x.wall.today)
	lines := make([]attention.Line, len(all))
	for i, it := range all {
		lines[i] = r.line(it, x.wall.first())
	}
	if x.wall.thawed {
		all, lines = urgent(all, lines)
	}
	for i, c := range attention.Choose(lines, a.budget(own)) {
		it := all[c.At]
		it.reason = c.Reason
		l.items = append(l.items, it)
		for _, d := range it.deals {
			l.number[d] = i + 1
		}
	}
	return l
}

// urgent are the lines that do not wait a day longer after a freeze: high, due in the
// commit, or of somebody who has left.
func urgent(all []item, lines []attention.Line) (kept []item, of []attention.Line) {
	for i := range lines {
		if l := &lines[i]; l.Severity == hygiene.High || l.Due || l.Left {
			kept, of = append(kept, all[i]), append(of, *l)
		}
	}
	return kept, of
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
	return Section{Title: l.title(), Lines: append(l.lines(), compact(l.restLine())...)}
}

// title says what the list holds.
func (l *numbered) title() string {
	switch {
	case len(l.items) == 0:
		return ""
	case l.listed() > 0:
		return "NEEDS YOU TODAY"
	}
	return "FROM BEFORE THE START"
}

// lines are the numbered lines. What else is due stands after the last of them that is.
func (l *numbered) lines() (out []Line) {
	last := 0
	for i, it := range l.items {
		if it.kind == single && it.deals[0].urgent() {
			last = i + 1
		}
		out = append(out, append(append(Line{{Text: words.Number(i+1) + " ", Role: Index}}, l.wording.mark(it.deals...)...), l.wording.asked(it, l.own, l.listed() > 0)...))
	}
	return slices.Insert(out, last, compact(l.dueLine())...)
}

// due are the deals of the commit that close this week or should have closed and found no
// number. A line of their own counts them, and a list of their own is the first below.
func (l *numbered) due() []*deal {
	return slices.DeleteFunc(slices.Clone(l.needs), func(d *deal) bool { return !l.dueBelow(d) })
}

func (l *numbered) dueBelow(d *deal) bool { return d.urgent() && l.number[d] == 0 }

// dueLine counts and names those that are due, nil for none.
func (l *numbered) dueLine() Line {
	ds := l.due()
	n := len(ds)
	if n == 0 {
		return nil
	}
	worth := l.wording.worthWords(ds)
	if worth != "" {
		worth += ","
	}
	line := text(words.Number(n) + " more" + worth + words.Plural(n, " is in the commit and closes", " are in the commit and close") + " this week or should have closed: ")
	for i, d := range ds[:min(n, maxNamed)] {
		if i > 0 {
			line = append(line, Span{Text: ", "})
		}
		line = append(line, l.wording.brief(d)...)
	}
	if n > maxNamed {
		line = append(line, Span{Text: " and " + words.Number(n-maxNamed) + " more"})
	}
	return append(line, Span{Text: " ("}, Span{Text: "listed below", Role: Where}, Span{Text: ")."})
}

// dueList lists those that are due, with their owners unless these are the reader.
func (l *numbered) dueList() []Section {
	ds := l.due()
	if len(ds) == 0 {
		return nil
	}
	s := Section{Title: "Due in the commit: " + words.Count(len(ds), "deal", "deals")}
	for _, d := range ds[:min(len(ds), maxReplies)] {
		s.Lines = append(s.Lines, l.wording.bullet(d, !l.own))
	}
	if n := len(ds) - maxReplies; n > 0 {
		s.Lines = append(s.Lines, text(words.Number(n)+" more."))
	}
	return []Section{s}
}

// restLine counts the other deals that need an update and have no number, nil when there are
// none: those that are high and wait for their turn, and the others.
func (l *numbered) restLine() Line {
	var rest, high []*deal
	for _, d := range l.needs {
		if l.number[d] > 0 || l.dueBelow(d) {
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
