package hygiene

import (
	"testing"
	"time"
)

// TestLifeSaysWhoseTheDealWas proves that a life knows when its deal was given to somebody
// else while the finding was open, also while nobody can judge it, and that it forgets that
// with its end.
func TestLifeSaysWhoseTheDealWas(t *testing.T) {
	const rule = "no-activity"
	ana, ben := Facts{Team: "west", OwnerEmail: "ana@acme.example", OwnerActive: true}, Facts{Team: "east", OwnerEmail: "ben@acme.example", OwnerActive: true}
	result := func(o Outcome, f Facts) Result {
		r := judged(rule, o, "words", 0)
		r.Facts = f
		for i := range r.Failed {
			r.Failed[i].Deal = f
		}
		return r
	}
	west := Holder{"west", "ana@acme.example"}
	for _, c := range []struct {
		name  string
		state State
		r     Result
		moved time.Time
		from  Holder
		now   Holder
	}{
		{"given away", Open, result(Fail, ben), now, west, Holder{"east", "ben@acme.example"}},
		{"given away, cannot be judged", Open, result(Unknown, ben), now, west, Holder{"east", "ben@acme.example"}},
		{"kept", Open, result(Fail, ana), time.Time{}, Holder{}, west},
		{"fails again after its fix, for somebody else", Fixed, result(Fail, ben), time.Time{}, Holder{}, Holder{"east", "ben@acme.example"}},
		{"fixed by the next owner", Open, result(Passed, ben), time.Time{}, Holder{}, west},
	} {
		stored := Life{Finding: result(Fail, ana).Failed[0], State: c.state, Opened: day0, First: day0}
		if c.state != Open {
			stored.Ended, stored.Moved, stored.From = day1, day0, Holder{"south", ""}
		}
		got := Diff([]Life{stored}, []Result{c.r}, nil, again(now, 9))
		if len(got) == 0 {
			got = []Life{stored}
		}
		l := got[0]
		if !l.Moved.Equal(c.moved) || l.From != c.from || (Holder{l.Deal.Team, l.Deal.OwnerEmail}) != c.now {
			t.Errorf("%s: moved %v from %+v, now %s %s", c.name, l.Moved, l.From, l.Deal.Team, l.Deal.OwnerEmail)
		}
	}
}
