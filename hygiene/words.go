package hygiene

import (
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// BusinessDays writes "1 business day", "19 business days".
func BusinessDays(n int) string {
	if n == 1 {
		return "1 business day"
	}
	return strconv.Itoa(n) + " business days"
}

// Words writes a field's name as people say it: decision_criteria becomes
// "decision criteria", calls.outcome "the outcome of calls".
func Words(field string) string {
	if of, detail, ok := strings.Cut(field, "."); ok {
		field = "the " + detail + " of " + of
	}
	return strings.ReplaceAll(field, "_", " ")
}

// List joins items as in a sentence: "a", "a and b", "a, b and c".
func List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

// Unread says why a field that is Hidden or Unmapped is not judged.
func Unread(field string, a crm.Access) string {
	if a == crm.Hidden {
		return Words(field) + " cannot be read with this login"
	}
	return Words(field) + " is not mapped"
}

// Garbled says why a field whose value on one deal could not be read is not judged.
func Garbled(field string) string {
	if field == "activities" {
		return "an activity holds a value that cannot be read"
	}
	return Words(field) + " holds a value that cannot be read"
}

// Day writes a date as a digest's reader of today would: "today", "Mon" within
// the last six days, "23 Oct", and with the year where it is not this year's.
func (p *Pass) Day(d *Deal, date crm.Date) string {
	today := p.Today(d)
	switch age := int(today) - int(date); {
	case age == 0:
		return "today"
	case age > 0 && age < 7:
		return date.Weekday().String()[:3]
	}
	return p.Date(d, date)
}

// Date writes "23 Oct", with the year where it is not this year's.
func (p *Pass) Date(d *Deal, date crm.Date) string {
	this, _, _ := p.Today(d).Civil()
	if year, _, _ := date.Civil(); year != this {
		return date.Short() + " " + strconv.Itoa(year)
	}
	return date.Short()
}
