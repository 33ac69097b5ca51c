package sim

import (
	"slices"
	"time"
)

// setDeleted moves a record to the recycle bin, or takes it out of it.
func (rec *orgRecords) setDeleted(id string, deleted bool) error {
	o, r, err := rec.record(id)
	if err != nil {
		return err
	}
	rec.bin(o, r, deleted)
	return nil
}

// bin also takes the activities and contact roles of an opportunity along.
func (rec *orgRecords) bin(o *object, r *row, deleted bool) {
	rec.touch(r, "")
	r.v["IsDeleted"] = deleted
	r.deletedAt = time.Time{}
	if deleted {
		r.deletedAt = rec.Present()
	}
	if o.name != "Opportunity" {
		if what, ok := r.v["WhatId"].(string); ok {
			rec.lastActivity(what)
		}
		return
	}
	for _, a := range rec.byWhat[r.id] {
		rec.touch(a, "")
		a.v["IsDeleted"], a.deletedAt = deleted, r.deletedAt
	}
	for _, role := range rec.tables["OpportunityContactRole"].rows {
		if role.v["OpportunityId"] == r.id {
			rec.touch(role, "")
			role.v["IsDeleted"], role.deletedAt = deleted, r.deletedAt
		}
	}
}

// emptyBin purges all that is in the recycle bin now.
func (rec *orgRecords) emptyBin() {
	for name, t := range rec.tables {
		for _, r := range slices.Clone(t.rows) {
			if r.v["IsDeleted"] == true && t.byID[r.id] != nil {
				rec.purge(objects[name], r)
			}
		}
	}
}

// purge removes a record for good, and with an opportunity what belongs to it.
func (rec *orgRecords) purge(o *object, r *row) {
	t := rec.tables[o.name]
	delete(t.byID, r.id)
	t.rows = slices.DeleteFunc(t.rows, func(x *row) bool { return x == r })
	if what, ok := r.v["WhatId"].(string); ok {
		rec.byWhat[what] = slices.DeleteFunc(rec.byWhat[what], func(x *row) bool { return x == r })
	}
	if o.name != "Opportunity" {
		return
	}
	for _, child := range []string{"Task", "Event", "OpportunityContactRole", "OpportunityHistory"} {
		for _, x := range slices.Clone(rec.tables[child].rows) {
			if x.v["WhatId"] == r.id || x.v["OpportunityId"] == r.id {
				rec.purge(objects[child], x)
			}
		}
	}
}
