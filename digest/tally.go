package digest

import (
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
)

// tally is the digest's arithmetic, in deals:
// judged = in order + need + old, and for each of the two counts
// what the last digest said + what came - what left = what this digest says (see flow).
type tally struct {
	fraction bool // deals is known
	deals    int  // open deals of the judged sources
	today    flow // of the deals that need an update
	apart    flow // of the deals from before the start
	need     int  // need an update
	fresh    int  // of need: new
	old      int  // from before the start, and counted apart
	held     int  // cannot be judged now
	paused   int  // are parked, in no other number
	skipped  int  // open deals of the team in skipped pipelines, in no other number
	fixed    int  // were fixed, in whichever count they were
	late     int  // of fixed: were in none, because they could not be judged or their source was withheld
}

// inOrder is the numerator of the fraction: the judged deals without findings.
func (t *tally) inOrder() int { return t.judged() - t.need - t.old }

// judged is the denominator of the fraction: the deals that could be judged.
func (t *tally) judged() int { return t.deals - t.held }

// add counts one deal.
func (t *tally) add(d *deal) {
	count := func(c Class) *flow {
		switch c {
		case Needs:
			return &t.today
		case Old:
			return &t.apart
		}
		return &flow{}
	}
	was, now := count(d.was), count(d.class)
	was.was++
	now.now++
	if d.came != stays {
		now.by[d.came]++
	}
	if d.left != stays {
		was.by[d.left]++
	}
	switch d.class {
	case Unjudged:
		t.held++
	case Paused:
		t.paused++
	}
	if d.done() {
		t.fixed++
		if d.was != Needs && d.was != Old {
			t.late++
		}
	}
	t.need, t.fresh, t.old = t.today.now, t.today.by[fresh], t.apart.now
}

// skippedWords say that all of the team's deals are in skipped pipelines.
func (t *tally) skippedWords() string {
	if t.skipped == 1 {
		return "the one open deal is in a skipped pipeline"
	}
	return "all " + words.Number(t.skipped) + " open deals are in skipped pipelines"
}

// pausedWords say how many deals are parked, "" for none.
func (t *tally) pausedWords() string {
	if t.paused == 0 {
		return ""
	}
	return words.Number(t.paused) + " paused, not counted."
}

// The words for the deals of today's count that were, or are, counted with those from
// before the start.
const (
	joinedToday = "counted apart until now"
	partedToday = "now counted apart"
)

// needWords say how many deals need an update, and how they came to; first is set for a
// reader's first digest.
func (t *tally) needWords(first, own bool) string {
	w := words.Count(t.need, "needs an update", "need an update")
	if first {
		return "First digest: " + w + "."
	}
	parts := t.today.inWords(own, joinedToday)
	if t.fresh == 0 {
		parts = append([]string{"0 new"}, parts...)
	}
	return w + ": " + strings.Join(append(parts, words.Number(t.today.stayed())+" from before"), ", ") + "."
}

// leftWords say what became of deals that needed an update before. A deal is called
// fixed only where somebody fixed it.
func (t *tally) leftWords(first, own bool) string {
	if first {
		return ""
	}
	today := t.today
	if today.by[paused] == t.paused {
		today.by[paused] = 0 // so does one for these
	}
	if today.by[held] == t.held {
		today.by[held] = 0 // a sentence of its own says it
	}
	out := today.outWords(own, partedToday)
	if today.by[fixed] == 0 && t.need > 0 && t.fixed == t.late { // else one from before the start is, and the subject says so
		out = append([]string{"0 fixed"}, out...)
	}
	if t.late > 0 {
		out = append(out, words.Number(t.late)+" fixed of those that were not counted then")
	}
	return words.Sentence(strings.Join(out, ", "))
}
