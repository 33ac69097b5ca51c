package hubspot

import (
	"testing"
	"time"
)

// TestQuietHasABound: a search reaches back a day at most because others found nothing, and
// neither a search with results nor a backfill leaves anything to be searched for again.
func TestQuietHasABound(t *testing.T) {
	begin := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	c := &cursor{Since: begin.Unix()}
	turn := func(after time.Duration, r run, found bool) {
		t.Helper()
		r.Began = begin.Add(after).Unix()
		c.Run = &r
		if !found {
			c.heard("deals", true, nil)
		}
		c.heard("notes", true, []string{"1"})
		c.finish()
		c.Run = &run{}
	}
	at := func(after time.Duration, what string) {
		t.Helper()
		if got, want := c.from("deals", time.Minute), begin.Add(after-time.Minute); !got.Equal(want) {
			t.Errorf("%s: deals from %v, want %v", what, got, want)
		}
		if got := c.from("notes", 0); got.Unix() != c.Since {
			t.Errorf("%s: notes from %v, want the last run", what, got)
		}
	}
	for h := range 24 {
		turn(time.Duration(h+1)*time.Hour, run{}, false)
		at(0, "nothing was found")
	}
	turn(25*time.Hour, run{}, false)
	at(24*time.Hour, "nothing was found for more than a day")
	turn(26*time.Hour, run{}, true)
	at(26*time.Hour, "something was found")
	turn(27*time.Hour, run{}, false)
	at(26*time.Hour, "nothing again")
	turn(28*time.Hour, run{Full: true}, true)
	at(28*time.Hour, "all was read")
}
