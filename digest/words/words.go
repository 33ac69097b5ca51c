// Package words writes numbers, amounts, shares, dates and lists as the readers of a
// digest say them. Text from outside is for package plain.
package words

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Percent writes part of whole. It is 100 % only for the whole, and 0 % only for
// nothing.
func Percent(part, whole float64) string {
	p := math.Round(part / whole * 100)
	switch {
	case part < whole && p >= 100:
		p = 99
	case part > 0 && p < 1:
		p = 1
	}
	return strconv.Itoa(int(p)) + " %"
}

// List joins words as a sentence does: "a", "a and b", "a, b and c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Count writes n with its noun; more is the plural.
func Count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + more
}

// Plural chooses the word for n.
func Plural(n int, one, more string) string {
	return crm.Plural(n, one, more)
}

// Number writes n with thousands apart: 12,500.
func Number(n int) string {
	return crm.Grouped(n)
}

// Day writes a date relative to today: "Fri 27 Nov" up to a week ahead, else "27 Nov",
// with the year where that is not the year of today.
func Day(d, today crm.Date) string {
	if d.IsZero() {
		return ""
	}
	if Near(d, today) {
		return d.Weekday().String()[:3] + " " + d.Short()
	}
	y, _, _ := d.Civil()
	if ty, _, _ := today.Civil(); ty != y {
		return d.Short() + " " + strconv.Itoa(y)
	}
	return d.Short()
}

// Near reports whether d is today or one of the next six days, which a weekday names
// without doubt.
func Near(d, today crm.Date) bool { return d >= today && d < today+7 }

// Moment writes a past time as a reader would name it: "08:12" today, "Mon" in
// the last six days, else "16 Nov".
func Moment(t, now time.Time, loc *time.Location) string {
	d, today := crm.DateOf(t, loc), crm.DateOf(now, loc)
	switch {
	case d == today:
		return t.In(loc).Format("15:04")
	case d < today && d > today-7:
		return d.Weekday().String()[:3]
	}
	return Day(d, today)
}

// Sentence ends s with a full stop, unless s ends like a sentence already.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// UpperFirst writes the first letter large. An address that comes first stays as it is.
func UpperFirst(s string) string { return first(s, strings.ToUpper) }

// LowerFirst begins s with a small letter, in the middle of a sentence.
func LowerFirst(s string) string { return first(s, strings.ToLower) }

func first(s string, as func(string) string) string {
	if word, _, _ := strings.Cut(s, " "); s == "" || strings.Contains(word, "@") {
		return s
	}
	r := []rune(s)
	return as(string(r[:1])) + string(r[1:])
}
