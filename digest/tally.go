package digest

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// tally is the digest's arithmetic, in deals:
// judged = in order + need + old,
// need = before + fresh + started, and
// what needed an update then = before + fixed + redated + won + lost + gone + off + those held.
type tally struct {
	fraction bool // deals is known
	deals    int  // open deals of the judged sources
	need     int  // need an update
	fresh    int  // of need: did not at the last digest
	started  int  // of need: their rules were not looked at then
	before   int  // of need: did at the last digest
	old      int  // all that is wrong is from before the start, and counted apart
	held     int  // cannot be judged now
	skipped  int  // open deals of the team in skipped pipelines, in no other number
	fixed    int
	redated  int
	won      int
	lost     int
	gone     int
	off      int
	cleared  int // were from before the start, and fixed since
}

// inOrder is the number of deals of the fraction that nothing is wrong with.
func (t *tally) inOrder() int { return t.judged() - t.need - t.old }

// judged is the number of deals that the fraction is of.
func (t *tally) judged() int { return t.deals - t.held }

// add counts one deal.
func (t *tally) add(d *deal) {
	switch {
	case d.needs():
		t.need++
		switch {
		case !d.fresh():
			t.before++
		case d.backlog():
			t.started++
		default:
			t.fresh++
		}
	case d.apart:
		t.old++
	case d.unjudged():
		t.held++
	}
	if d.cleared {
		t.cleared++
	}
	switch d.fate() {
	case fixed:
		t.fixed++
	case redated:
		t.redated++
	case won:
		t.won++
	case lost:
		t.lost++
	case gone:
		t.gone++
	case off:
		t.off++
	}
}

// skippedWords say that the team's deals are where nobody looks at them.
func (t *tally) skippedWords() string {
	if t.skipped == 1 {
		return "the one open deal is in a skipped pipeline"
	}
	return "all " + words.Number(t.skipped) + " open deals are in skipped pipelines"
}

// needWords say how many deals need an update; first, in the reader's first digest.
func (t *tally) needWords(first bool) string {
	w := words.Count(t.need, "needs an update", "need an update")
	if first {
		return "First digest: " + w + "."
	}
	parts := []string{words.Number(t.fresh) + " new", words.Number(t.before) + " from before"}
	if t.started > 0 {
		parts = append(parts, words.Number(t.started)+" newly checked")
	}
	return w + ": " + strings.Join(parts, ", ") + "."
}

// leftWords say what became of deals that needed an update before. Only what
// somebody did is called fixed.
func (t *tally) leftWords(first bool) string {
	if first {
		return ""
	}
	var out []string
	say := func(n int, said string) {
		if n > 0 {
			out = append(out, words.Number(n)+" "+said)
		}
	}
	if t.fixed > 0 || t.need > 0 {
		out = append(out, words.Number(t.fixed)+" fixed")
	}
	say(t.redated, "given a new date")
	say(t.won, "won")
	say(t.lost, "lost")
	say(t.gone, "gone from view")
	say(t.off, "no longer checked")
	return words.Sentence(strings.Join(out, ", "))
}
