package rest

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Clock follows the clock of one server by the Date of its answers. The zero value has
// heard nothing.
type Clock struct{ last atomic.Pointer[heard] }

// heard is one Date, and when it came by the machine's steady clock.
type heard struct{ date, at time.Time }

// Hear takes the Date out of an answer; false is an answer without one.
func (c *Clock) Hear(h http.Header) (time.Time, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}, false
	}
	c.last.Store(&heard{date.UTC(), time.Now()})
	return date.UTC(), true
}

// Last is the Date of the latest answer; zero before the first.
func (c *Clock) Last() time.Time {
	if l := c.last.Load(); l != nil {
		return l.date
	}
	return time.Time{}
}

// Now is what the server's clock shows now, to a second and the time that an answer
// took to come; zero before the first answer.
func (c *Clock) Now() time.Time {
	if l := c.last.Load(); l != nil {
		return l.date.Add(time.Since(l.at))
	}
	return time.Time{}
}
