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

// SayUnread is Unread as a sentence of the catalogue.
func SayUnread(field string, a crm.Access) Said {
	if a == crm.Hidden {
		return Say("field-hidden", Text(Words(field)))
	}
	return Say("field-unmapped", Text(Words(field)))
}

// SayGarbled is Garbled as a sentence of the catalogue.
func SayGarbled(field string) Said {
	if field == "activities" {
		return Say("activity-garbled")
	}
	return Say("field-garbled", Text(Words(field)))
}
