package holiday

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Bounds of a calendar file. The holidays of a country over thirty years are 400 events.
const (
	MaxSize   = 1 << 20
	maxEvents = 5000
	maxDepth  = 8   // of components within one another
	maxDays   = 366 // of one event
	maxNotes  = 20
)

// Read lists the days off of a calendar file (iCalendar, RFC 5545): its all-day events, on
// their dates, whatever the zone. why is what each is called. Notes are sentences about
// events that were not understood, each with the line at which the event begins; the other
// events count. The error of a file that is no whole calendar repeats nothing of the file.
func Read(data []byte, why string) (days []hygiene.DayOff, notes []string, err error) {
	starts, err := outline(data)
	if err != nil {
		return nil, nil, err
	}
	c, err := ics.ParseCalendar(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	if err != nil {
		return nil, nil, errors.New("the file is no calendar that can be read; export it again as iCalendar (.ics)")
	}
	if len(starts) == 0 {
		return nil, nil, errors.New("the file has no event, so no day off; export the calendar again")
	}
	dropped := 0
	for i, e := range c.Events() {
		line := 0
		if i < len(starts) {
			line = starts[i]
		}
		on, note := event(e)
		for _, d := range on {
			days = append(days, hygiene.DayOff{Date: d, Why: why})
		}
		switch {
		case note == "":
		case len(notes) == maxNotes:
			dropped++
		default:
			notes = append(notes, fmt.Sprintf("line %d of the file: %s", line, note))
		}
	}
	if dropped > 0 {
		notes = append(notes, crm.Counted(dropped, "more event")+crm.Plural(dropped, " is", " are")+" not understood")
	}
	return days, notes, nil
}

// outline finds the lines at which events begin, and refuses what is too large, too deep,
// or was cut: the end of a calendar is its last line.
func outline(data []byte) (events []int, err error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the file is larger than %d KiB; export the holidays alone", MaxSize>>10)
	}
	depth, last := 0, ""
	for i, raw := range bytes.Split(data, []byte("\n")) {
		line := strings.TrimSpace(string(raw))
		if line == "" {
			continue
		}
		last = line
		switch {
		case strings.HasPrefix(line, "BEGIN:"):
			if depth++; depth > maxDepth {
				return nil, fmt.Errorf("line %d of the file: parts lie in one another deeper than %d; export the calendar again", i+1, maxDepth)
			}
			if line == "BEGIN:VEVENT" {
				events = append(events, i+1)
			}
		case strings.HasPrefix(line, "END:"):
			depth--
		}
	}
	switch {
	case len(events) > maxEvents:
		return nil, fmt.Errorf("the file has %s, more than %s; export the holidays alone", crm.Counted(len(events), "event"), crm.Grouped(maxEvents))
	case last != "END:VCALENDAR":
		return nil, errors.New("the file is no whole calendar: its last line is not END:VCALENDAR; export it again as iCalendar (.ics)")
	}
	return events, nil
}

// event lists the dates of an event; note says why it is not understood, or not all of it.
func event(e *ics.VEvent) (on []crm.Date, note string) {
	if s := e.GetProperty(ics.ComponentPropertyStatus); s != nil && strings.EqualFold(s.Value, "CANCELLED") {
		return nil, ""
	}
	start := e.GetProperty(ics.ComponentPropertyDtStart)
	first, ok := allDay(start)
	switch {
	case start == nil:
		return nil, "the event has no first day; give it one, or take it out"
	case !ok:
		return nil, "the event has a time, so it is no day off; make it an all-day event"
	}
	last := first
	switch end, duration := e.GetProperty(ics.ComponentPropertyDtEnd), e.GetProperty(ics.ComponentPropertyDuration); {
	case end != nil:
		until, ok := allDay(end) // the day after
		if !ok {
			return nil, "the event ends at a time; make it an all-day event"
		}
		if last = until - 1; until < first {
			note = "the event ends before it begins, so only its first day counts; correct its end"
		}
		last = max(first, last)
	case duration != nil:
		n, ok := wholeDays(duration.Value)
		if !ok {
			return nil, "the length of the event is no number of days; make it an all-day event"
		}
		last = first + crm.Date(n) - 1
	}
	switch {
	case !Within(first) || !Within(last):
		return nil, fmt.Sprintf("the dates are not within %d to %d; correct the event", FirstYear, LastYear)
	case last-first >= maxDays:
		return nil, "the event is longer than a year; correct its end"
	}
	starts := []crm.Date{first}
	if rules := e.GetProperties(ics.ComponentPropertyRrule); len(rules) > 0 {
		if starts, ok = yearly(first, rules); !ok {
			starts, note = []crm.Date{first}, "only events that are repeated every year on one date are understood, so only the first date counts; export single events"
		}
	}
	for _, p := range e.GetProperties(ics.ComponentPropertyRdate) {
		for s := range strings.SplitSeq(p.Value, ",") {
			if d, ok := date(s); ok && Within(d) {
				starts = append(starts, d)
			} else {
				note = "a further date of the event is no date; make it an all-day event"
			}
		}
	}
	except := exceptions(e)
	for _, s := range starts {
		if slices.Contains(except, s) {
			continue
		}
		for d := s; d <= s+last-first; d++ {
			if Within(d) {
				on = append(on, d)
			}
		}
	}
	return on, note
}

// exceptions are the dates on which a repeated event does not take place.
func exceptions(e *ics.VEvent) (out []crm.Date) {
	for _, p := range e.GetProperties(ics.ComponentPropertyExdate) {
		for s := range strings.SplitSeq(p.Value, ",") {
			if len(s) >= len("20060102") { // a time says the same date
				if d, ok := date(s[:len("20060102")]); ok {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

// allDay is the date of a property without a time.
func allDay(p *ics.IANAProperty) (crm.Date, bool) {
	if p == nil {
		return 0, false
	}
	return date(p.Value)
}

func date(s string) (crm.Date, bool) {
	t, err := time.Parse("20060102", strings.TrimSpace(s))
	if err != nil {
		return 0, false
	}
	return crm.NewDate(t.Year(), t.Month(), t.Day()), true
}

// wholeDays reads a duration of days or weeks: P1D, P2W.
func wholeDays(s string) (n int, ok bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "P")
	unit := 1
	digits, days := strings.CutSuffix(s, "D")
	if !days {
		if digits, ok = strings.CutSuffix(s, "W"); !ok {
			return 0, false
		}
		unit = 7
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > maxDays {
		return 0, false
	}
	return n * unit, true
}

// yearly lists the dates of an event that is repeated every year, or every few years, on
// the date of first. ok is false for any other rule.
func yearly(first crm.Date, rules []*ics.IANAProperty) (starts []crm.Date, ok bool) {
	if len(rules) != 1 {
		return nil, false
	}
	year, month, day := first.Civil()
	every, count, until := 1, maxDays, crm.NewDate(LastYear, time.December, 31)
	frequency := false
	for part := range strings.SplitSeq(rules[0].Value, ";") {
		key, value, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(part)), "=")
		n, err := strconv.Atoi(value)
		number := err == nil && n > 0 && n <= maxEvents
		switch key {
		case "FREQ":
			if frequency = value == "YEARLY"; !frequency {
				return nil, false
			}
		case "INTERVAL":
			if !number {
				return nil, false
			}
			every = n
		case "COUNT":
			if !number {
				return nil, false
			}
			count = min(count, n)
		case "UNTIL":
			d, ok := date(value[:min(len(value), len("20060102"))])
			if !ok {
				return nil, false
			}
			until = min(until, d)
		case "BYMONTH":
			if n != int(month) {
				return nil, false
			}
		case "BYMONTHDAY":
			if n != day {
				return nil, false
			}
		case "WKST", "":
		default:
			return nil, false
		}
	}
	if !frequency {
		return nil, false
	}
	for y := year; y <= LastYear && len(starts) < count; y += every {
		d := crm.NewDate(y, month, day)
		if _, m, _ := d.Civil(); m != month {
			continue // 29 February
		}
		if d > until {
			break
		}
		starts = append(starts, d)
	}
	return starts, true
}
