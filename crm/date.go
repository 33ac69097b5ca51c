package crm

import (
	"fmt"
	"time"
)

// Date is a calendar date without time and zone, counted in days. The zero
// value is no date.
type Date int32

// epochDays is how many days the Unix epoch is after 0000-12-31, so that the Date 1 is
// 0001-01-01.
const epochDays = 719163

// NewDate returns the date of year, month and day; out-of-range days are
// normalised as [time.Date] does.
func NewDate(year int, month time.Month, day int) Date {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return Date(d + epochDays)
}

// DateOf returns the date in loc at t; the zero Date for the zero time.
func DateOf(t time.Time, loc *time.Location) Date {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.In(loc).Date()
	return NewDate(y, m, d)
}

// ParseDate reads YYYY-MM-DD. An empty string is the zero Date.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date; write YYYY-MM-DD", s)
	}
	return NewDate(t.Year(), t.Month(), t.Day()), nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == 0 }

// In returns midnight of d in loc, as [time.Date] gives it.
func (d Date) In(loc *time.Location) time.Time {
	y, m, day := d.Civil()
	return time.Date(y, m, day, 0, 0, 0, 0, loc)
}

// Civil returns year, month and day.
func (d Date) Civil() (int, time.Month, int) {
	return time.Unix((int64(d)-epochDays)*86400, 0).UTC().Date()
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Unix((int64(d)-epochDays)*86400, 0).UTC().Weekday()
}

// QuarterEnd returns the last day of the quarter that d lies in, where the fiscal year
// starts with the month starts; 0 is January, as in the calendar.
func (d Date) QuarterEnd(starts time.Month) Date {
	y, m, _ := d.Civil()
	return NewDate(y, m+3-(m-max(starts, 1)+12)%3, 0)
}

// String writes YYYY-MM-DD, and "" for the zero Date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return time.Unix((int64(d)-epochDays)*86400, 0).UTC().Format(time.DateOnly)
}

// Short writes "2 Jan", as the digests do.
func (d Date) Short() string {
	if d == 0 {
		return ""
	}
	return time.Unix((int64(d)-epochDays)*86400, 0).UTC().Format("2 Jan")
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err == nil {
		*d = v
	}
	return err
}
