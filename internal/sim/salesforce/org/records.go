// Package org is a Salesforce org without its API: the records of its objects with
// what follows from each change, the recycle bin, the archive, and what the login may
// see. Tests use [Org], whose methods take the clock. The company and the API server
// already hold the clock, so they use [Records]. A connector's test reads an org over
// HTTP, through package salesforce.
package org

import (
	"fmt"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// Records are the records of a Salesforce org, and the changes that its users and its
// administrator make. The caller holds the clock.
type Records struct {
	*clock.Clock
	access
	archive archiving
	Seed    uint64 // decides the order of rows in a query without ORDER BY
	// Currency is that of an org with a single currency; amounts of an org with several
	// that name none are in dollars.
	Currency string
	admin    string // the address of the user who makes changes for which no user is named

	Tables   map[string]*table
	Serials  map[string]int
	ByWhat   map[string][]*Row                // activities by WhatId
	accounts map[string]string                // ids by name
	contacts map[string][]string              // ids by account
	buyer    func(n int) (first, last string) // the name of the n-th contact

	delay time.Duration
	// The stages in the sales process of a record type, by the record type's id;
	// absent means all stages.
	Processes map[string][]string
}

// NewRecords is an org without records. schemaAt is the time of the last change of its
// schema, as describe tells.
func NewRecords(at *clock.Clock, seed uint64, schemaAt time.Time, admin string, buyer func(n int) (first, last string)) *Records {
	rec := &Records{
		Clock:     at,
		access:    access{Hidden: map[string]bool{"CurrencyType": true}, Features: map[string]bool{}, unshared: map[string]bool{}, Since: schemaAt},
		archive:   archiving{days: 365},
		Seed:      seed,
		Currency:  "USD",
		admin:     admin,
		Tables:    map[string]*table{},
		Serials:   map[string]int{},
		ByWhat:    map[string][]*Row{},
		accounts:  map[string]string{},
		contacts:  map[string][]string{},
		buyer:     buyer,
		Processes: map[string][]string{},
	}
	for name := range Objects {
		rec.Tables[name] = &table{ByID: map[string]*Row{}}
	}
	return rec
}

// Create appends a record of object name with v and the usual stamps.
func (rec *Records) Create(name, by string, v soql.Values) *Row {
	o := Objects[name]
	rec.Serials[name]++
	r := &Row{ID: soql.NewID(o.Prefix, 100_000+rec.Serials[name]), Values: v}
	v["Id"] = r.ID
	now := rec.Second()
	for _, f := range []string{"CreatedDate", "LastModifiedDate", "SystemModstamp"} {
		if o.Field(f) != nil && v[f] == nil {
			v[f] = now
		}
	}
	for _, f := range []string{"CreatedById", "LastModifiedById"} {
		if o.Field(f) != nil && v[f] == nil {
			v[f] = by
		}
	}
	for i := range o.Fields {
		if f := &o.Fields[i]; f.Type == soql.Bool && f.Required && v[f.Name] == nil {
			v[f.Name] = false
		}
	}
	if rec.delay > 0 {
		r.visible = rec.Present().Add(rec.delay)
	}
	t := rec.Tables[name]
	t.Rows = append(t.Rows, r)
	t.ByID[r.ID] = r
	return r
}

// touch prepares r for a change: touch keeps the values that readers see until the
// change is committed, and stamps r. by == "" is a platform process, which bumps
// SystemModstamp only.
func (rec *Records) touch(r *Row, by string) {
	if rec.delay > 0 {
		now := rec.Present()
		if !now.Before(r.visible) {
			r.before = maps.Clone(r.Values)
		}
		r.visible = now.Add(rec.delay)
	}
	if _, ok := r.Values["SystemModstamp"]; ok {
		r.Values["SystemModstamp"] = rec.Second()
	}
	if by == "" {
		return
	}
	if _, ok := r.Values["LastModifiedDate"]; ok {
		r.Values["LastModifiedDate"] = rec.Second()
	}
	if _, ok := r.Values["LastModifiedById"]; ok {
		r.Values["LastModifiedById"] = by
	}
}

// Lookup finds a record of any object by its id.
func (rec *Records) Lookup(id string) (*soql.Object, *Row, error) {
	long, err := soql.LongID(id)
	if err != nil {
		return nil, nil, fmt.Errorf("record %q: %w", id, err)
	}
	for name, o := range Objects {
		if o.Prefix == long[:3] {
			if r := rec.Tables[name].ByID[long]; r != nil {
				return o, r, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("record %q: no such record", id)
}

// Value reads a field as a query would: stored, or derived at reading time.
func (rec *Records) Value(o *soql.Object, v soql.Values, name string) any {
	switch o.Name {
	case "Opportunity":
		return rec.opportunityValue(v, name)
	case "Task", "Event":
		switch name {
		case "IsArchived":
			return rec.archive.archives(o.Name, v, rec.Present())
		case "SystemModstamp":
			return rec.archive.stamp(o.Name, v, rec.Present())
		}
	case "User":
		if name == "Name" {
			return fullName(v)
		}
	case "Contact":
		if name == "Name" {
			return fullName(v)
		}
	}
	return v[name]
}

func fullName(v soql.Values) string {
	first, _ := v["FirstName"].(string)
	last, _ := v["LastName"].(string)
	if first == "" {
		return last
	}
	return first + " " + last
}

func (rec *Records) opportunityValue(v soql.Values, name string) any {
	switch name {
	case "ExpectedRevenue":
		amount, ok := v["Amount"].(float64)
		if !ok {
			return nil
		}
		p, _ := v["Probability"].(float64)
		return amount * p / 100
	case "HasOpenActivity", "HasOverdueTask":
		today := rec.Today()
		for _, r := range rec.ByWhat[v["Id"].(string)] {
			if r.Values["IsDeleted"] == true {
				continue
			}
			due, _ := r.Values["ActivityDate"].(crm.Date)
			_, isTask := r.Values["Status"]
			switch {
			case isTask && r.Values["IsClosed"] == true:
			case isTask && name == "HasOpenActivity", !isTask && name == "HasOpenActivity" && due >= today:
				return true
			case isTask && !due.IsZero() && due < today:
				return true
			}
		}
		return false
	case "AgeInDays":
		return days(v["CreatedDate"], rec.Present())
	case "LastStageChangeInDays":
		return days(v["LastStageChangeDate"], rec.Present())
	case "CurrencyIsoCode":
		if v[name] == nil {
			return "USD"
		}
	}
	return v[name]
}

func days(since any, now time.Time) any {
	t, ok := since.(time.Time)
	if !ok {
		return nil
	}
	return int(now.Sub(t).Hours() / 24)
}
