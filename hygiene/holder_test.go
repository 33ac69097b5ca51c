package hygiene

import (
	"slices"
	"testing"
	"time"
)

// TestLifeSaysWhoseTheDealWas proves that a life knows when its deal was given to somebody
// else while the finding was open, also while nobody can judge it, that it forgets that with
// its end, and that one that ends as the deal is given away knows who got it.
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
	west, east := Holder{"west", "ana@acme.example"}, Holder{"east", "ben@acme.example"}
	for _, c := range []struct {
		name  string
		state State
		r     Result
		moved time.Time
		from  Holder
		now   Holder
		to    Holder
	}{
		{"given away", Open, result(Fail, ben), now, west, east, Holder{}},
		{"given away, cannot be judged", Open, result(Unknown, ben), now, west, east, Holder{}},
		{"kept", Open, result(Fail, ana), time.Time{}, Holder{}, west, Holder{}},
		{"fails again after its fix, for somebody else", Fixed, result(Fail, ben), time.Time{}, Holder{}, east, Holder{}},
		{"ends as it is given away", Open, result(Passed, ben), now, west, west, east},
		{"has ended, and is given away", Fixed, result(Passed, ben), time.Time{}, Holder{}, west, Holder{}},
		{"ends, and its owner cannot be read", Open, result(Passed, Facts{Unclear: "owner"}), time.Time{}, Holder{}, west, Holder{}},
	} {
		stored := Life{Finding: result(Fail, ana).Failed[0], State: c.state, Opened: day0, First: day0}
		if c.state != Open {
			stored.Ended = day1
		}
		got := Diff([]Life{stored}, []Result{c.r}, nil, again(now, 9))
		if len(got) == 0 {
			got = []Life{stored}
		}
		l := got[0]
		if !l.Moved.Equal(c.moved) || l.From != c.from || l.To != c.to || l.Handed() != (c.to != Holder{}) || (Holder{l.Deal.Team, l.Deal.OwnerEmail}) != c.now {
			t.Errorf("%s: moved %v from %+v to %+v, now %s %s", c.name, l.Moved, l.From, l.To, l.Deal.Team, l.Deal.OwnerEmail)
		}
	}
}

// TestWhatIsFoundOnADealThatWasGivenAwayKnowsFromWhom: the finding that its owner has left ends
// as somebody gets the deal, and what was hidden behind it begins, at once or later, with whose
// the deal was; and who has the deal in the end is known, however often it is given on.
func TestWhatIsFoundOnADealThatWasGivenAwayKnowsFromWhom(t *testing.T) {
	const other = "no-contact"
	of := func(team, owner, name string) Facts {
		return Facts{Team: team, OwnerEmail: owner + "@acme.example", OwnerName: name, OwnerActive: owner != "dana"}
	}
	dana, cleo, ben := of("west", "dana", "Dana Reyes"), of("east", "cleo", "Cleo Hart"), of("west", "ben", "Ben Brandt")
	holder := func(f Facts) Holder { return Holder{f.Team, f.OwnerEmail} }
	result := func(f Facts, failed ...string) []Result {
		r := Result{Source: "sales", Record: "006A", Facts: f, Outcomes: map[string]Outcome{OwnerInactive: Passed, other: Passed}}
		for _, rule := range failed {
			r.Outcomes[rule] = Fail
			found := found("006A", rule, "words", 0)
			found.Deal = f
			r.Failed = append(r.Failed, found)
		}
		return []Result{r}
	}
	for _, c := range []struct {
		name   string
		nights [][]Result
		to     Holder // of the finding that the owner has left
		from   Holder // of the other finding, zero is none
		leaver string
	}{
		{"to the other team, with a finding", [][]Result{result(cleo, other)}, holder(cleo), holder(dana), "Dana Reyes"},
		{"to the other team, and the finding begins later", [][]Result{result(cleo), result(cleo, other)}, holder(cleo), holder(dana), "Dana Reyes"},
		{"to the other team and back to a colleague", [][]Result{result(cleo), result(ben)}, holder(ben), Holder{}, ""},
		{"to the other team and on with its finding", [][]Result{result(cleo, other), result(ben, other)}, holder(ben), holder(cleo), ""},
		{"to nobody", [][]Result{result(Facts{}, other)}, Holder{}, holder(dana), "Dana Reyes"},
		{"the owner is back", [][]Result{result(dana, other)}, Holder{}, Holder{}, ""},
	} {
		lives := Diff(nil, result(dana, OwnerInactive), nil, again(day0, 1))
		for i, r := range c.nights {
			for _, l := range Diff(lives, r, nil, again(day1.AddDate(0, 0, i), uint64(2+i))) {
				lives = append(slices.DeleteFunc(lives, func(x Life) bool { return x.Key == l.Key }), l)
			}
		}
		for _, l := range lives {
			switch {
			case l.Rule == OwnerInactive && (l.To != c.to || l.Handed() != (c.name != "the owner is back")):
				t.Errorf("%s: given to %+v at %v, ended %v", c.name, l.To, l.Moved, l.Ended)
			case l.Rule == other && (l.From != c.from || l.Leaver != c.leaver):
				t.Errorf("%s: from %+v, %q", c.name, l.From, l.Leaver)
			}
		}
	}
}

// TestAGiftIsNotBackAgain: what ended as its owner went, and fails for the next one, is not
// back: the reader never had it.
func TestAGiftIsNotBackAgain(t *testing.T) {
	r := judged("no-activity", Passed, "", 0)
	lives := Diff([]Life{{Finding: found("006A", "no-activity", "words", 0), State: Open, Opened: day0, First: day0}}, []Result{r}, nil, again(day1, 1))
	if l := Diff(lives, []Result{judged("no-activity", Fail, "words", 0)}, nil, again(day1.AddDate(0, 0, 1), 2))[0]; !l.Back {
		t.Error("what fails again is back")
	}
	r.Facts.Team = "east"
	lives = Diff([]Life{{Finding: found("006A", "no-activity", "words", 0), State: Open, Opened: day0, First: day0}}, []Result{r}, nil, again(day1, 1))
	if l := Diff(lives, []Result{judged("no-activity", Fail, "words", 0)}, nil, again(day1.AddDate(0, 0, 1), 2))[0]; l.Back {
		t.Error("what another had is not back")
	}
}
