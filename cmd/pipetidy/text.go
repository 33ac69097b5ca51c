package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// grouped writes n with commas.
func grouped[T ~int | ~int64](n T) string {
	return crm.Grouped(n)
}

// counted writes "1 finding", "2 findings"; see crm.Counted.
func counted[T ~int | ~int64](n T, noun string) string {
	return crm.Counted(n, noun)
}

// money writes an amount in full; cents only where there are any.
func money(o *api.CheckOpportunity) string {
	switch {
	case o.IsUnclear("amount"):
		return "amount not readable"
	case o.Amount == nil:
		return "no amount"
	}
	whole := math.Trunc(*o.Amount)
	text := strconv.FormatFloat(*o.Amount, 'f', 2, 64)
	if math.Abs(whole) < 1e15 {
		text = grouped(int64(whole))
		if cents := math.Abs(*o.Amount - whole); cents >= 0.005 && cents < 0.995 {
			text += strconv.FormatFloat(cents, 'f', 2, 64)[1:]
		}
	}
	switch o.Currency {
	case "USD":
		if rest, negative := strings.CutPrefix(text, "-"); negative {
			return "-$" + rest
		}
		return "$" + text
	case "":
		return text + " (currency unknown)"
	}
	return plain(o.Currency) + " " + text
}

// moment writes an absolute time in the zone of the company.
func moment(t *time.Time, zone *time.Location) string {
	if t == nil || t.IsZero() {
		return "never"
	}
	return t.In(zone).Format("2006-01-02 15:04 MST")
}

// stamp writes a time for machines; nil is empty.
func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fact is a field of a deal: the value, "-" for an empty one, and words for one that could
// not be read.
func fact(o *api.CheckOpportunity, field, value string) string {
	if o.IsUnclear(field) {
		return hygiene.Words(field) + " not readable"
	}
	return orDash(value)
}

// orDash stands in for an empty value in a table.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return plain(s)
}

// listed joins with commas and an "and".
func listed(ss []string) string {
	if len(ss) < 2 {
		return strings.Join(ss, "")
	}
	return fmt.Sprintf("%s and %s", strings.Join(ss[:len(ss)-1], ", "), ss[len(ss)-1])
}
