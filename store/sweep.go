package store

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// handful is how many records may go at once even where a handful is more than a
// tenth: a team with eight deals deletes one.
const handful = 5

// Small reports whether a stream is so small that every run of the stream notes the ids
// that it mentions.
func Small(s crm.Stream) bool { return s == crm.Users || s == crm.Stages }

// Bearable is how many of total records a run may miss, so that these records are
// dropped. There is a limit because a login that lost a permission sees few records and
// gets no error.
func Bearable(s crm.Stream, total int) int {
	half := total / 2
	if Small(s) {
		return half // of five stages one may go
	}
	return max(total/10, min(handful, half))
}

// Doubtful reports whether a page names so many records as gone that the source is to be
// asked once more, record by record. An answer that names them all by mistake looks like an
// administrator who cleans up.
func Doubtful(named int) bool { return named > handful }

// OldDeal reports whether a deal is older than what its source keeps from that day on.
// A deal that names its twin in another source is kept whatever its date.
func OldDeal(o *crm.Opportunity, from crm.Date) bool {
	twin, ok := o.Get(crm.SameAs)
	return o.Closed && !o.CloseDate.IsZero() && old(o.CloseDate, from) && !(ok && twin.Value != "")
}

// OldActivity reports whether an activity is older than what its source keeps from that
// day on. An open task is kept whatever its date.
func OldActivity(a *crm.Activity, from crm.Date) bool {
	day := a.Due
	if !a.At.IsZero() {
		day = crm.DateOf(a.At, westernmost)
	}
	if day.IsZero() && !a.CreatedAt.IsZero() {
		day = crm.DateOf(a.CreatedAt, time.UTC)
	}
	return !(a.Kind == crm.Task && !a.Done) && !day.IsZero() && old(day, from)
}

// westernmost is the zone in which an instant has the earliest day. What a source in any
// zone no longer keeps is old by it.
var westernmost = time.FixedZone("", -12*60*60)

// old allows for the zones: the day of the source may be another than that of the cache.
func old(day, from crm.Date) bool { return !from.IsZero() && day <= from }

// Sort tells the records of a stream apart that a login may lose the sight of one without
// the other: the kinds of activities. Ids tell the kind: HubSpot's begin with the name of
// the object ("calls:17"), Salesforce's with the three signs of the object ("00T…").
func Sort(s crm.Stream, id string) string {
	if s != crm.Activities {
		return ""
	}
	if object, _, ok := strings.Cut(id, ":"); ok {
		return object
	}
	if len(id) >= 15 { // the length of Salesforce's ids, 18 with their three signs of control
		return id[:3]
	}
	return ""
}

// sortNames are the objects of Salesforce whose ids begin so.
var sortNames = map[string]string{"00T": "Task", "00U": "Event"}

// HeldBack is the text for ops about a stream that is held: how many records of the sort
// the run missed, and what to do. Only open deals, and what belongs to them, are counted.
func HeldBack(source string, s crm.Stream, sort string, missed, total int) string {
	what := string(s)
	switch s {
	case crm.Contacts:
		what = "links to contacts"
	case crm.Activities:
		what = "activities"
		if sort != "" {
			what = "records of the object " + cmp.Or(sortNames[sort], sort)
		}
	case crm.Opportunities:
		what = "open deals"
	}
	return fmt.Sprintf("%d of %d %s are no longer visible to the login. So many at once usually means that the login lost a permission, so the %[3]s are kept as they were. Correct the permissions of the login, then run `pipetidy sync --full --source %[4]s`; if the %[3]s are really gone, stop pipetidy and move cache.db away to read everything again",
		missed, total, what, source)
}
