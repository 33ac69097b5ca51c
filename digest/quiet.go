package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// silence is how long a reader may hear nothing: after it, even "all in order" is
// news, because silence looks like a broken daemon.
const silence = 6*24*time.Hour + 12*time.Hour

// Quiet reports whether the digest would tell its reader nothing.
//
// To a manager that is: nothing new, nothing fixed, nothing back, no finding of
// high severity, every source shown, and the last digest not a week ago. The
// first digest is never quiet. What is counted apart, because it is from before
// the start, is no reason to speak unless its deal is urgent.
//
// To a rep it is: no open finding and nothing fixed; and of what is counted apart,
// nothing but what this week's list has shown already.
func Quiet(in Input) bool {
	if in.For == "reps" {
		return quietRep(in)
	}
	if in.LastSent.IsZero() || in.Missed != "" || in.Now.Sub(in.LastSent) > silence {
		return false
	}
	for i := range in.Sources {
		if in.Sources[i].Withheld != "" || !in.Sources[i].Complete {
			return false
		}
	}
	var c *composer
	for i := range in.Lives {
		l := &in.Lives[i]
		switch {
		case l.Opened.After(in.LastSent), l.Ended.After(in.LastSent):
			return false
		case l.State != hygiene.Open || l.Held || l.Severity < hygiene.High:
		case in.BacklogPerWeek <= 0 || !l.Backlog:
			return false
		case c == nil:
			c = newComposer(in)
		}
	}
	return c == nil || len(c.needs) == 0 || c.needs[0].severity() < hygiene.High
}

func quietRep(in Input) bool {
	c := newComposer(in)
	if len(c.needs) > 0 || c.tally.fixed+c.tally.cleared > 0 {
		return false
	}
	return len(c.old) == 0 || sameWeek(in.LastSent.In(c.loc), in.Now.In(c.loc))
}

// sameWeek reports whether both are in one ISO week.
func sameWeek(a, b time.Time) bool {
	y1, w1 := a.ISOWeek()
	y2, w2 := b.ISOWeek()
	return y1 == y2 && w1 == w2
}
