package hygiene

import (
	"cmp"
	"slices"
	"sort"

	"github.com/pipetidy/pipetidy/crm"
)

// DayOff is a day on which nobody works, and why: "holiday us".
type DayOff struct {
	Date crm.Date
	Why  string
}

// Holidays are the days off of a place. Many calendars share them. Nil is none.
type Holidays struct {
	days []DayOff // by date, each date once
	busy []uint16 // by day from the first of days on: how many up to and including it are no weekend
	mark string
}

// NewHolidays sorts the days, of which the first and the last are at most some decades
// apart: it keeps a number for each day between. Of two reasons for one date the first
// counts.
func NewHolidays(days []DayOff) *Holidays {
	h := &Holidays{days: slices.Clone(days)}
	slices.SortStableFunc(h.days, func(a, b DayOff) int { return cmp.Compare(a.Date, b.Date) })
	h.days = slices.CompactFunc(h.days, func(a, b DayOff) bool { return a.Date == b.Date })
	if len(h.days) == 0 {
		return h
	}
	first, n, next := h.days[0].Date, uint16(0), 0
	h.busy = make([]uint16, h.days[len(h.days)-1].Date-first+1)
	for i := range h.busy {
		if d := first + crm.Date(i); h.days[next].Date == d {
			if next++; workday(d) {
				n++
			}
		}
		h.busy[i] = n
	}
	h.mark = h.sum()
	return h
}

// Add returns these holidays with further days. Of two reasons for one date that of h
// counts.
func (h *Holidays) Add(days []DayOff) *Holidays {
	if h == nil {
		return NewHolidays(days)
	}
	return NewHolidays(slices.Concat(h.days, days))
}

// on reports whether d is one of the holidays, and why.
func (h *Holidays) on(d crm.Date) (why string, off bool) {
	if h == nil {
		return "", false
	}
	i, ok := slices.BinarySearchFunc(h.days, d, func(x DayOff, d crm.Date) int { return cmp.Compare(x.Date, d) })
	if !ok {
		return "", false
	}
	return h.days[i].Why, true
}

// until is how many holidays that are no weekend there are up to and including d.
func (h *Holidays) until(d crm.Date) int {
	i := int(d - h.days[0].Date)
	if i < 0 {
		return 0
	}
	return int(h.busy[min(i, len(h.busy)-1)])
}

// open is the number of weekdays after from, up to and including to, that are no holiday.
func (h *Holidays) open(from, to crm.Date) int {
	n := weekdays(to) - weekdays(from)
	if h != nil && len(h.days) > 0 {
		n -= h.until(to) - h.until(from)
	}
	return n
}

// Span is some days after one another without work, and why: "freeze", "away". From and To
// are in it.
type Span struct {
	From, To crm.Date
	Why      string
}

// Apart sorts spans and cuts those that overlap, so that no day is in two. Of two reasons
// for a day that of the span which begins first counts, and of two that begin together
// that of the one which is named first.
func Apart(spans []Span) []Span {
	sorted := slices.DeleteFunc(slices.Clone(spans), func(s Span) bool { return s.From.IsZero() || s.To < s.From })
	slices.SortStableFunc(sorted, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	var out []Span
	for _, s := range sorted {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			if s.From = out[n-1].To + 1; s.To < s.From {
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// Without lists the days off after from, up to and including to, that are no weekend:
// those that Between does not count.
func (c *Calendar) Without(from, to crm.Date) []Span {
	var out []Span
	if from.IsZero() {
		return nil
	}
	if c.Holidays != nil {
		for i := sort.Search(len(c.Holidays.days), func(i int) bool { return c.Holidays.days[i].Date > from }); i < len(c.Holidays.days) && c.Holidays.days[i].Date <= to; i++ {
			d := c.Holidays.days[i]
			if j := c.firstSpan(d.Date); workday(d.Date) && (j == len(c.Off) || c.Off[j].From > d.Date) {
				out = append(out, Span{d.Date, d.Date, d.Why})
			}
		}
	}
	for i := c.firstSpan(from + 1); i < len(c.Off) && c.Off[i].From <= to; i++ {
		s := Span{max(from+1, c.Off[i].From), min(to, c.Off[i].To), c.Off[i].Why}
		if weekdays(s.To) > weekdays(s.From-1) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	return out
}
