package hygiene

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestLedgerSaysWhatBecameOfACommitDeal: what a deal is today counts, and what nobody knows of
// is not said to have left.
func TestLedgerSaysWhatBecameOfACommitDeal(t *testing.T) {
	quarter, at := crm.NewDate(2026, 12, 31), time.Date(2026, 12, 8, 8, 0, 0, 0, time.UTC)
	in := Facts{Team: "west", Commit: true, CloseDate: quarter - 3}
	result := func(change func(*Result)) *Result {
		r := &Result{Record: "1", Facts: in}
		change(r)
		return r
	}
	was := Commitment{Record: "1", Team: "west", Since: at.AddDate(0, 0, -9)}
	for _, c := range []struct {
		name   string
		r      *Result
		absent State
		want   Exit
		in     bool
	}{
		{"in it", result(func(*Result) {}), 0, 0, true},
		{"won", result(func(r *Result) { r.ClosedAs = Won }), 0, ExitWon, false},
		{"lost", result(func(r *Result) { r.ClosedAs = Lost }), 0, ExitLost, false},
		{"another category", result(func(r *Result) { r.Facts.Commit = false }), 0, ExitRecast, false},
		{"after the quarter", result(func(r *Result) { r.Facts.CloseDate = quarter + 1 }), 0, ExitLater, false},
		{"no date", result(func(r *Result) { r.Facts.CloseDate = 0 }), 0, ExitUndated, false},
		{"an unreadable category", result(func(r *Result) { r.Facts.Unclear = "forecast_category" }), 0, ExitUnread, false},
		{"a twin", result(func(r *Result) { r.Twin = true }), 0, ExitGone, false},
		{"gone", nil, Gone, ExitGone, false},
		{"won out of sight", nil, Won, ExitWon, false},
		{"nobody knows", nil, 0, 0, true},
	} {
		l := NewLedger([]Commitment{was}, quarter, at)
		if c.r != nil {
			l.Add(c.r)
		} else if m := l.Missing(); len(m) != 1 {
			t.Errorf("%s: %q is missing", c.name, m)
		}
		got := l.Close(map[string]State{"1": c.absent})
		if len(got) != 1 || got[0].How != c.want || got[0].Left.IsZero() != c.in || c.in && !got[0].Since.Equal(was.Since) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if later := NewLedger(got, quarter, at.Add(KeepLeft+time.Hour)).Close(nil); !c.in && len(later) > 0 {
			t.Errorf("%s: is still known after %s: %+v", c.name, KeepLeft, later)
		}
	}
	l := NewLedger([]Commitment{was}, quarter, at)
	l.Add(result(func(r *Result) { r.Facts.Team = "east" }))
	if got := l.Close(nil); !got[0].Moved.Equal(at) || !got[0].Since.Equal(was.Since) {
		t.Errorf("moved to another team: %+v", got)
	}
	l = NewLedger(nil, quarter, at)
	for range MostCommitments + 1 {
		l.Add(result(func(*Result) {}))
	}
	if l.Close(nil) != nil {
		t.Error("half of a ledger is kept where there are too many deals")
	}
}
