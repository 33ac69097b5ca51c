package hubspot

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// leastActivities is how many months of activities the rules look at.
const leastActivities = 3

// of says how many months back the records of a stream are kept; 0 is all.
func (k Keep) of(name crm.Stream) int {
	switch name {
	case crm.Opportunities, crm.History:
		return int(k.Closed)
	case crm.Activities:
		return int(k.Activities)
	}
	return 0
}

// beyond reports whether a is further back than b.
func beyond(a, b int) bool { return b != 0 && (a == 0 || a > b) }

// keptFrom is the time from which on records are kept; zero is always.
func (r *run) keptFrom() time.Time {
	if r.Keep == 0 {
		return time.Time{}
	}
	return time.Unix(r.Began, 0).UTC().AddDate(0, -r.Keep, 0)
}

// drops reports whether a record beyond the kept months is put on the page as deleted.
// The first backfill leaves such a record out: no cache has the record yet.
func (r *run) drops() bool { return !r.Full || r.Again }

// kept is the time from which on the records of a page are kept.
type kept struct {
	from time.Time // zero is always
	zone *time.Location
}

func (w *walk) kept() kept { return kept{w.run.keptFrom(), w.view.Zone} }

// closed reports whether a deal closed before the time.
func (k kept) closed(closed bool, on crm.Date) bool {
	return closed && !on.IsZero() && !k.from.IsZero() && on < crm.DateOf(k.from, k.zone)
}

// twinned reports whether a deal names its twin in another source. Such a deal is kept
// whatever its date: without it, a copy that is still open there would look like a deal
// that nobody works on.
func twinned(o *crm.Opportunity) bool {
	c, ok := o.Get(crm.SameAs)
	return ok && c.Value != ""
}

// ended reports whether an activity was before the time. An open task has not ended,
// however old.
func (k kept) ended(a *crm.Activity) bool {
	open := a.Kind == crm.Task && !a.Done
	return !open && !a.At.IsZero() && !k.from.IsZero() && a.At.Before(k.from)
}
