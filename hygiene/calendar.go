package hygiene

import (
	"sort"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Calendar counts business days of one person, team or company: Monday to Friday without
// the holidays of the place and without spans in which nobody works, such as a freeze of
// the company or the person's leave. A calendar is not changed once it is in use.
type Calendar struct {
	Location *time.Location
	Holidays *Holidays // nil is none
	Off      []Span    // by [Apart]: no day is in two of them
}

// Business reports whether d is a business day.
func (c *Calendar) Business(d crm.Date) bool {
	_, off := c.OffOn(d)
	return workday(d) && !off
}

// OffOn reports whether d is a holiday or in a span without work, and which: "holiday us",
// "freeze". A weekend is neither.
func (c *Calendar) OffOn(d crm.Date) (why string, off bool) {
	if i := c.firstSpan(d); i < len(c.Off) && c.Off[i].From <= d {
		return c.Off[i].Why, true
	}
	return c.Holidays.on(d)
}

// Date is the date on the wall at t.
func (c *Calendar) Date(t time.Time) crm.Date { return crm.DateOf(t, c.Location) }

// Days is the number of business days after the date of from, up to and
// including the date of to; 0 when to is not after from.
func (c *Calendar) Days(from, to time.Time) int {
	return c.Between(c.Date(from), c.Date(to))
}

// Between is Days for dates. It is asked for every deal, so it walks no days: it takes the
// holidays and the spans away from the weekdays.
func (c *Calendar) Between(from, to crm.Date) int {
	if to <= from || from.IsZero() {
		return 0
	}
	n := c.Holidays.open(from, to)
	for i := c.firstSpan(from + 1); i < len(c.Off) && c.Off[i].From <= to; i++ {
		n -= c.Holidays.open(max(from, c.Off[i].From-1), min(to, c.Off[i].To))
	}
	return n
}

// firstSpan is the place of the first span that ends on d or later.
func (c *Calendar) firstSpan(d crm.Date) int {
	if len(c.Off) == 0 {
		return 0
	}
	return sort.Search(len(c.Off), func(i int) bool { return c.Off[i].To >= d })
}

// workday reports whether d is a Monday to Friday, by arithmetic alone.
func workday(d crm.Date) bool {
	m := (int(d) - 1) % 7 // date 1 was a Monday
	return (m >= 0 && m < 5) || (m < 0 && m+7 < 5)
}

// weekdays is the number of Mondays to Fridays in 1..d. For a date before 1 it is
// minus the number of those in d+1..0. Date 1, 0001-01-01, was a Monday.
func weekdays(d crm.Date) int {
	full, rest := int(d)/7, int(d)%7
	if rest < 0 {
		full, rest = full-1, rest+7
	}
	return full*5 + min(rest, 5)
}
