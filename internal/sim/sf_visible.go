package sim

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// HideRecord takes a record, with what belongs to it, out of the login's sight,
// as a change of sharing does: without a new stamp.
func (c *Company) HideRecord(id string) { c.share(id, true) }

// ShowRecord gives it back.
func (c *Company) ShowRecord(id string) { c.share(id, false) }

func (c *Company) share(id string, hidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unshared[id] = hidden
}

// visible decides which rows a query sees: the recycle bin and the archive only
// with all, and of owned records only those of owners (nil is everybody). What
// belongs to an opportunity is seen with it; of activities their owners see
// their own besides.
func (c *Company) visible(owners []string, all bool) func(*object, *row, values) bool {
	now := c.now()
	return func(o *object, r *row, v values) bool {
		if v["IsDeleted"] == true && (!all || !r.deletedAt.IsZero() && now.Sub(r.deletedAt) > 15*24*time.Hour) {
			return false
		}
		activity := o.name == "Task" || o.name == "Event"
		if !all && activity && c.archived(o.name, v) {
			return false
		}
		parent, _ := v["OpportunityId"].(string)
		if activity {
			if parent, _ = v["WhatId"].(string); c.tables["Opportunity"].byID[parent] == nil {
				parent = ""
			}
		}
		if c.unshared[r.id] || c.unshared[parent] {
			return false
		}
		if owners == nil {
			return true
		}
		owner, owned := v["OwnerId"].(string)
		if activity && slices.Contains(owners, owner) {
			return true
		}
		if parent != "" {
			owner, owned = c.ownerOf(parent), true
		}
		return !owned || slices.Contains(owners, owner)
	}
}

// archiving is how the archiver works.
type archiving struct {
	days int
	bump bool
}

// SetArchiving changes after how many days activities are archived (a year
// unless Support extended it), and whether that gives them a new SystemModstamp.
// Without one, readers of /query see them vanish.
func (c *Company) SetArchiving(days int, bump bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.archive = archiving{days, bump}
}

// archived follows the archiver: events and closed tasks of a year ago.
func (c *Company) archived(object string, v values) bool {
	day := c.archiveDay(object, v)
	return !day.IsZero() && crm.DateOf(c.now(), time.UTC) >= day
}

// archiveDay is when an activity is archived; zero is never.
func (c *Company) archiveDay(object string, v values) crm.Date {
	due, _ := v["ActivityDate"].(crm.Date)
	if object == "Task" && v["IsClosed"] != true || v["IsRecurrence"] == true {
		return 0
	}
	if due.IsZero() {
		created, _ := v["CreatedDate"].(time.Time)
		due = crm.DateOf(created, time.UTC)
	}
	return due + crm.Date(c.archive.days)
}

// archiveStamp is the SystemModstamp of an activity.
func (c *Company) archiveStamp(object string, v values) any {
	stamp, ok := v["SystemModstamp"].(time.Time)
	if !ok || !c.archive.bump || !c.archived(object, v) {
		return v["SystemModstamp"]
	}
	if at := c.archiveDay(object, v).In(time.UTC); at.After(stamp) {
		return at
	}
	return stamp
}
