package digest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// At is a time of day on the wall.
type At struct {
	Hour, Minute int
}

// ParseAt reads "08:30".
func ParseAt(s string) (At, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return At{}, fmt.Errorf("time %q: must be hh:mm from 00:00 to 23:59, as in 08:30", s)
	}
	return At{t.Hour(), t.Minute()}, nil
}

// String writes "08:30".
func (a At) String() string { return fmt.Sprintf("%02d:%02d", a.Hour, a.Minute) }

// Schedule says when a digest is due: once on each of the Days, at a time on the
// reader's wall. It implements cron.Schedule of robfig/cron, whose own daily schedule
// skips a time when the clocks go forward, and runs twice when they go back.
type Schedule struct {
	At   At
	Days []time.Weekday // none is every day
}

// ParseDays reads the days of a schedule: "weekdays", "daily", or names of days.
func ParseDays(words ...string) ([]time.Weekday, error) {
	var days []time.Weekday
	add := func(d time.Weekday) {
		if !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	for _, w := range words {
		switch strings.ToLower(strings.TrimSpace(w)) {
		case "daily":
			for d := time.Sunday; d <= time.Saturday; d++ {
				add(d)
			}
		case "weekdays":
			for d := time.Monday; d <= time.Friday; d++ {
				add(d)
			}
		default:
			d, ok := weekday(w)
			if !ok {
				return nil, fmt.Errorf("day %q: must be weekdays, daily, or days such as monday", w)
			}
			add(d)
		}
	}
	if len(days) == 0 {
		return nil, fmt.Errorf("no days: write weekdays, daily, or days such as [monday, thursday]")
	}
	slices.Sort(days)
	return days, nil
}

func weekday(w string) (time.Weekday, bool) {
	w = strings.ToLower(strings.TrimSpace(w))
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); w == name || w == name[:3] {
			return d, true
		}
	}
	return 0, false
}

// On reports whether the schedule has a digest on the date's day of the week.
func (s Schedule) On(d crm.Date) bool {
	return len(s.Days) == 0 || slices.Contains(s.Days, d.Weekday())
}

// Next returns the first time after t at which the schedule is due, on the wall of t's
// location; zero when there is no such time.
func (s Schedule) Next(t time.Time) time.Time {
	loc := t.Location()
	today := crm.DateOf(t, loc)
	// A week holds every day of the week, and no zone has left out a week.
	for d := today - 1; d <= today+15; d++ {
		if !s.On(d) {
			continue
		}
		if at, ok := s.Instant(d, loc); ok && at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// Instant returns when the schedule is due on the date d in loc: the first minute at or
// after At that exists on that date, and of a minute that exists twice the earlier.
// Where the clocks jump from before At over midnight, it is the last minute of the
// date. ok is false when the whole date does not exist in loc. Instant ignores Days.
func (s Schedule) Instant(d crm.Date, loc *time.Location) (at time.Time, ok bool) {
	y, m, dom := d.Civil()
	begin := time.Date(y, m, dom, 0, 0, 0, 0, time.UTC).Unix()
	end := begin + 24*60*60
	want := begin + int64(s.At.Hour)*3600 + int64(s.At.Minute)*60

	// Walk over the stretches of constant offset around the date, in seconds of the
	// wall clock (as if it were UTC). No offset exceeds 26 hours.
	const margin = 26 * 60 * 60
	const none = math.MinInt64
	first, last := int64(none), int64(none)
	var firstAt, lastAt int64
	for u := begin - margin; u < end+margin; {
		t := time.Unix(u, 0).In(loc)
		_, offset := t.Zone()
		zb, ze := t.ZoneBounds()
		lo, hi := u, end+margin
		if !zb.IsZero() {
			lo = zb.Unix()
		}
		if !ze.IsZero() {
			hi = ze.Unix()
		}
		from, to := minuteUp(max(lo+int64(offset), begin)), min(hi+int64(offset), end)
		if w := max(from, want); w < to && (first == none || w < first) {
			first, firstAt = w, w-int64(offset)
		}
		if w := minuteUp(to) - 60; w >= from && w < to && w > last {
			last, lastAt = w, w-int64(offset)
		}
		u = hi
	}
	switch {
	case first != none:
		return time.Unix(firstAt, 0).In(loc), true
	case last != none:
		return time.Unix(lastAt, 0).In(loc), true
	}
	return time.Time{}, false
}

// minuteUp rounds up to a whole minute; zones before 1972 have offsets with
// seconds.
func minuteUp(s int64) int64 {
	if r := s % 60; r > 0 {
		return s + 60 - r
	}
	return s
}
