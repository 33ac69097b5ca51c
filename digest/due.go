package digest

import (
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
	if w.first() || d.soon {
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
// before the start: the deal is in the commit, closes within a week or should have closed,
// and a finding is medium or above.
func (d *deal) urgent() bool {
	return len(d.open) > 0 && d.severity() >= hygiene.Medium && d.soon
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
