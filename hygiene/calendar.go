package hygiene

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Calendar counts business days at one place: Monday to Friday without the
// holidays.
type Calendar struct {
	Location *time.Location
	Holiday  func(crm.Date) bool // nil is none
}

// Business reports whether d is a business day.
func (c *Calendar) Business(d crm.Date) bool {
	return workday(d) && (c.Holiday == nil || !c.Holiday(d))
}

// Date is the date on the wall at t.
func (c *Calendar) Date(t time.Time) crm.Date { return crm.DateOf(t, c.Location) }

// Days is the number of business days after the date of from, up to and
// including the date of to; 0 when to is not after from.
func (c *Calendar) Days(from, to time.Time) int {
	return c.Between(c.Date(from), c.Date(to))
}

// Between is Days for dates.
func (c *Calendar) Between(from, to crm.Date) int {
	if to <= from || from.IsZero() {
		return 0
	}
	if c.Holiday == nil {
		return weekdays(to) - weekdays(from)
	}
	n := weekdays(to) - weekdays(from)
	for d := from + 1; d <= to; d++ {
		if workday(d) && c.Holiday(d) {
			n--
		}
	}
	return n
}

// workday reports whether d is a Monday to Friday, by arithmetic alone: Between
// calls it for every day of a range.
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
