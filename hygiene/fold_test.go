package hygiene

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// rated makes days of rates, one for each share in percent of judged deals; a share below
// zero is a day without an evaluation.
func rated(judged int, percent ...int) []DayRate {
	var out []DayRate
	for i, p := range percent {
		if p >= 0 {
			out = append(out, DayRate{crm.NewDate(2026, 11, 2) + crm.Date(i), Rate{Judged: judged, Failed: judged * p / 100}})
		}
	}
	return out
}

func TestTurned(t *testing.T) {
	folded := Fold{Since: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
	ended := Fold{Since: folded.Since, Until: folded.Since.AddDate(0, 0, 3)}
	released := ended
	released.Released = true
	unread := func(n int) []DayRate {
		days := rated(100, slices.Repeat([]int{20}, n)...)
		for i := range days {
			days[i].Rate = Rate{Unknown: 100}
		}
		return days
	}
	for _, c := range []struct {
		name       string
		f          Fold
		never, off bool
		days       []DayRate
		want       Turn
	}{
		{"first evaluation of 50 deals", Fold{}, false, false, rated(50, 73), Habit},
		{"49 deals are too few", Fold{}, false, false, rated(49, 73), FewDeals},
		{"no rates at all", Fold{}, false, false, nil, FewDeals},
		{"40 % is not above 40 %", Fold{}, false, false, rated(100, 40), Rare},
		{"41 %", Fold{}, false, false, rated(100, 41), Habit},
		{"never", Fold{}, true, false, rated(100, 73), NeverFolds},
		{"switched off", Fold{}, false, true, rated(100, 73), SwitchedOff},
		{"one day with an import", Fold{}, false, false, rated(100, 10, 10, 10, 90), Rare},
		{"the median says so, today does not", Fold{}, false, false, rated(100, 60, 60, 60, 35), Rare},
		{"median of an even number", Fold{}, false, false, rated(100, 30, 60), Habit},
		{"days without an evaluation have no rate", Fold{}, false, false, rated(100, 50, -1, -1, -1, 50), Habit},
		{"days before the window", Fold{}, false, false, rated(100, 10, 10, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 50), Habit},
		{"days in the window", Fold{}, false, false, rated(100, 10, 10, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, 50), Rare},
		{"days of few deals are in no median", Fold{}, false, false, append(rated(10, 0, 0, 0, 0), rated(100, -1, -1, -1, -1, 50)...), Habit},

		{"stays between 30 and 40", folded, false, false, rated(100, 35, 35, 35, 35, 35, 35), StillFolded},
		{"four days below 30", folded, false, false, rated(100, 29, 29, 29, 29), StillFolded},
		{"five days below 30", folded, false, false, rated(100, 29, 29, 29, 29, 29), Calm},
		{"30 is not below 30", folded, false, false, rated(100, 29, 29, 29, 29, 30, 30, 30, 30, 30), StillFolded},
		{"the median falls later than the rate", folded, false, false, rated(100, 70, 70, 70, 10, 10, 10, 10, 10), StillFolded},
		{"and then it has fallen", folded, false, false, rated(100, 70, 70, 70, 10, 10, 10, 10, 10, 10, 10, 10), Calm},
		{"one bad day among the five", folded, false, false, rated(100, 29, 29, 90, 29, 29, 29, 29, 29), Calm},
		{"five days with an outage between", folded, false, false, rated(100, 29, 29, -1, -1, 29, 29, 29), Calm},
		{"too few deals for five days", folded, false, false, rated(40, 90, 90, 90, 90, 90), Calm},
		{"too few deals for four days", folded, false, false, append(rated(100, 90), rated(40, -1, 90, 90, 90, 90)...), StillFolded},
		{"a field that cannot be read is no calm", folded, false, false, unread(8), StillFolded},
		{"the rule is never folded any more", folded, true, false, rated(100, 90), NeverFolds},

		{"begins again", ended, false, false, rated(100, 90), Habit},
		{"released", released, false, false, rated(100, 90), LetGo},
		{"released, between 30 and 40", released, false, false, rated(100, 35), Rare},
	} {
		if got := Turned(c.f, c.never, c.off, c.days); got != c.want {
			t.Errorf("%s: turn %d, want %d", c.name, got, c.want)
		}
	}
}

// A released rule is folded again only after its rate has been below 30 % once; the end of
// a fold is remembered for a while, and the habits of one pipeline are not those of another.
func TestRefold(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	rules := []Rule{{ID: "a"}, {ID: "never", NeverFolded: true}}
	var days []DayRates
	day := func(n, percent int) time.Time {
		rates := []Rate{
			{Pipeline: "new", Rule: "a", Judged: 100, Failed: percent},
			{Pipeline: "new", Rule: "never", Judged: 100, Failed: 90},
			{Pipeline: "small", Rule: "a", Judged: 20, Failed: 20},
		}
		days = append(days, DayRates{crm.DateOf(at, time.UTC) + crm.Date(n), rates})
		days = days[max(0, len(days)-FoldHistory):]
		return at.AddDate(0, 0, n)
	}
	now := day(0, 73)
	fs := Refold(nil, days, rules, nil, now)
	want := Folds{{Pipeline: "new", Rule: "a", Since: now}}
	if diff := cmp.Diff(want, fs); diff != "" {
		t.Fatalf("first day, want -, got +:\n%s", diff)
	}
	if again := Refold(fs, days, rules, nil, now.Add(time.Hour)); !slices.Equal(fs, again) {
		t.Errorf("the same day again: %+v", again)
	}
	deal := Facts{Pipeline: "new"}
	if promised := (Facts{Pipeline: "new", Commit: true}); !fs.Hide("a", &deal) || fs.Hide("a", &promised) || fs.Hide("a", &Facts{Pipeline: "small"}) || fs.Hide("never", &deal) {
		t.Error("a fold hides what its rule finds in its pipeline, except on commit deals")
	}

	fs[0].Until, fs[0].Released = now.Add(time.Hour), true
	n := 1
	for ; n <= 20; n++ {
		if fs = Refold(fs, days, rules, nil, day(n, 73)); fs[0].Active() {
			t.Fatalf("folded again on day %d after the release", n)
		}
	}
	for ; fs[0].Released; n++ {
		if fs = Refold(fs, days, rules, nil, day(n, 10)); n > 60 {
			t.Fatal("the release holds for ever")
		}
	}
	for ; !fs[0].Active(); n++ {
		if fs = Refold(fs, days, rules, nil, day(n, 73)); n > 90 {
			t.Fatal("never folded again")
		}
	}
	off := Refold(fs, days, rules, map[string]Settings{"a": {Off: true}}, day(n, 73))
	if off[0].Active() {
		t.Error("a rule that is switched off is folded")
	}
	if left := Refold(off, []DayRates{{crm.DateOf(at, time.UTC) + 400, []Rate{{Pipeline: "other", Rule: "a"}}}}, rules, nil, at.AddDate(0, 0, 400)); len(left) != 0 {
		t.Errorf("a year later: %+v", left)
	}
}

// The rates count a deal whose finding waits for another one as failed, and what could
// not be judged apart.
func TestRates(t *testing.T) {
	p := testPass(t)
	all := NewTallies(p, Folds{{Pipeline: "new", Rule: "b", Since: p.Now}})
	add := func(pipeline string, commit bool, outcomes map[string]Outcome, waiting ...string) {
		r := Result{Facts: Facts{OwnerID: "ana", Team: "West", Pipeline: pipeline, Commit: commit}, Outcomes: outcomes, Waiting: waiting}
		for rule, o := range outcomes {
			if o == Fail {
				r.Failed = append(r.Failed, Finding{Key: Key{Rule: rule}, Severity: High})
			}
		}
		all.Add(&r)
	}
	add("new", false, map[string]Outcome{"a": Fail, "b": Fail})
	add("new", false, map[string]Outcome{"a": Passed, "b": Fail}) // b is folded
	add("new", true, map[string]Outcome{"a": Unknown, "b": Fail}) // not on a commit deal
	add("new", false, map[string]Outcome{"a": Exempt, "b": Exempt}, "b")
	add("old", false, map[string]Outcome{"a": Passed, "b": Fail})
	want := []Rate{
		{Pipeline: "new", Rule: "a", Judged: 2, Failed: 1, Unknown: 1}, {Pipeline: "new", Rule: "b", Judged: 4, Failed: 4},
		{Pipeline: "old", Rule: "a", Judged: 1}, {Pipeline: "old", Rule: "b", Judged: 1, Failed: 1},
	}
	if diff := cmp.Diff(want, all.Rates()); diff != "" {
		t.Errorf("rates: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff([]Urgent{{Team: "West", Deals: 3, Rules: map[string]int{"a": 1, "b": 2}}}, all.Urgent()); diff != "" {
		t.Errorf("urgent: want -, got +:\n%s", diff)
	}
	if got := all.List()[0]; got.Deals != 5 || got.NeedUpdate != 3 {
		t.Errorf("%d of %d deals need an update, want 3 of 5", got.NeedUpdate, got.Deals)
	}
}

// TestYoungAndJustOver: an import, and deals of one age that the calendar brings over a limit
// together, are no jump; what is far over its limit at once is.
func TestYoungAndJustOver(t *testing.T) {
	p := testPass(t)
	all := NewTallies(p, nil)
	today := crm.DateOf(p.Now, p.Company)
	add := func(created crm.Date, measured, limit float64) {
		r := Result{Facts: Facts{OwnerID: "ana", Pipeline: "new", Created: created}, Outcomes: map[string]Outcome{"a": Fail}}
		r.Failed = []Finding{{Key: Key{Rule: "a"}, Severity: High, Says: Says{Count: measured}, Limit: limit}}
		all.Add(&r)
	}
	add(today-1, 0, 0)    // new
	add(today-60, 15, 14) // passed the limit yesterday
	add(today-60, 40, 14) // long ago
	add(today-60, 0, 0)   // has no limit
	add(0, 0, 0)          // nobody knows when
	if r := all.Rates(); len(r) != 1 || r[0].Failed != 5 || r[0].Young != 2 {
		t.Errorf("got %+v, want 5 failed, of them 2 young", r)
	}
}

// A finding that waits for another one of its deal is named in the result.
func TestWaiting(t *testing.T) {
	fails := func(*Pass, *Deal) Verdict { return Verdict{Outcome: Fail, Reason: "so"} }
	p := testPass(t)
	p.Rules = []Rule{{ID: OwnerInactive, Severity: High, Check: fails, Young: true}, {ID: "a", Severity: Low, Check: fails, Young: true}}
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	r := p.Evaluate(&Deal{Source: "sales", Opportunity: crm.Opportunity{ID: "1"}})
	if got := fmt.Sprint(r.Waiting, r.Outcomes["a"], len(r.Failed)); got != "[a] exempt 1" {
		t.Errorf("waiting: %s", got)
	}
	// A fold of the finding that hides another shows nothing new.
	all := NewTallies(p, Folds{{Rule: OwnerInactive, Since: p.Now}})
	all.Add(&r)
	if got := all.List()[0]; got.NeedUpdate != 0 || len(all.Urgent()) != 0 {
		t.Errorf("with the root folded: %+v", got)
	}
}
