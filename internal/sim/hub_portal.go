package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

// portalRecords are the records of a HubSpot portal, with what its users and its
// calculations do to them. Whoever calls holds the clock.
type portalRecords struct {
	*clock.Clock
	hubOwners
	settings func() PortalOptions
	buyer    func(n int) (first, last string) // the name of the n-th contact

	pipelines []*hubPipeline
	tables    map[string]*hubTable
	custom    map[string]*hubProp // "deals.name": properties that a loaded portal brought along
	companies map[string]*hubObject
	merged    map[int64]int64 // where a merged-away id lives on
	pending   []hubRollup
	ticks     int64
}

func newPortalRecords(at *clock.Clock, pipelines []*hubPipeline, settings func() PortalOptions, buyer func(n int) (first, last string)) *portalRecords {
	h := &portalRecords{Clock: at, settings: settings, buyer: buyer, pipelines: pipelines,
		tables: map[string]*hubTable{}, custom: map[string]*hubProp{}, companies: map[string]*hubObject{}, merged: map[int64]int64{}}
	for _, t := range hubTypes {
		h.tables[t.name] = &hubTable{byID: map[int64]*hubObject{}}
	}
	h.teams = []string{"West", "East"}
	return h
}

type hubTable struct {
	rows []*hubObject // by id, ascending
	byID map[int64]*hubObject
	last int64 // the greatest id there ever was; none is given twice
}

// after are the records whose ids are greater.
func (t *hubTable) after(id int64) []*hubObject {
	i, _ := slices.BinarySearchFunc(t.rows, id+1, func(x *hubObject, id int64) int { return cmp.Compare(x.id, id) })
	return t.rows[i:]
}

// put adds a record where its id belongs.
func (t *hubTable) put(o *hubObject) {
	t.rows = slices.Insert(t.rows, len(t.rows)-len(t.after(o.id)), o)
	t.byID[o.id] = o
	t.last = max(t.last, o.id)
}

// remove ends a record without a trace.
func (t *hubTable) remove(o *hubObject) {
	i := len(t.rows) - len(t.after(o.id-1))
	t.rows = slices.Delete(t.rows, i, i+1)
	delete(t.byID, o.id)
}

// hubObject is one record.
type hubObject struct {
	t          *hubType
	id         int64
	p          map[string]string // absent is null, "" was cleared
	history    map[string][]hubVersion
	created    time.Time
	updated    time.Time
	archived   bool
	archivedAt time.Time
	gone       bool // merged away
	links      map[string][]hubLink

	// Until indexed, search sees before instead (nil: nothing).
	indexed time.Time
	before  *hubView
}

// hubVersion is a value that a property has or had; the newest is first.
type hubVersion struct {
	value  string
	at     time.Time
	source string // CRM_UI, INTEGRATION, CALCULATED, ...
	id     string
	user   int64
}

// hubLink associates with another record.
type hubLink struct {
	to    int64
	types []hubLinkType
}

type hubLinkType struct {
	Category string  `json:"category"`
	TypeID   int     `json:"typeId"`
	Label    *string `json:"label"`
}

// instant is the present with milliseconds, of which planned events get some.
func (h *portalRecords) instant() time.Time {
	now := h.Present().Add(h.settings().Skew)
	if !h.Event().IsZero() {
		h.ticks++
		now = now.Add(time.Duration(h.ticks*137%1000) * time.Millisecond)
	}
	return now.Truncate(time.Millisecond)
}
