package digest

import "github.com/pipetidy/pipetidy/hygiene"

// week is within how many days a deal of the commit is due.
const week = 7

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
