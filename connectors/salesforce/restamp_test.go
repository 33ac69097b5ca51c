package salesforce_test

import (
	"maps"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestPriceOfARestamp gives all opportunities and tasks a new stamp, as an integration or a
// platform process does, and polls on. A row becomes visible minutes after its stamp, so
// each poll reads what the overlap with the poll before holds once more; never a third time,
// and a quiet poll costs what it costs otherwise. The log shows the figures.
func TestPriceOfARestamp(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 1200})
	poll := func(after time.Duration) (spent int, rows map[crm.Stream]int) {
		t.Helper()
		a.later(after)
		a.org.ResetCalls()
		rows = map[crm.Stream]int{}
		runs := runAll(t, src, at, true)
		for s, r := range runs {
			rows[s] = r.rows
		}
		maps.Copy(at, advance(runs))
		return len(calls(a)), rows
	}
	for range 3 {
		poll(16 * time.Minute)
	}
	quiet, _ := poll(16 * time.Minute)
	a.later(14 * time.Minute)
	a.company.Restamp("Opportunity")
	a.company.Restamp("Task")
	deals, tasks := len(a.company.IDs("Opportunity")), len(a.company.IDs("Task"))
	first, rows := poll(time.Minute)
	if rows[crm.Opportunities] < deals || rows[crm.Activities] < tasks {
		t.Fatalf("the scenario does not hold: %v of %d deals and %d tasks", rows, deals, tasks)
	}
	total, again := 0, 0
	for n := range 10 {
		spent, rows := poll(15 * time.Minute)
		total += spent
		again += rows[crm.Opportunities]
		if n > 0 && rows[crm.Opportunities]+rows[crm.Activities] > 0 {
			t.Errorf("poll %d after the change reads %v", n+1, rows)
		}
	}
	t.Logf("a quiet poll %d calls; %d deals and %d tasks with new stamps: %d calls, then %d in ten quiet polls, with %d deals read again", quiet, deals, tasks, first, total, again)
	if most := 11*quiet + 2*((deals+1999)/2000+(tasks+1999)/2000+2); first+total > most {
		t.Errorf("%d calls, want at most %d", first+total, most)
	}
}
