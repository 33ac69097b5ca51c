package hubspot

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// A lap reads all records of a stream again: what changes without a stamp, and what is
// gone without a trace, is found in no other way. A lap begins once a day, and goes on at
// the end of the hour's runs, some pages of a list at a time. So no poll is long, and what
// laps cost in a day does not grow with the portal: where the pages of a day are too few
// for all records, the lap takes more than a day. Where a lap stands is in the cursor.
//
// A lap of deals or of activities is a sweep. Until the lap ends, each page of the stream
// says so, and the last page of each run says that the sweep goes on.

// lapEvery is how often a lap begins at most.
const lapEvery = 24 * time.Hour

// lapLists is how many pages of lists a lap reads in an hour, at the usual share of the
// portal's calls: few at a smaller share. Histories come fifty at a time, and hardly anything in a history is new
// without a stamp. A stream without an entry has no laps.
var lapLists = map[crm.Stream]int{crm.Opportunities: 100, crm.History: 50, crm.Contacts: 50, crm.Activities: 150}

// lapAgain is how long after a lap another one begins that looks once more for what the
// first one missed. A lap that is held costs its pages at a poll, not once an hour.
const lapAgain = 15*time.Minute - 30*time.Second

// SweepAgain is the ability of a [crm.Sweeper]. It makes a lap, whether a lap or a full read
// was held.
func (s *Source) SweepAgain(_ crm.Stream, at crm.Cursor) crm.Cursor {
	c, err := readCursor(at)
	if err != nil || c.Run != nil || c.Lap != nil {
		return at
	}
	c.Held = true
	return crm.Cursor(c.String())
}

// sliceLasts is how long after the increment before a lap still goes on. After a pause, or
// an error, an increment comes first.
const sliceLasts = 10 * time.Minute

// lists is how many pages of lists a lap reads in an hour at a share of the portal's calls.
func (c *Config) lists(name crm.Stream) int {
	return max(1, int(float64(lapLists[name])*min(1, c.Budget/DefaultBudget)))
}

// lapCalls is how many calls a lap makes in an hour at most: its lists, and for activities
// and contacts the links of what some lists gave.
func lapCalls(name crm.Stream) int {
	n := lapLists[name]
	if name == crm.Activities || name == crm.Contacts {
		n += n / listsAtOnce
	}
	return n
}

// lapPrice is how many calls all laps make in a day at most.
func lapPrice() (n int) {
	for name := range lapLists {
		n += 24 * lapCalls(name)
	}
	return n
}

// setOut begins a lap with the run that has just begun, where a lap is due at the
// server's time at.
func (c *cursor) setOut(name crm.Stream, at int64) {
	every := lapEvery
	if c.Held {
		every = lapAgain
	}
	if c.Held = false; c.Lap == nil && lapLists[name] > 0 && at-c.Reread >= int64(every/time.Second) {
		c.Run.Deep = true
		c.Lap = &run{Full: true, Again: true, Lap: true, Fields: c.Run.Fields}
	}
}

// goOn makes the lap the present run after the hour's increment r, and reports whether
// there is a lap.
func (c *cursor) goOn(r *run) bool {
	if c.Lap == nil || !r.Deep {
		return false
	}
	c.Run, c.Lap = c.Lap, nil
	c.Run.Began, c.Run.Keep, c.Run.Lists = c.Since, r.Keep, 0
	if c.Run.Start == 0 {
		c.Run.Start = c.Since
	}
	return true
}

// park leaves the lap until the next hour's run.
func (c *cursor) park() {
	c.keepOdd(c.Run)
	c.Lap, c.Run = c.Run, nil
}

// rests reports whether the cursor stands in a lap that has to wait for an increment, at
// the server's time now.
func (c *cursor) rests(now time.Time) bool {
	return c.Run != nil && c.Run.Lap && now.Sub(time.Unix(c.Since, 0)) > sliceLasts
}

// sweeping is the run that mentions all records of the stream by its end, which may go on
// in a later run; nil is none.
func (c *cursor) sweeping() *run {
	switch r := c.Run; {
	case c.Lap != nil:
		return c.Lap
	case r != nil && r.Full && r.Again:
		return r
	}
	return nil
}
