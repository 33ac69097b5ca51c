package sim

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// HubSpot is the company as a HubSpot portal. Its records are guarded by the
// company's lock, its switches by a lock of their own.
type HubSpot struct {
	fault.Script
	c *Company

	// What follows is guarded by c.mu.
	pipelines []*hubPipeline
	owners    []*hubOwner
	tables    map[string]*hubTable
	custom    map[string]*hubProp // "deals.name": properties that a loaded portal brought along
	companies map[string]*hubObject
	merged    map[int64]int64 // where a merged-away id lives on
	teams     []string        // all that there ever were; their ids follow from the order
	pending   []hubRollup
	ticks     int64

	lock     sync.Mutex
	opt      HubSpotOptions
	requests []time.Time // within the last ten real seconds
	searches []time.Time // within the last real second
	day      string      // to which DailyUsed belongs, in the portal's zone
	answers  int
	access   map[string]time.Time // OAuth access tokens and when they end, by the company's clock
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

func newHubSpot(c *Company) *HubSpot {
	h := &HubSpot{c: c, tables: map[string]*hubTable{}, custom: map[string]*hubProp{}, companies: map[string]*hubObject{}, merged: map[int64]int64{},
		opt: HubSpotOptions{Token: "pat-na1-5e0d4c1a-0000-4000-8000-000000000001", PortalID: 149063119, HistoryDepth: 20, Daily: 625_000,
			OAuth: HubSpotOAuth{ClientID: "7c1f4a52-0000-4000-8000-000000000002", ClientSecret: "0b9d6e83-0000-4000-8000-000000000003", RefreshToken: "na1-5e0d4c1a-0000-4000-8000-000000000004"}}}
	for _, t := range hubTypes {
		h.tables[t.name] = &hubTable{byID: map[int64]*hubObject{}}
	}
	h.teams = []string{"West", "East"}
	h.pipelines = acmePipelines(c.opt.Start.AddDate(-2, 0, 0))
	return h
}

// HubSpot is the company's HubSpot portal. It is always the same one; without
// [Options].HubSpot it holds no deals.
func (c *Company) HubSpot() *HubSpot { return c.hub }

// instant is the present with milliseconds, of which planned events get some.
func (h *HubSpot) instant() time.Time {
	now := h.c.now().Add(h.Options().Skew)
	if !h.c.stamp.IsZero() {
		h.ticks++
		now = now.Add(time.Duration(h.ticks*137%1000) * time.Millisecond)
	}
	return now.Truncate(time.Millisecond)
}
