package crm

import (
	"strconv"
	"strings"
)

// Counted writes how many there are of something, as people say it: "1 deal", "2 activities",
// "12,500 deliveries in doubt". The noun is in the singular, and regular.
func Counted[N ~int | ~int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + plural(noun)
}

// Plural chooses the word for n: Plural(n, "is", "are").
func Plural[N ~int | ~int64](n N, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// Grouped writes n with thousands apart: 12,500.
func Grouped[N ~int | ~int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural is the plural of a noun, and of the first noun of "deal in doubt".
func plural(noun string) string {
	for _, by := range []string{" in ", " of ", " without "} {
		if head, rest, ok := strings.Cut(noun, by); ok {
			return plural(head) + by + rest
		}
	}
	for _, end := range []string{"s", "x", "ch", "sh"} {
		if strings.HasSuffix(noun, end) {
			return noun + "es"
		}
	}
	if head, ok := strings.CutSuffix(noun, "y"); ok && !strings.ContainsAny(head[max(0, len(head)-1):], "aeiou") {
		return head + "ies"
	}
	return noun + "s"
}
