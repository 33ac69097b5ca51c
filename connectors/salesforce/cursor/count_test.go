package cursor_test

import (
	"slices"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
)

// TestASecondReadingIsAsGoodAsACount: what an org does not count is not known to be whole
// until a sweep has read as many rows as the full run, or the org has counted them.
func TestASecondReadingIsAsGoodAsACount(t *testing.T) {
	run := func(c *cursor.Cursor, now int64, rows int, counted bool) {
		c.Begin(nil, false, 0, now)
		c.Run.Began = now
		c.Run.Sweep = !c.Run.Full
		c.Run.Counts = rows
		c.Run.Tally("Task")
		if counted {
			c.Run.Tell("Task", rows)
		}
		c.Finish()
	}
	c, err := cursor.Read("")
	if err != nil {
		t.Fatal(err)
	}
	blind := func(what string, want bool) {
		t.Helper()
		if got := slices.Contains(c.Blind, "Task"); got != want {
			t.Errorf("%s: blind %v, want %v", what, got, want)
		}
	}
	run(c, 1000, 40, false)
	blind("after a full run that nobody counted", true)
	run(c, 2000, 100, false)
	blind("after a sweep that read others", true)
	run(c, 3000, 101, false)
	blind("after a sweep that read the same", false)

	c.Reread = true
	run(c, 4000, 100, false)
	blind("after another full run", true)
	c.Reread = true
	run(c, 4500, 100, false)
	blind("after one that read as many", false)
	c.Reread = true
	run(c, 4600, 100, false)
	blind("after one more", true)
	c.Counted("Task", 100, 5000)
	c.Confirmed("Task")
	blind("after a count", false)

	c.Reread = true
	run(c, 6000, 100, true)
	blind("after a full run that was counted", false)
}
