package org

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// access is what the login may see of an org.
type access struct {
	Hidden   map[string]bool // "Opportunity" or "Opportunity.NextStep"
	Features map[string]bool
	unshared map[string]bool // ids of records that the login does not see
	Since    time.Time       // when the visible schema last changed
}

// Readable reports whether the login sees field f of object o.
func (a *access) Readable(o *soql.Object, f *soql.Field) bool {
	if f.Needs != "" && !a.Features[f.Needs] {
		return false
	}
	return !a.Hidden[o.Name+"."+f.Name]
}

// hide hides an object, or one field of an object, from the login, or shows it again.
func (a *access) hide(what string, hidden bool, now time.Time) {
	a.Hidden[what] = hidden
	a.Since = now
}

// enable switches an org feature on.
func (a *access) enable(feature string, now time.Time) {
	a.Features[feature] = true
	if feature == MultiCurrency {
		delete(a.Hidden, "CurrencyType")
	}
	a.Since = now
}

// Visible decides which rows a query sees: the recycle bin and the archive only with
// all, and of owned records only the records of owners (nil is everybody). The
// children of an opportunity are seen with the opportunity; an activity is also seen
// by its owner.
func (rec *Records) Visible(owners []string, all bool) func(*soql.Object, *Row, soql.Values) bool {
	now := rec.Present()
	return func(o *soql.Object, r *Row, v soql.Values) bool {
		if v["IsDeleted"] == true && (!all || !r.DeletedAt.IsZero() && now.Sub(r.DeletedAt) > 15*24*time.Hour) {
			return false
		}
		activity := o.Name == "Task" || o.Name == "Event"
		if !all && activity && rec.archive.archives(o.Name, v, rec.Present()) {
			return false
		}
		parent, _ := v["OpportunityId"].(string)
		if activity {
			if parent, _ = v["WhatId"].(string); rec.Tables["Opportunity"].ByID[parent] == nil {
				parent = ""
			}
		}
		if rec.unshared[r.ID] || rec.unshared[parent] {
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
