package org

import (
	"iter"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// Row is one record. Until the time visible, readers see before (nil: no record), as
// while the transaction that changed the record is not committed.
type Row struct {
	ID        string
	Values    soql.Values
	before    soql.Values
	visible   time.Time
	DeletedAt time.Time
}

// table holds the records of one object in order of creation.
type table struct {
	Rows []*Row
	ByID map[string]*Row
}

// Seen returns the values that a reader finds in r at now; nil is no record.
func (r *Row) Seen(now time.Time) soql.Values {
	if now.Before(r.visible) {
		return r.before
	}
	return r.Values
}

// Object finds an object without regard to case; nil is none, or an object that is
// hidden from the login.
func (rec *Records) Object(name string) *soql.Object {
	if o := ObjectNamed(name); o != nil && !rec.Hidden[o.Name] {
		return o
	}
	return nil
}

// Found are the rows of an object that a reader finds now; see [Records.Visible].
func (rec *Records) Found(o *soql.Object, owners []string, all bool) iter.Seq2[*Row, soql.Values] {
	now, visible := rec.Present(), rec.Visible(owners, all)
	return func(yield func(*Row, soql.Values) bool) {
		for _, r := range rec.Tables[o.Name].Rows {
			if v := r.Seen(now); v != nil && visible(o, r, v) && !yield(r, v) {
				return
			}
		}
	}
}

// Moment is the records as readers find them now.
func (rec *Records) Moment() Moment { return Moment{rec, rec.Present()} }

// Moment is the records as readers find them at a time.
type Moment struct {
	rec *Records
	Now time.Time
}

// Value reads a field: stored, or derived at reading time.
func (m Moment) Value(o *soql.Object, v soql.Values, name string) any { return m.rec.Value(o, v, name) }

// Parent follows one reference.
func (m Moment) Parent(v soql.Values, f *soql.Field) (*soql.Object, soql.Values) {
	id, _ := v[f.Name].(string)
	if id == "" {
		return nil, nil
	}
	for _, name := range f.To {
		if o := Objects[name]; o != nil && o.Prefix == id[:3] {
			if r := m.rec.Tables[name].ByID[id]; r != nil {
				return o, r.Seen(m.Now)
			}
		}
	}
	return nil, nil
}
