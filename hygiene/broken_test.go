package hygiene

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// TestARuleThatPanicsIsAlone: it is unknown on the deals on which it panics, and judged on the
// others; the other rules stand; it is named once.
func TestARuleThatPanicsIsAlone(t *testing.T) {
	faulty := Rule{ID: "b", Severity: High, Young: true, Check: func(_ *Pass, d *Deal) Verdict {
		var none *crm.Stage
		if d.Opportunity.ID != "fine" {
			_ = none.Label
		}
		return failing
	}}
	p := testPass(t, faulty, always("a", failing))
	for _, id := range []string{"006A", "fine", "006B"} {
		d := testDeal()
		d.Opportunity.ID = id
		r := p.Evaluate(d)
		want := "a fail, b unknown"
		if id == "fine" {
			want = "a fail, b fail"
		}
		if got := outcomes(&r); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	b := p.Broken()
	if len(b) != 1 || b[0].Rule != "b" || b[0].Deal != "006A" || b[0].Deals != 2 || !strings.Contains(b[0].Panic, "nil pointer") || !strings.Contains(b[0].Stack, "broken_test.go") {
		t.Errorf("broken: %+v", b)
	}
	if err := p.Prepare(); err != nil || len(p.Broken()) != 0 {
		t.Errorf("a new pass begins with %v, %v", p.Broken(), err)
	}
}
