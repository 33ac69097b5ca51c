package digest

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// repeats are the days on which a finding is told in full again; after the last,
// every 14 days.
var repeats = []int{1, 3, 7, 14}

// told reports whether one of the repeats lies after the day after, up to and including
// day. Days in between count too, because no digest may have gone out on the day of the
// repeat itself.
func told(after, day int) bool {
	for _, r := range repeats {
		if after < r && r <= day {
			return true
		}
	}
	last := repeats[len(repeats)-1]
	return day > last && max(after, last)/last < day/last
}

// due reports whether the deal is to be listed today rather than counted.
func (d *deal) due(w *wall) bool {
	if d.severity() < hygiene.Medium {
		return false
	}
	if w.first() || d.soon && words.Near(d.facts.CloseDate, w.today) {
		return true
	}
	for _, l := range d.open {
		after := 0
		if !l.Opened.After(w.last) {
			after = l.Day(w.last, w.cal)
		}
		if l.Severity == hygiene.High && told(after, l.Day(w.now, w.cal)) {
			return true
		}
		if l.Severity == hygiene.Medium && after == 0 && !l.Backlog {
			return true
		}
	}
	return false
}

// urgent reports whether the deal needs an update even if all its findings are from
// before the start: a finding is high, and the deal is in the commit and closes within
// a week.
func (d *deal) urgent() bool {
	return len(d.open) > 0 && d.severity() >= hygiene.High && d.soon
}

// weight is the deal's amount times how far the worst value is over its threshold.
func weight(d *deal) float64 {
	over := 1.0
	for _, l := range d.open {
		v, okV := leading(l.Value)
		t, okT := leading(l.Threshold)
		if okV && okT && t > 0 && v > t {
			over = max(over, v/t)
		}
	}
	return d.facts.Amount.Value * over
}

// leading reads the number at the beginning of "19 business days".
func leading(s string) (float64, bool) {
	word, _, _ := strings.Cut(s, " ")
	v, err := strconv.ParseFloat(strings.ReplaceAll(word, ",", ""), 64)
	return v, err == nil && v == v
}

// rank orders deals: the most severe, what closes soon in the commit, the most
// money at stake, the oldest.
func rank(a, b *deal) int {
	return cmp.Or(
		cmp.Compare(b.severity(), a.severity()),
		falseFirst(b.soon, a.soon),
		cmp.Compare(weight(b), weight(a)),
		a.opened().Compare(b.opened()),
		cmp.Compare(a.source, b.source),
		cmp.Compare(a.record, b.record),
	)
}

// falseFirst puts false before true.
func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
