package hubspot

import (
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// leastActivities is how many months of activities the rules look at.
const leastActivities = 3

// keeps says how many months back the records of a stream are kept; 0 is all.
func (s *Source) keeps(name crm.Stream) int {
	switch name {
	case crm.Opportunities, crm.History:
		return s.cfg.KeepClosed
	case crm.Activities:
		return s.cfg.KeepActivities
	}
	return 0
}

// beyond reports whether a is further back than b.
func beyond(a, b int) bool { return b != 0 && (a == 0 || a > b) }

// keptFrom is from when on records are kept; zero is always.
func (r *run) keptFrom() time.Time {
	if r.Keep == 0 {
		return time.Time{}
	}
	return time.Unix(r.Began, 0).UTC().AddDate(0, -r.Keep, 0)
}

// drops says whether a record that is not kept is said to be gone: the first
// backfill need not, nobody has it.
func (r *run) drops() bool { return !r.Full || r.Again }

// closedBefore reports whether a deal closed before the time from when on deals are
// kept.
func (w *walk) closedBefore(closed bool, on crm.Date) bool {
	from := w.run.keptFrom()
	return closed && !on.IsZero() && !from.IsZero() && on < crm.DateOf(from, w.view.Zone)
}

// endedBefore reports whether an activity was before the time from when on they are
// kept. A task that is open has not been.
func (w *walk) endedBefore(a *crm.Activity) bool {
	from := w.run.keptFrom()
	open := a.Kind == crm.Task && !a.Done
	return !open && !a.At.IsZero() && !from.IsZero() && a.At.Before(from)
}

// over reports whether the deal is one that is not kept.
func (w *walk) over(rec *row.Record) bool {
	return w.closedBefore(w.view.End(rec))
}
