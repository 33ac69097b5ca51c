package sim

import (
	"slices"
	"time"
)

// access is what the login may see of an org.
type access struct {
	hidden   map[string]bool // "Opportunity" or "Opportunity.NextStep"
	features map[string]bool
	unshared map[string]bool // ids of records that the login does not see
	since    time.Time       // since when describe tells what it tells
}

// readable reports whether the login sees field f of object o.
func (a *access) readable(o *object, f *field) bool {
	if f.needs != "" && !a.features[f.needs] {
		return false
	}
	return !a.hidden[o.name+"."+f.name]
}

// hide takes an object, or one field of it, out of the login's sight or gives it
// back.
func (a *access) hide(what string, hidden bool, now time.Time) {
	a.hidden[what] = hidden
	a.since = now
}

// enable switches an org feature on.
func (a *access) enable(feature string, now time.Time) {
	a.features[feature] = true
	a.since = now
}

// visible decides which rows a query sees: the recycle bin and the archive only
// with all, and of owned records only those of owners (nil is everybody). What
// belongs to an opportunity is seen with it; of activities their owners see
// their own besides.
func (rec *orgRecords) visible(owners []string, all bool) func(*object, *row, values) bool {
	now := rec.Present()
	return func(o *object, r *row, v values) bool {
		if v["IsDeleted"] == true && (!all || !r.deletedAt.IsZero() && now.Sub(r.deletedAt) > 15*24*time.Hour) {
			return false
		}
		activity := o.name == "Task" || o.name == "Event"
		if !all && activity && rec.archived(o.name, v) {
			return false
		}
		parent, _ := v["OpportunityId"].(string)
		if activity {
			if parent, _ = v["WhatId"].(string); rec.tables["Opportunity"].byID[parent] == nil {
				parent = ""
			}
		}
		if rec.unshared[r.id] || rec.unshared[parent] {
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
			owner, owned = rec.ownerOf(parent), true
		}
		return !owned || slices.Contains(owners, owner)
	}
}
