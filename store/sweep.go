package store

import (
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

// handful is how many records may go at once even where they are more than a
// tenth: a team of eight deals purges one.
const handful = 5

// Small reports whether a stream is so small that the ids of every run are noted.
func Small(s crm.Stream) bool { return s == crm.Users || s == crm.Stages }

// Bearable is how many of total records a run may miss and be believed. A login
// that lost a permission sees few records and gets no error.
func Bearable(s crm.Stream, total int) int {
	half := total / 2
	if Small(s) {
		return half // of five stages one may go
	}
	return max(total/10, min(handful, half))
}

// HeldBack says in words for ops what a run missed that is not believed, and what
// to do about it. A sweep looks at open deals only.
func HeldBack(source string, s crm.Stream, sweep bool, missed, total int) string {
	what := string(s)
	switch {
	case s == crm.Contacts:
		what = "links to contacts"
	case s == crm.Opportunities && sweep:
		what = "open deals"
	case s == crm.Opportunities:
		what = "deals"
	}
	return fmt.Sprintf("%d of %d %s are no longer visible to the login. So many at once usually means that it lost a permission, so they are kept as they were. Correct the permissions of the login, then run `pipetidy sync --full --source %s`; if they are really gone, stop pipetidy and move cache.db away to read everything again",
		missed, total, what, source)
}
