package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// During a planned event the event's time is the present; then the clock goes on from
// where it stood.
func TestDuring(t *testing.T) {
	start := time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)
	event := start.Add(-3 * time.Hour)
	c := clock.New(start, time.UTC, false)
	c.Lock()
	defer c.Unlock()
	c.During(event)
	if c.Present() != event || c.Event() != event {
		t.Errorf("during the event the clock shows %v, the event's time is %v", c.Present(), c.Event())
	}
	c.During(time.Time{})
	if c.Present() != start || !c.Event().IsZero() {
		t.Errorf("after the event the clock shows %v", c.Present())
	}
}

// A live clock runs from the time that was set last; any other clock stands still.
func TestLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)
		still, live := clock.New(start, time.UTC, false), clock.New(start, time.UTC, true)
		time.Sleep(90 * time.Second)
		if still.Now() != start || live.Now() != start.Add(90*time.Second) {
			t.Errorf("after 90 seconds: still %v, live %v", still.Now(), live.Now())
		}
		later := start.AddDate(0, 0, 7)
		live.Lock()
		live.Set(later)
		live.Unlock()
		time.Sleep(time.Second)
		if live.Now() != later.Add(time.Second) {
			t.Errorf("a second after Set: %v", live.Now())
		}
	})
}

// Today is the date in the company's zone, which may be the day before UTC's.
func TestToday(t *testing.T) {
	c := clock.New(time.Date(2026, 11, 25, 4, 30, 0, 0, time.UTC), clock.Location("America/New_York"), false)
	c.Lock()
	defer c.Unlock()
	if got := c.Today().String(); got != "2026-11-24" {
		t.Errorf("got %s", got)
	}
}
