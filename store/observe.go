package store

import (
	"slices"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Observed returns a change, still without an id, for each tracked field in which
// the opportunity differs from the stored one. So there is a history from the first day
// on, for every CRM.
func Observed(was, is *crm.Opportunity, now time.Time) []crm.Change {
	at := is.ModifiedAt
	if at.IsZero() {
		at = now
	}
	var out []crm.Change
	for _, f := range crm.Tracked {
		ch := crm.Change{
			OpportunityID: is.ID, Field: f, Old: crm.FieldValue(was, f), New: crm.FieldValue(is, f),
			OldKnown: true, At: at, Observed: true,
		}
		if f == crm.FieldCloseDate && was.ClosesAt.IsZero() != is.ClosesAt.IsZero() && was.CloseDate == is.CloseDate {
			continue // the same day, of which the instant has become known
		}
		// Of a record that nobody has modified, a value that appears has come into sight, and
		// one that disappears is out of sight: a permission or the configuration changed.
		if (ch.Old == "" || ch.New == "") && !is.ModifiedAt.IsZero() && is.ModifiedAt.Equal(was.ModifiedAt) {
			continue
		}
		// A value that could not be read is no new value, nor was it the old one.
		if ch.Old != ch.New && !was.IsUnclear(string(f)) && !is.IsUnclear(string(f)) {
			out = append(out, ch)
		}
	}
	return out
}

// ObservedID is the nth id, counted from 1, that an observed change of a field may
// have. There is more than one because a record may change twice under the same time of
// modification.
func ObservedID(f crm.Field, n int) string {
	id := "seen-" + string(f)
	if n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// aDay is more than the time that a new opportunity takes to become visible.
const aDay = 24 * time.Hour

// Returned reports whether an opportunity of the page that is not in the cache has to
// be recalled. An opportunity that was deleted before (gone), or that became visible
// long after it was created, has activities and contacts that no increment brings.
// complete and asOf are the state of the stream before the page. Closed opportunities
// are not recalled before they reopen: no rule looks at their activities, and a longer
// retention brings them by the thousand.
func Returned(p *crm.Page, o *crm.Opportunity, gone, complete bool, asOf time.Time) bool {
	late := !o.CreatedAt.IsZero() && o.CreatedAt.Before(asOf.Add(-aDay))
	return complete && (!p.Recalled || p.Alone) && !o.Closed && (gone || late) && !slices.Contains(p.Deleted, o.ID)
}
