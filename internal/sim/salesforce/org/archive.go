package org

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// archiving is how the archiver works.
type archiving struct {
	days int
	bump bool
}

// archived follows the archiver: events and closed tasks of a year ago.
func (rec *Records) archived(object string, v soql.Values) bool {
	day := rec.archiveDay(object, v)
	return !day.IsZero() && crm.DateOf(rec.Present(), time.UTC) >= day
}

// archiveDay is when an activity is archived; zero is never.
func (rec *Records) archiveDay(object string, v soql.Values) crm.Date {
	due, _ := v["ActivityDate"].(crm.Date)
	if object == "Task" && v["IsClosed"] != true || v["IsRecurrence"] == true {
		return 0
	}
	if due.IsZero() {
		created, _ := v["CreatedDate"].(time.Time)
		due = crm.DateOf(created, time.UTC)
	}
	return due + crm.Date(rec.archive.days)
}

// archiveStamp is the SystemModstamp of an activity.
func (rec *Records) archiveStamp(object string, v soql.Values) any {
	stamp, ok := v["SystemModstamp"].(time.Time)
	if !ok || !rec.archive.bump || !rec.archived(object, v) {
		return v["SystemModstamp"]
	}
	if at := rec.archiveDay(object, v).In(time.UTC); at.After(stamp) {
		return at
	}
	return stamp
}
