package digest

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/digest/plain"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Change is a part of what deals are judged by that has been another one since the last
// digest.
type Change struct {
	Source string
	// Rule, Pipeline and Owner say for which findings it counts; "" is all.
	Rule     string
	Pipeline string
	Owner    string // email
	Of       Fact   // what it makes of deals; 0 is which findings they have
	Text     string // a clause in the reader's words: "the stage definitions were changed"
}

// Fact is what digests tell of a deal that a setting, or our sight, can change with nobody's
// work.
type Fact byte

// The facts.
const (
	InCommit Fact = iota + 1 // whether the deal is in the commit
	Amount                   // how large it is
)

// concerns reports whether the finding is judged by what changed.
func (c *Change) concerns(l *hygiene.Life) bool {
	return c.Of == 0 && c.Source == l.Source && (c.Rule == "" || c.Rule == l.Rule) &&
		(c.Pipeline == "" || strings.EqualFold(c.Pipeline, l.Deal.Pipeline)) && (c.Owner == "" || strings.EqualFold(c.Owner, l.Deal.OwnerEmail))
}

// effect is what changes of what deals are judged by made of them since the last digest: the
// deals that left the counts, came into them, and stayed there with another severity. Of the
// commit, doubt began for some of these, and ended for others. Nobody did any of it.
type effect struct {
	why                    []string // the changes, in the reader's words
	ended, begun, weighed  int
	doubtBegan, doubtEnded []*deal
}

// effect gathers it. What a fold makes of a deal has a line of its own.
func (b *brief) effect() *effect {
	e := &effect{}
	explained := func(l *hygiene.Life) (ok bool) {
		if b.in.foldOf(l) != nil {
			return false
		}
		for i := range b.in.Changed {
			c := &b.in.Changed[i]
			if !c.concerns(l) {
				continue
			}
			ok = true
			if w := strings.TrimRight(plain.Clip(c.Text, 120), "."); w != "" && !slices.Contains(e.why, w) {
				e.why = append(e.why, w)
			}
		}
		return ok
	}
	some := func(ls []*hygiene.Life) (ok bool) {
		for _, l := range ls {
			ok = b.judgedOtherwise(l) && explained(l) || ok
		}
		return ok
	}
	for _, d := range b.book.deals {
		was := d.told.severity()
		switch {
		case d.left == off && some(slices.Concat(d.ended, d.quiet)):
			e.ended++
		case d.came == started && some(d.open):
			e.begun++
		case some(b.weighedBy(d)):
			e.weighed++
		default:
			continue
		}
		switch is := d.severity(); {
		case !d.committed(b.portfolio.quarter) || d.told != nil && !d.told.Commit:
		case is == hygiene.High && was < hygiene.High:
			e.doubtBegan = append(e.doubtBegan, d)
		case is < hygiene.High && was == hygiene.High:
			e.doubtEnded = append(e.doubtEnded, d)
		}
	}
	return e
}

// judgedOtherwise reports whether the finding began, ended or got another severity since the
// last digest because something else was judged.
func (b *brief) judgedOtherwise(l *hygiene.Life) bool {
	if l.State != hygiene.Open {
		return l.State == hygiene.Off && l.Rejudged.Equal(l.Ended)
	}
	return l.Newly && l.Opened.After(b.wall.last) || l.Rejudged.After(b.wall.last)
}

// weighedBy are the findings by which a deal that both digests count has got another severity,
// none where that may be somebody's work: a finding as bad as the worst of both days began or
// was dealt with besides.
func (b *brief) weighedBy(d *deal) []*hygiene.Life {
	t := d.told
	if t == nil || t.Class != Needs && t.Class != Old || d.class != Needs && d.class != Old || t.Severity == d.severity() {
		return nil
	}
	all := slices.Concat(d.open, d.quiet, d.ended)
	worst := max(t.Severity, d.severity())
	if slices.ContainsFunc(all, func(l *hygiene.Life) bool { return l.Severity >= worst && !b.judgedOtherwise(l) }) {
		return nil
	}
	return slices.DeleteFunc(all, func(l *hygiene.Life) bool {
		// What got less is known by the day on which it did, and no longer by what it was.
		return l.Severity < worst && (t.Severity < worst || !l.Rejudged.After(b.wall.last))
	})
}

// severity is that of the worst finding as it was told, 0 where the deal was not.
func (t *ToldDeal) severity() hygiene.Severity {
	if t == nil {
		return 0
	}
	return t.Severity
}

// changedLine says because of which changes deals are no longer checked, newly checked or
// judged otherwise, and what that makes of the commit; nil where there are none, or where
// nobody knows why.
func (b *brief) changedLine() Line {
	e := b.effect()
	if len(e.why) == 0 {
		return nil
	}
	var said []string
	for _, x := range []struct {
		n     int
		words string
	}{{e.ended, "no longer checked"}, {e.begun, "newly checked"}, {e.weighed, "judged otherwise"}} {
		if x.n > 0 {
			said = append(said, words.Number(x.n)+" "+x.words)
		}
	}
	const most = 3
	if why := e.why; len(why) > most {
		e.why = append(why[:most:most], words.Number(len(why)-most)+" more changes")
	}
	return note(words.Sentence(strings.Join(said, ", ")+": "+strings.Join(e.why, "; ")) + b.doubtWords(e))
}

// doubtWords say which part of the commit is in doubt by what changed, or is no longer, ""
// for none.
func (b *brief) doubtWords(e *effect) string {
	var said []string
	for _, x := range []struct {
		words string
		deals []*deal
	}{{"in doubt", e.doubtBegan}, {"no longer in doubt", e.doubtEnded}} {
		if n := len(x.deals); n > 0 {
			said = append(said, x.words+": "+words.Count(n, "deal", "deals")+b.wording.worthWords(x.deals))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " Of the commit, by that alone " + words.Sentence(strings.Join(said, "; "))
}
