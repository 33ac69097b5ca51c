// Package portal is a HubSpot portal without its API: records with their history,
// associations and the calculations that follow from a change, owners, pipelines, and
// the search index. Tests use [Portal], whose methods take the clock. The company and
// the API server already hold the clock, so they use [Records]. A connector's test
// reads a portal over HTTP, through package hubspot.
package portal

import (
	"cmp"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// Records are the records of a HubSpot portal, and the changes that its users and its
// calculations make. The caller holds the clock.
type Records struct {
	*clock.Clock
	people
	settings func() Options
	buyer    func(n int) (first, last string) // the name of the n-th contact

	Pipelines []*Pipeline
	Tables    map[string]*Table
	Custom    map[string]*Property // "deals.name": properties that a loaded portal brought along
	companies map[string]*Object
	merged    map[int64]int64 // the survivor's id, by the id that was merged away
	pending   []rollup
	ticks     int64
}

// NewRecords is a portal without records and owners.
func NewRecords(at *clock.Clock, pipelines []*Pipeline, settings func() Options, buyer func(n int) (first, last string)) *Records {
	h := &Records{Clock: at, settings: settings, buyer: buyer, Pipelines: pipelines,
		Tables: map[string]*Table{}, Custom: map[string]*Property{}, companies: map[string]*Object{}, merged: map[int64]int64{}}
	for _, t := range Types {
		h.Tables[t.Name] = &Table{ByID: map[int64]*Object{}}
	}
	h.teams = []string{"West", "East"}
	return h
}

// Table holds the records of one type.
type Table struct {
	Rows []*Object // by id, ascending
	ByID map[int64]*Object
	last int64 // the greatest id there ever was, so that no id is given twice
}

// After are the records whose ids are greater than id.
func (t *Table) After(id int64) []*Object {
	i, _ := slices.BinarySearchFunc(t.Rows, id+1, func(x *Object, id int64) int { return cmp.Compare(x.ID, id) })
	return t.Rows[i:]
}

// put inserts a record in the order of ids.
func (t *Table) put(o *Object) {
	t.Rows = slices.Insert(t.Rows, len(t.Rows)-len(t.After(o.ID)), o)
	t.ByID[o.ID] = o
	t.last = max(t.last, o.ID)
}

// remove takes a record out of the table.
func (t *Table) remove(o *Object) {
	i := len(t.Rows) - len(t.After(o.ID-1))
	t.Rows = slices.Delete(t.Rows, i, i+1)
	delete(t.ByID, o.ID)
}

// Object is one record.
type Object struct {
	Type       *Type
	ID         int64
	Props      map[string]string // an absent property is null, a cleared property is ""
	History    map[string][]Version
	Created    time.Time
	Updated    time.Time
	Archived   bool
	ArchivedAt time.Time
	Gone       bool // merged away
	links      map[string][]Link

	// Until the time indexed, search sees before (nil: no record).
	indexed time.Time
	before  *view
}

// Version is a value that a property has or had; the newest is first.
type Version struct {
	Value  string
	At     time.Time
	Source string // CRM_UI, INTEGRATION, CALCULATED, ...
	ID     string
	User   int64
	Label  string // of the app, the import or the workflow
}

// Link is an association with another record.
type Link struct {
	To    int64
	Types []LinkType
}

// LinkType is a type of association; two records may be associated by several.
type LinkType struct {
	Category string  `json:"category"`
	TypeID   int     `json:"typeId"`
	Label    *string `json:"label"`
}

// instant is the present with milliseconds. The times of planned events have no
// milliseconds, so instant adds some.
func (h *Records) instant() time.Time {
	now := h.Present().Add(h.settings().Skew)
	if !h.Event().IsZero() {
		h.ticks++
		now = now.Add(time.Duration(h.ticks*137%1000) * time.Millisecond)
	}
	return now.Truncate(time.Millisecond)
}
