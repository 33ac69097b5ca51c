package hygiene

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Hours are the business hours of a day of work, as times on the wall after midnight.
type Hours struct {
	From, To time.Duration
}

// furthest bounds how many days After looks ahead.
const furthest = 5 * 366

// After is when n of business hours have passed since t: only the hours of days of work
// count, by the clock, so that a change of the clocks within them makes a day longer or
// shorter. Without business hours left to count it is the first moment of them at or after
// t. The zero time is none within five years.
func (c *Calendar) After(t time.Time, n time.Duration, h Hours) time.Time {
	first := c.Date(t)
	for d := first; d < first+furthest; d++ {
		if !c.Business(d) {
			continue
		}
		opens, closes := c.wall(d, h.From), c.wall(d, h.To)
		if t.After(opens) {
			opens = t
		}
		if !opens.Before(closes) {
			continue
		}
		if left := closes.Sub(opens); left < n {
			n -= left
			continue
		}
		return opens.Add(n)
	}
	return time.Time{}
}

// wall is the moment at which clocks in the calendar's place show the time on the date. A
// time that the clocks leave out is as far after midnight as they would show it.
func (c *Calendar) wall(d crm.Date, at time.Duration) time.Time {
	y, m, day := d.Civil()
	return time.Date(y, m, day, int(at/time.Hour), int(at%time.Hour/time.Minute), 0, 0, c.Location)
}
