package hygiene

import (
	"slices"
	"testing"
)

func TestInhibited(t *testing.T) {
	for _, c := range []struct {
		rule   string
		failed []string
		want   string
	}{
		{"stage-stuck", nil, ""},
		{"stage-stuck", []string{OwnerInactive}, OwnerInactive},
		{"stage-stuck", []string{OwnerMissing}, OwnerMissing},
		{OwnerMissing, []string{OwnerMissing}, ""},
		{OwnerInactive, []string{OwnerInactive}, ""},
		{CloseDatePushed, []string{CloseDatePast}, CloseDatePast},
		{CloseDatePast, []string{CloseDatePushed}, ""},
		{NoActivity, []string{NeverTouched, NextStepMissing}, NeverTouched},
		{NeverTouched, []string{NoActivity, NextStepMissing}, ""},
		{NextStepMissing, []string{NoActivity, NoFutureActivity}, ""},
		{NoFutureActivity, []string{NoActivity}, NoActivity},
		{NoFutureActivity, []string{NextStepMissing}, NextStepMissing},
		{NoFutureActivity, []string{NeverTouched}, NeverTouched},
		{NoFutureActivity, []string{NewOwnerNoTouch}, NewOwnerNoTouch},
		{NoFutureActivity, []string{CommitNoActivity}, CommitNoActivity},
		{NoFutureActivity, []string{CloseDatePast, "stage-stuck"}, ""},
	} {
		failed := func(rule string) bool { return slices.Contains(c.failed, rule) }
		if got := Inhibited(c.rule, failed); got != c.want {
			t.Errorf("%s beside %v: got %q, want %q", c.rule, c.failed, got, c.want)
		}
	}
}

// A finding that is hidden still hides others, whatever the order of the catalogue.
func TestInhibitionDoesNotDependOnOrder(t *testing.T) {
	ids := []string{NoFutureActivity, NoActivity, OwnerInactive}
	for range 2 {
		var rules []Rule
		for _, id := range ids {
			rules = append(rules, always(id, failing))
		}
		r := testPass(t, rules...).Evaluate(testDeal())
		if len(r.Failed) != 1 || r.Failed[0].Rule != OwnerInactive {
			t.Errorf("%v: got %v", ids, r.Outcomes)
		}
		slices.Reverse(ids)
	}
	p := testPass(t, always(NeverTouched, failing), always(NoActivity, failing), always(NoFutureActivity, failing))
	p.Settings[NeverTouched] = Settings{Off: true}
	if r := p.Evaluate(testDeal()); len(r.Failed) != 1 || r.Failed[0].Rule != NoActivity {
		t.Errorf("a rule that is off hides: %v", r.Outcomes)
	}
}
