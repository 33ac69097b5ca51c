package store

import (
	"slices"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Observed returns a change, still without an id, for each tracked field in which
// an opportunity differs from what was stored: history of our own, from the first
// day and for every CRM.
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
		if ch.Old != ch.New {
			out = append(out, ch)
		}
	}
	return out
}

// ObservedID is the nth id, from 1, that an observed change of a field may have: a
// record may change twice under one modification stamp.
func ObservedID(f crm.Field, n int) string {
	id := "seen-" + string(f)
	if n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// aDay is more than the time that a new opportunity takes to become visible.
const aDay = 24 * time.Hour

// Returned reports whether an opportunity of the page that the cache does not have
// has to be recalled. Where it was deleted before (gone), or could not be seen when
// it was made, no increment brings what belongs to it. Complete and asOf are of the
// stream before the page. Closed ones are not judged by what belongs to them, and
// when more of them are to be kept they come by the thousand.
func Returned(p *crm.Page, o *crm.Opportunity, gone, complete bool, asOf time.Time) bool {
	late := !o.CreatedAt.IsZero() && o.CreatedAt.Before(asOf.Add(-aDay))
	return complete && !p.Recalled && !o.Closed && (gone || late) && !slices.Contains(p.Deleted, o.ID)
}
