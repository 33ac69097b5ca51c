package org

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// archiving holds the settings of the archiver.
type archiving struct {
	days int
	bump bool
}

// archives reports whether an activity is archived at now.
func (a archiving) archives(object string, v soql.Values, now time.Time) bool {
	day := a.day(object, v)
	return !day.IsZero() && crm.DateOf(now, time.UTC) >= day
}

// day is the date on which an activity is archived; zero is never. Open tasks and the
// pattern of a series are never archived.
func (a archiving) day(object string, v soql.Values) crm.Date {
	due, _ := v["ActivityDate"].(crm.Date)
	if object == "Task" && v["IsClosed"] != true || v["IsRecurrence"] == true {
		return 0
	}
	if due.IsZero() {
		created, _ := v["CreatedDate"].(time.Time)
		due = crm.DateOf(created, time.UTC)
	}
	return due + crm.Date(a.days)
}

// stamp is the SystemModstamp of an activity.
func (a archiving) stamp(object string, v soql.Values, now time.Time) any {
	stamp, ok := v["SystemModstamp"].(time.Time)
	if !ok || !a.bump || !a.archives(object, v, now) {
		return v["SystemModstamp"]
	}
	if at := a.day(object, v).In(time.UTC); at.After(stamp) {
		return at
	}
	return stamp
}
