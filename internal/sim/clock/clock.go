// Package clock is the time of a simulated company, and the one lock over all of the
// company's records: whoever reads or changes a record holds the clock, so nothing
// changes between reading the time and writing a stamp. Code without simulated
// records takes its time from elsewhere.
package clock

import (
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Clock tells the company's present. A clock stands still until Set, unless the
// clock is live.
type Clock struct {
	sync.Mutex
	zone  *time.Location
	live  bool
	base  time.Time // the clock's time at begun
	begun time.Time // real time at which base was set, for live
	event time.Time // the time of the planned event that is happening; zero is none
}

// New is a clock that reads start in the company's zone.
func New(start time.Time, zone *time.Location, live bool) *Clock {
	return &Clock{zone: zone, live: live, base: start, begun: time.Now()}
}

// Now is the present, for a caller who does not hold the clock.
func (c *Clock) Now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.Present()
}

// Present is the present, for a caller who holds the clock.
func (c *Clock) Present() time.Time {
	if !c.event.IsZero() {
		return c.event
	}
	if c.live {
		return c.base.Add(time.Since(c.begun)).Truncate(time.Millisecond)
	}
	return c.base
}

// Second is the present in whole seconds, as in Salesforce stamps.
func (c *Clock) Second() time.Time { return c.Present().Truncate(time.Second) }

// Today is the date in the company's zone.
func (c *Clock) Today() crm.Date { return crm.DateOf(c.Present(), c.zone) }

// Zone is the company's time zone.
func (c *Clock) Zone() *time.Location { return c.zone }

// Set moves the clock. The caller holds the clock.
func (c *Clock) Set(t time.Time) { c.base, c.begun = t.UTC(), time.Now() }

// During makes the time of a planned event the present; the zero time ends that.
// The caller holds the clock.
func (c *Clock) During(event time.Time) { c.event = event }

// Event is the time of the planned event that is happening; zero is none.
func (c *Clock) Event() time.Time { return c.event }

// Location loads a zone that is known to exist.
func Location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("sim: time zone data is missing: " + err.Error())
	}
	return loc
}
