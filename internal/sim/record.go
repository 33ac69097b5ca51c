package sim

import (
	"fmt"
	"iter"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// row is one record. Until visible, readers see before instead (nil: nothing),
// as they do while the transaction that wrote it is not committed.
type row struct {
	id        string
	v         values
	before    values
	visible   time.Time
	deletedAt time.Time
}

// table holds the records of one object in order of creation.
type table struct {
	rows []*row
	byID map[string]*row
}

// seen is what a reader finds in r at now; nil is no record.
func (r *row) seen(now time.Time) values {
	if now.Before(r.visible) {
		return r.before
	}
	return r.v
}

// orgRecords are the records of a Salesforce org, with what its users and its
// administrator do to them. Whoever calls holds the clock.
type orgRecords struct {
	*clock.Clock
	access
	archive archiving
	seed    uint64 // of the order of rows that a query leaves open
	admin   string // the address of the user who does what nobody else does

	tables   map[string]*table
	serials  map[string]int
	byWhat   map[string][]*row                // activities by WhatId
	accounts map[string]string                // ids by name
	contacts map[string][]string              // ids by account
	buyer    func(n int) (first, last string) // the name of the n-th contact

	delay time.Duration
	// Stages that a record type's sales process has, by its id; absent is all.
	processes map[string][]string
}

func newOrgRecords(at *clock.Clock, seed uint64, schemaAt time.Time, admin string, buyer func(n int) (first, last string)) *orgRecords {
	rec := &orgRecords{
		Clock:     at,
		access:    access{hidden: map[string]bool{}, features: map[string]bool{}, unshared: map[string]bool{}, since: schemaAt},
		archive:   archiving{days: 365},
		seed:      seed,
		admin:     admin,
		tables:    map[string]*table{},
		serials:   map[string]int{},
		byWhat:    map[string][]*row{},
		accounts:  map[string]string{},
		contacts:  map[string][]string{},
		buyer:     buyer,
		processes: map[string][]string{},
	}
	for name := range objects {
		rec.tables[name] = &table{byID: map[string]*row{}}
	}
	return rec
}

// create appends a record of object name with v and the usual stamps.
func (rec *orgRecords) create(name, by string, v values) *row {
	o := objects[name]
	rec.serials[name]++
	r := &row{id: makeID(o.prefix, 100_000+rec.serials[name]), v: v}
	v["Id"] = r.id
	now := rec.Second()
	for _, f := range []string{"CreatedDate", "LastModifiedDate", "SystemModstamp"} {
		if o.field(f) != nil && v[f] == nil {
			v[f] = now
		}
	}
	for _, f := range []string{"CreatedById", "LastModifiedById"} {
		if o.field(f) != nil && v[f] == nil {
			v[f] = by
		}
	}
	for i := range o.fields {
		if f := &o.fields[i]; f.typ == tBool && f.required && v[f.name] == nil {
			v[f.name] = false
		}
	}
	if rec.delay > 0 {
		r.visible = rec.Present().Add(rec.delay)
	}
	t := rec.tables[name]
	t.rows = append(t.rows, r)
	t.byID[r.id] = r
	return r
}

// touch prepares r for a change: it keeps what readers see until the change is
// committed, and stamps it. by == "" is a platform process, which bumps
// SystemModstamp only.
func (rec *orgRecords) touch(r *row, by string) {
	if rec.delay > 0 {
		now := rec.Present()
		if !now.Before(r.visible) {
			r.before = maps.Clone(r.v)
		}
		r.visible = now.Add(rec.delay)
	}
	if _, ok := r.v["SystemModstamp"]; ok {
		r.v["SystemModstamp"] = rec.Second()
	}
	if by == "" {
		return
	}
	if _, ok := r.v["LastModifiedDate"]; ok {
		r.v["LastModifiedDate"] = rec.Second()
	}
	if _, ok := r.v["LastModifiedById"]; ok {
		r.v["LastModifiedById"] = by
	}
}

// record finds a record of any object by its id.
func (rec *orgRecords) record(id string) (*object, *row, error) {
	long, err := LongID(id)
	if err != nil {
		return nil, nil, fmt.Errorf("record %q: %w", id, err)
	}
	for name, o := range objects {
		if o.prefix == long[:3] {
			if r := rec.tables[name].byID[long]; r != nil {
				return o, r, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("record %q: not there", id)
}

// value reads a field as a query would: stored, or derived at reading time.
func (rec *orgRecords) value(o *object, v values, name string) any {
	switch o.name {
	case "Opportunity":
		return rec.opportunityValue(v, name)
	case "Task", "Event":
		switch name {
		case "IsArchived":
			return rec.archived(o.name, v)
		case "SystemModstamp":
			return rec.archiveStamp(o.name, v)
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

func fullName(v values) string {
	first, _ := v["FirstName"].(string)
	last, _ := v["LastName"].(string)
	if first == "" {
		return last
	}
	return first + " " + last
}

func (rec *orgRecords) opportunityValue(v values, name string) any {
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
		for _, r := range rec.byWhat[v["Id"].(string)] {
			if r.v["IsDeleted"] == true {
				continue
			}
			due, _ := r.v["ActivityDate"].(crm.Date)
			_, isTask := r.v["Status"]
			switch {
			case isTask && r.v["IsClosed"] == true:
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

// object finds an object without regard to case; nil is none, or one that is
// hidden from the login.
func (rec *orgRecords) object(name string) *object {
	if o := objectNamed(name); o != nil && !rec.hidden[o.name] {
		return o
	}
	return nil
}

// found are the rows of an object that a reader finds now; see visible.
func (rec *orgRecords) found(o *object, owners []string, all bool) iter.Seq2[*row, values] {
	now, visible := rec.Present(), rec.visible(owners, all)
	return func(yield func(*row, values) bool) {
		for _, r := range rec.tables[o.name].rows {
			if v := r.seen(now); v != nil && visible(o, r, v) && !yield(r, v) {
				return
			}
		}
	}
}

// moment is the records as readers find them now.
func (rec *orgRecords) moment() moment { return moment{rec, rec.Present()} }

// moment is the records as readers find them at a time.
type moment struct {
	rec *orgRecords
	now time.Time
}

func (m moment) value(o *object, v values, name string) any { return m.rec.value(o, v, name) }

// parent follows one reference.
func (m moment) parent(v values, f *field) (*object, values) {
	id, _ := v[f.name].(string)
	if id == "" {
		return nil, nil
	}
	for _, name := range f.to {
		if o := objects[name]; o != nil && o.prefix == id[:3] {
			if r := m.rec.tables[name].byID[id]; r != nil {
				return o, r.seen(m.now)
			}
		}
	}
	return nil, nil
}
