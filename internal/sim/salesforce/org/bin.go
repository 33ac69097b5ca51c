package org

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// setDeleted moves a record into the recycle bin, or out of the bin.
func (rec *Records) setDeleted(id string, deleted bool) error {
	o, r, err := rec.Lookup(id)
	if err != nil {
		return err
	}
	rec.Bin(o, r, deleted)
	return nil
}

// Bin moves a record into the recycle bin, or out of the bin, and with an opportunity
// its activities and contact roles.
func (rec *Records) Bin(o *soql.Object, r *Row, deleted bool) {
	rec.touch(r, "")
	r.Values["IsDeleted"] = deleted
	r.DeletedAt = time.Time{}
	if deleted {
		r.DeletedAt = rec.Present()
	}
	if o.Name != "Opportunity" {
		if what, ok := r.Values["WhatId"].(string); ok {
			rec.lastActivity(what)
		}
		return
	}
	for _, a := range rec.ByWhat[r.ID] {
		rec.touch(a, "")
		a.Values["IsDeleted"], a.DeletedAt = deleted, r.DeletedAt
	}
	for _, role := range rec.Tables["OpportunityContactRole"].Rows {
		if role.Values["OpportunityId"] == r.ID {
			rec.touch(role, "")
			role.Values["IsDeleted"], role.DeletedAt = deleted, r.DeletedAt
		}
	}
}

// emptyBin purges all records in the recycle bin.
func (rec *Records) emptyBin() {
	for name, t := range rec.Tables {
		for _, r := range slices.Clone(t.Rows) {
			if r.Values["IsDeleted"] == true && t.ByID[r.ID] != nil {
				rec.purge(Objects[name], r)
			}
		}
	}
}

// purge removes a record for good, and with an opportunity its children.
func (rec *Records) purge(o *soql.Object, r *Row) {
	t := rec.Tables[o.Name]
	delete(t.ByID, r.ID)
	t.Rows = slices.DeleteFunc(t.Rows, func(x *Row) bool { return x == r })
	if what, ok := r.Values["WhatId"].(string); ok {
		rec.ByWhat[what] = slices.DeleteFunc(rec.ByWhat[what], func(x *Row) bool { return x == r })
	}
	if o.Name != "Opportunity" {
		return
	}
	for _, child := range []string{"Task", "Event", "OpportunityContactRole", "OpportunityHistory"} {
		for _, x := range slices.Clone(rec.Tables[child].Rows) {
			if x.Values["WhatId"] == r.ID || x.Values["OpportunityId"] == r.ID {
				rec.purge(Objects[child], x)
			}
		}
	}
}
