package digest

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// tally is the digest's arithmetic, in deals:
// judged = in order + need + old,
// need = before + fresh + started, and
// what needed an update at the last digest = before + fixed + redated + won + lost + gone + off + those held.
type tally struct {
	fraction bool // deals is known
	deals    int  // open deals of the judged sources
	need     int  // need an update
	fresh    int  // of need: did not need an update at the last digest
	started  int  // of need: their rules had not run at the last digest
	before   int  // of need: needed an update at the last digest
	old      int  // all findings are from before the start, and counted apart
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

// inOrder is the numerator of the fraction: the judged deals without findings.
func (t *tally) inOrder() int { return t.judged() - t.need - t.old }

// judged is the denominator of the fraction: the deals that could be judged.
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

// skippedWords say that all of the team's deals are in skipped pipelines.
func (t *tally) skippedWords() string {
	if t.skipped == 1 {
		return "the one open deal is in a skipped pipeline"
	}
	return "all " + words.Number(t.skipped) + " open deals are in skipped pipelines"
}

// needWords say how many deals need an update; first is set for a reader's first
// digest.
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

// leftWords say what became of deals that needed an update before. A deal is called
// fixed only where somebody fixed it.
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
