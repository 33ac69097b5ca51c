package hygiene

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

func TestSudden(t *testing.T) {
	for _, c := range []struct {
		name          string
		failed, young int
		before        []int
		usual         int
		want          bool
	}{
		{"more than three times the usual number", 31, 0, []int{9, 10, 11}, 10, true},
		{"three times is not more", 30, 0, []int{9, 10, 11}, 10, false},
		{"nineteen deals are few", 19, 0, []int{0, 0, 0}, 0, false},
		{"twenty deals where there were none", 20, 0, []int{0, 0, 0}, 0, true},
		{"two days do not say what is usual", 200, 0, []int{10, 10}, 10, false},
		{"one day out of the usual", 31, 0, []int{10, 200, 10, 10}, 10, true},
		{"a median between two", 31, 0, []int{9, 9, 12, 12}, 11, false},
		{"an import of 120 deals", 130, 120, []int{10, 10, 10}, 10, false},
		{"a jump beside an import", 160, 120, []int{10, 10, 10}, 10, true},
		{"an import of a fortnight ago is usual", 130, 0, []int{10, 130, 130, 130}, 130, false},
		{"a slide of two weeks", 20, 0, []int{3, 4, 5, 5, 5, 13, 19}, 5, false},
		{"twice as many as on the day before", 38, 0, []int{3, 4, 5, 5, 5, 13, 19}, 5, true},
	} {
		j := Jump{Failed: c.failed, Young: c.young, Before: c.before}
		if got := j.Sudden(); got != c.want || j.Usual() != c.usual {
			t.Errorf("%s: sudden %v, usual %d; want %v, %d", c.name, got, j.Usual(), c.want, c.usual)
		}
	}
}

// TestBrake follows one rule through a jump: it is held from the evaluation that sees the
// jump, in the pipeline where it is; ends by itself or by a person, and does not come back
// before the jump is over.
func TestBrake(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	rules := []Rule{{ID: "a"}, {ID: "date", NeverFolded: true}}
	var days []DayRates
	since := crm.Date(0)
	evaluate := func(fs Folds, day int, big, small int) (Folds, []Brake) {
		days = append(days, DayRates{crm.DateOf(at, time.UTC) + crm.Date(day), []Rate{
			{Pipeline: "big", Rule: "a", Judged: 400, Failed: big}, {Pipeline: "big", Rule: "date", Judged: 400, Failed: big},
			{Pipeline: "small", Rule: "a", Judged: 40, Failed: small}, {Pipeline: "small", Rule: "date", Judged: 40},
		}})
		days = days[max(0, len(days)-FoldHistory):]
		of := func(string) crm.Date { return since }
		now := at.AddDate(0, 0, day)
		brakes := Brakes(days, rules, nil, of)
		return Refold(fs, days, rules, nil, now).Brake(brakes, days, of, now), brakes
	}
	var fs Folds
	for day := range 3 {
		if fs, _ = evaluate(fs, day, 10, 2); len(fs) != 0 {
			t.Fatalf("day %d: %+v", day, fs)
		}
	}
	held, brakes := evaluate(fs, 3, 60, 2)
	want := Folds{{Pipeline: "big", Rule: "a", Since: at.AddDate(0, 0, 3), Brake: true, Usual: 10}}
	if diff := cmp.Diff(want, held); diff != "" {
		t.Fatalf("a jump, want -, got +:\n%s", diff)
	}
	var told []string
	for _, b := range brakes {
		told = append(told, fmt.Sprint(b.Rule, b.Told))
	}
	if !slices.Equal(told, []string{"afalse", "datetrue"}) {
		t.Errorf("brakes: %v", told)
	}
	before, since0 := at.AddDate(0, 0, 2), held[0].Since
	if f := &held[0]; f.HidesFinding(&Facts{Pipeline: "big"}, before) || !f.HidesFinding(&Facts{Pipeline: "big"}, since0) {
		t.Error("a brake holds what began with the jump, and nothing that was told before")
	}
	deal, promised := Facts{Pipeline: "big"}, Facts{Pipeline: "big", Commit: true}
	if !held.Hide("a", &deal) || held.Hide("a", &promised) || held.Hide("a", &Facts{Pipeline: "small"}) || held.Hide("date", &deal) {
		t.Error("held are the findings of the rule that jumped, in its pipeline, except on commit deals")
	}

	saved := slices.Clone(days)
	for day := 4; day <= 12; day++ { // what lasts is let through after a week, whether somebody looked or not
		if held, _ = evaluate(held, day, 60, 2); held[0].Active() != (day < 10) {
			t.Fatalf("day %d: held %v", day, held[0].Active())
		}
	}
	held = want
	days = slices.Clone(saved)
	over, _ := evaluate(held, 4, 12, 2)
	if over[0].Active() || over[0].Until != at.AddDate(0, 0, 4) {
		t.Errorf("the jump is over: %+v", over)
	}
	if again, _ := evaluate(over, 5, 60, 2); !again[0].Active() {
		t.Error("the next jump is not held")
	}

	days = nil
	for day := range 3 {
		_, _ = evaluate(nil, day, 2, 0)
	}
	few, _ := evaluate(nil, 3, 20, 0)
	if few, _ = evaluate(few, 4, 16, 0); !few[0].Active() {
		t.Error("four of twenty were put right, and the sixteen are let through")
	}
	if few, _ = evaluate(few, 5, 6, 0); few[0].Active() {
		t.Error("as few as three times the usual number are held")
	}
	days = nil
	for day := range 3 {
		_, _ = evaluate(nil, day, 2, 0)
	}
	both, _ := evaluate(nil, 3, 20, 3)
	if both, _ = evaluate(both, 4, 16, 3); len(both) != 2 || !both[0].Active() || !both[1].Active() {
		t.Errorf("three of a small pipeline are let through while the flood goes on: %+v", both)
	}
	if both, _ = evaluate(both, 5, 2, 3); both[0].Active() || both[1].Active() {
		t.Errorf("five in all are held: %+v", both)
	}

	days = slices.Clone(saved)
	released := slices.Clone(held)
	released[0].Until, released[0].Released = at.AddDate(0, 0, 3).Add(time.Hour), true
	if still, _ := evaluate(released, 4, 60, 2); still[0].Active() {
		t.Error("held again after the release")
	}

	days = slices.Clone(saved)[:3]
	since = crm.DateOf(at, time.UTC) + 2
	if other, _ := evaluate(nil, 3, 60, 2); len(other) != 0 {
		t.Errorf("the limit was changed a day ago: %+v", other)
	}
}

func TestPartOfRule(t *testing.T) {
	for part, want := range map[string]bool{
		"rule a": true, "rule b": false, "stages new": true, "definitions ": true, "skip new": true, "calendar ": true, "calendar ana@acme.example": false,
		"clock": true, "format": true, "severity a": false, "sight amount": false, "commit": false,
	} {
		if got := PartOfRule(part, "a"); got != want {
			t.Errorf("%q: %v, want %v", part, got, want)
		}
	}
}

// TestATallyCountsWhatWasTold: a brake hides from the tallies what began with the jump, as it
// does from the digests, and not what was told before.
func TestATallyCountsWhatWasTold(t *testing.T) {
	p := testPass(t)
	all := NewTallies(p, Folds{{Pipeline: "new", Rule: "a", Since: p.Now, Brake: true}})
	all.Told = map[[2]string]bool{{"told", "a"}: true}
	for _, id := range []string{"told", "jumped"} {
		r := Result{Record: id, Facts: Facts{OwnerID: "ana", Team: "West", Pipeline: "new"}, Outcomes: map[string]Outcome{"a": Fail}}
		r.Failed = []Finding{{Key: Key{Record: id, Rule: "a"}, Severity: High}}
		all.Add(&r)
	}
	if got := all.List()[0]; got.Deals != 2 || got.NeedUpdate != 1 {
		t.Errorf("%d of %d deals need an update, want 1 of 2", got.NeedUpdate, got.Deals)
	}
	if got := all.Urgent(); len(got) != 1 || got[0].Deals != 1 || got[0].Rules["a"] != 1 {
		t.Errorf("urgent: %+v, want the one that was told", got)
	}
}
