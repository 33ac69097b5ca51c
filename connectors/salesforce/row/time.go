package row

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Date returns a date. Of a datetime, Date returns the day in UTC.
func (r *Row) Date(name string) crm.Date { return r.DateIn(name, time.UTC) }

// DateIn returns a date. Of a datetime, DateIn returns the day in the zone.
func (r *Row) DateIn(name string, zone *time.Location) crm.Date {
	s := r.Text(name)
	if len(s) > len(time.DateOnly) {
		return crm.DateOf(r.Time(name), zone)
	}
	d, err := crm.ParseDate(s)
	if err != nil {
		r.fail(name)
	}
	return d
}

// Time returns a datetime in UTC. Of a date, Time returns the first instant in UTC.
func (r *Row) Time(name string) time.Time {
	s := r.Text(name)
	if s == "" {
		return time.Time{}
	}
	if len(s) == len(time.DateOnly) {
		return r.Date(name).In(time.UTC)
	}
	// REST writes +0000, which is not RFC 3339; Bulk writes Z.
	if t, ok := stampOf(s); ok {
		return t
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999-0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	r.fail(name)
	return time.Time{}
}

// stampOf decodes the form of nearly all times, 2026-11-21T10:00:00.000+0000, eight
// times faster than time.Parse.
func stampOf(s string) (time.Time, bool) {
	const form = "0000-00-00T00:00:00.000+0000"
	if len(s) != len(form) || s[19:] != form[19:] {
		return time.Time{}, false
	}
	for i := range 19 {
		digit := s[i] >= '0' && s[i] <= '9'
		if digit != (form[i] == '0') || !digit && s[i] != form[i] {
			return time.Time{}, false
		}
	}
	n := func(from, to int) (v int) {
		for _, c := range s[from:to] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	year, month, day, hour, minute, second := n(0, 4), n(5, 7), n(8, 10), n(11, 13), n(14, 16), n(17, 19)
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// time.Date turns the 31st of February into a day of March, so the day is compared.
	if hour > 23 || minute > 59 || second > 59 || t.Day() != day || int(t.Month()) != month {
		return time.Time{}, false
	}
	return t, true
}
