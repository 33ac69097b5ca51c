package hygiene

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
)

var (
	day0 = time.Date(2026, 11, 2, 16, 0, 0, 0, time.UTC)
	day1 = day0.AddDate(0, 0, 1)
	now  = day0.AddDate(0, 0, 22)
)

// same is what tests judge by that are about other things.
var same = Yardstick{partFormat: yardstickFormat}

// again is an evaluation that judges as the one before.
func again(at time.Time, gen uint64) *Round {
	return &Round{At: at, Generation: gen, Was: same, Is: same}
}

func key(record, rule string) Key {
	return Key{Source: "sales", Kind: crm.KindOpportunity, Record: record, Rule: rule}
}

func found(record, rule, message string, closes crm.Date) Finding {
	return Finding{Key: key(record, rule), Severity: Medium, Says: Says{Message: Plain(message)}, Deal: Facts{Name: "Globex", CloseDate: closes}}
}

// judged is the result of one deal on which rule had the outcome o.
func judged(rule string, o Outcome, message string, closes crm.Date) Result {
	r := Result{Source: "sales", Record: "006A", Facts: Facts{Name: "Globex", CloseDate: closes}, Outcomes: map[string]Outcome{rule: o}}
	if o == Fail {
		r.Failed = []Finding{found("006A", rule, message, closes)}
	}
	return r
}

// did is the result with what somebody did.
func did(r Result, rule, done string) *Result {
	r.Done = map[string]Said{rule: Plain(done)}
	return &r
}

func TestDiff(t *testing.T) {
	const rule = "no-activity"
	nov18, dec1 := crm.NewDate(2026, 11, 18), crm.NewDate(2026, 12, 1)
	open := Life{Finding: found("006A", rule, "old words", nov18), State: Open, Opened: day1, First: day0, Back: true, Backlog: true, Basis: same.Basis(rule, &Facts{}), Generation: 3}
	with := func(l Life, change func(*Life)) *Life { change(&l); return &l }
	ended := func(s State, days int) *Life {
		return with(open, func(l *Life) {
			l.State, l.Ended, l.Back, l.Backlog = s, now.AddDate(0, 0, -days), false, false
		})
	}
	dated := func(l Life) *Life {
		return with(l, func(l *Life) { l.Finding = found("006A", CloseDatePast, "old words", nov18) })
	}
	closed := Result{Source: "sales", Record: "006A", ClosedAs: Won}
	for _, c := range []struct {
		name   string
		stored *Life
		result *Result
		absent map[string]State
		first  bool
		want   *Life // nil: nothing is written; Generation is 9
	}{
		{name: "new", result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: now}},
		{name: "new at the first evaluation", result: new(judged(rule, Fail, "new words", nov18)), first: true,
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: now, Backlog: true}},
		{name: "passes and nothing stored", result: new(judged(rule, Passed, "", nov18))},
		{name: "unknown and nothing stored", result: new(judged(rule, Unknown, "", nov18))},

		{name: "still fails, in the same words", stored: &open, result: new(judged(rule, Fail, "old words", nov18))},
		{name: "still fails, in new words", stored: &open, result: new(judged(rule, Fail, "new words", dec1)),
			want: with(open, func(l *Life) { l.Finding = found("006A", rule, "new words", dec1) })},
		{name: "passes", stored: &open, result: new(judged(rule, Passed, "", nov18)),
			want: with(open, func(l *Life) { l.State, l.Ended = Fixed, now })},
		{name: "passes by what somebody did", stored: &open, result: did(judged(rule, Passed, "", nov18), rule, "has its meeting on 2 Dec"),
			want: with(open, func(l *Life) { l.State, l.Ended, l.SaysDone = Fixed, now, Plain("has its meeting on 2 Dec") })},
		{name: "passes, and another rule says what somebody did", stored: &open, result: did(judged(rule, Passed, "", nov18), "amount-missing", "has an amount"),
			want: with(open, func(l *Life) { l.State, l.Ended = Fixed, now })},
		{name: "passes by a new date, which is no fix", stored: dated(open), result: did(judged(CloseDatePast, Passed, "", dec1), CloseDatePast, "has the close date 1 Dec"),
			want: with(*dated(open), func(l *Life) { l.State, l.Ended, l.SaysDone = Redated, now, Plain("has the close date 1 Dec") })},
		{name: "is not judged any more, though somebody did something", stored: &open, result: did(judged(rule, Exempt, "", nov18), rule, "has an amount"),
			want: with(open, func(l *Life) { l.State, l.Ended = Off, now })},
		{name: "still passes by what somebody did later", stored: ended(Fixed, 2), result: did(judged(rule, Passed, "", nov18), rule, "has an amount")},
		{name: "fails again, and what somebody did then is over", stored: with(*ended(Fixed, 3), func(l *Life) { l.SaysDone = Plain("has an amount") }), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0, Back: true}},
		{name: "passes with a later close date, which is not this rule's doing", stored: &open, result: new(judged(rule, Passed, "", dec1)),
			want: with(open, func(l *Life) { l.State, l.Ended = Fixed, now })},
		{name: "date moved later", stored: dated(open), result: new(judged(CloseDatePast, Passed, "", dec1)),
			want: with(*dated(open), func(l *Life) { l.State, l.Ended = Redated, now })},
		{name: "date passes without a move", stored: dated(open), result: new(judged(CloseDatePast, Passed, "", nov18)),
			want: with(*dated(open), func(l *Life) { l.State, l.Ended = Fixed, now })},

		{name: "unknown", stored: &open, result: new(judged(rule, Unknown, "", nov18)),
			want: with(open, func(l *Life) { l.Held = true })},
		{name: "still unknown", stored: with(open, func(l *Life) { l.Held = true }), result: new(judged(rule, Unknown, "", nov18))},
		{name: "unknown, then fails again", stored: with(open, func(l *Life) { l.Held = true }), result: new(judged(rule, Fail, "old words", nov18)),
			want: with(open, func(*Life) {})},
		{name: "unknown, then passes", stored: with(open, func(l *Life) { l.Held = true }), result: new(judged(rule, Passed, "", nov18)),
			want: with(open, func(l *Life) { l.State, l.Ended = Fixed, now })},
		{name: "unknown after it was fixed", stored: ended(Fixed, 3), result: new(judged(rule, Unknown, "", nov18))},

		{name: "exempt", stored: &open, result: new(judged(rule, Exempt, "", nov18)),
			want: with(open, func(l *Life) { l.State, l.Ended = Off, now })},
		{name: "rule not in the pass", stored: &open, result: new(judged("another", Passed, "", nov18)),
			want: with(open, func(l *Life) { l.State, l.Ended, l.Rejudged = Off, now, now })},

		{name: "fails again 14 days after the fix", stored: ended(Fixed, 14), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0, Back: true}},
		{name: "fails again 15 days after the fix", stored: ended(Fixed, 15), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0}},
		{name: "fails again after the date was moved", stored: ended(Redated, 2), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0, Back: true}},
		{name: "fails again after the rule was off", stored: ended(Off, 2), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0}},
		{name: "fails again after the deal was reopened", stored: ended(Won, 2), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0}},
		{name: "fails again 30 days after the deal was gone", stored: ended(Gone, 30), result: new(judged(rule, Fail, "new words", nov18)),
			want: with(*ended(Gone, 30), func(l *Life) {
				l.Finding, l.State, l.Ended = found("006A", rule, "new words", nov18), Open, time.Time{}
			})},
		{name: "fails again 31 days after the deal was gone", stored: ended(Gone, 31), result: new(judged(rule, Fail, "new words", nov18)),
			want: &Life{Finding: found("006A", rule, "new words", nov18), State: Open, Opened: now, First: day0}},
		{name: "unknown after the deal was gone", stored: ended(Gone, 2), result: new(judged(rule, Unknown, "", nov18)),
			want: with(*ended(Gone, 2), func(l *Life) { l.State, l.Ended, l.Held = Open, time.Time{}, true })},
		{name: "passes after the deal was gone", stored: ended(Gone, 30), result: did(judged(rule, Passed, "", nov18), rule, "has an amount"),
			want: with(*ended(Gone, 30), func(l *Life) { l.State, l.Ended, l.SaysDone = Fixed, now, Plain("has an amount") })},
		{name: "passes long after the deal was gone", stored: ended(Gone, 31), result: did(judged(rule, Passed, "", nov18), rule, "has an amount")},
		{name: "exempt after the deal was gone", stored: ended(Gone, 2), result: new(judged(rule, Exempt, "", nov18)),
			want: with(*ended(Gone, 2), func(l *Life) { l.State, l.Ended = Off, now })},
		{name: "passes after it was fixed", stored: ended(Fixed, 2), result: new(judged(rule, Passed, "", nov18))},

		{name: "not seen, and nobody knows why", stored: &open},
		{name: "not seen, still open", stored: &open, absent: map[string]State{"006A": 0}},
		{name: "not seen, another is gone", stored: &open, absent: map[string]State{"006B": Gone}},
		{name: "won", stored: &open, absent: map[string]State{"006A": Won},
			want: with(open, func(l *Life) { l.State, l.Ended = Won, now })},
		{name: "lost", stored: &open, absent: map[string]State{"006A": Lost},
			want: with(open, func(l *Life) { l.State, l.Ended = Lost, now })},
		{name: "gone while held", stored: with(open, func(l *Life) { l.Held = true }), absent: map[string]State{"006A": Gone},
			want: with(open, func(l *Life) { l.State, l.Ended = Gone, now })},
		{name: "gone after it was fixed", stored: ended(Fixed, 2), absent: map[string]State{"006A": Gone}},
		{name: "closed in the result", stored: &open, result: &closed,
			want: with(open, func(l *Life) { l.State, l.Ended = Won, now })},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stored, want []Life
			var results []Result
			if c.stored != nil {
				stored = []Life{*c.stored}
			}
			if c.result != nil {
				results = []Result{*c.result}
			}
			if c.want != nil {
				c.want.Generation, c.want.Basis = 9, open.Basis
				want = []Life{*c.want}
			}
			e := again(now, 9)
			if c.first {
				e.Was = nil
			}
			got := Diff(stored, results, c.absent, e)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			// A crash repeats the evaluation: the written lives meet the same results.
			if len(got) > 0 {
				stored = got
			}
			e.At, e.Generation = now.Add(time.Minute), 10
			if repeated := Diff(stored, results, c.absent, e); repeated != nil {
				t.Errorf("repeated, it changes again: %+v", repeated)
			}
		})
	}
}

// Lives of several records, rules and subjects are distinct, and come in the order of
// their keys.
func TestDiffOrder(t *testing.T) {
	two := judged("b", Fail, "x", 0)
	two.Failed = append(two.Failed, two.Failed[0])
	two.Failed[0].Subject, two.Failed[1].Subject = "2", "1"
	two.Failed = append(two.Failed, found("006A", "a", "y", 0))
	two.Outcomes["a"] = Fail
	late := Result{Source: "sales", Record: "006C", Outcomes: map[string]Outcome{"a": Fail}, Failed: []Finding{found("006C", "a", "z", 0)}}
	gone := Life{Finding: found("006B", "a", "w", 0), State: Open, Opened: day0, First: day0}
	settled := gone
	settled.Finding = two.Failed[1]
	settled.Subject = "0" // this finding does not fail any more, although its rule does
	stored := []Life{settled, gone}

	var got []string
	for _, l := range Diff(stored, []Result{two, late}, map[string]State{"006B": Gone}, again(now, 9)) {
		got = append(got, l.Record+" "+l.Rule+" "+l.Subject+" "+l.State.String())
	}
	want := []string{"006A a  open", "006A b 0 fixed", "006A b 1 open", "006A b 2 open", "006B a  gone", "006C a  open"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// Whatever evaluations follow each other: only a passing rule fixes a finding,
// unknown outcomes and absence never do, and the times stay in order.
func TestDiffNeverFixesUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stored []Life
		at := day0
		for range rapid.IntRange(1, 12).Draw(t, "evaluations") {
			at = at.Add(time.Duration(rapid.IntRange(1, 24*20).Draw(t, "hours")) * time.Hour)
			var results []Result
			seen := rapid.Bool().Draw(t, "seen")
			o := Outcome(rapid.IntRange(int(Passed), int(Exempt)).Draw(t, "outcome"))
			if seen {
				results = []Result{judged("r", o, "m", 0)}
			}
			before := Life{}
			if len(stored) == 1 {
				before = stored[0]
			}
			if got := Diff(stored, results, nil, again(at, 1)); got != nil {
				stored = got
			}
			if len(stored) == 0 {
				continue
			}
			l := stored[0]
			if (l.State == Fixed) != (before.State == Fixed) && l.State == Fixed && (!seen || o != Passed) {
				t.Fatalf("fixed by outcome %s, seen %v", o, seen)
			}
			if before.State == Open && (!seen || o == Unknown) && l.State != Open {
				t.Fatalf("left open by outcome %s, seen %v", o, seen)
			}
			if before.State == Open && l.State == Open && (l.Opened != before.Opened || l.First != before.First || l.Back != before.Back) {
				t.Fatalf("an open finding began anew: %+v after %+v", l, before)
			}
			if (l.State == Open) != l.Ended.IsZero() || (l.Held && l.State != Open) || l.Opened.Before(l.First) {
				t.Fatalf("a life that cannot be: %+v", l)
			}
		}
	})
}
