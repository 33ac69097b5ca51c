package sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// HubSpot is the company as a HubSpot portal. Its records are guarded by the
// company's lock, its switches by a lock of their own.
type HubSpot struct {
	faults
	c *Company

	// What follows is guarded by c.mu.
	pipelines []*hubPipeline
	owners    []*hubOwner
	tables    map[string]*hubTable
	custom    map[string]*hubProp // "deals.name": properties that a loaded portal brought along
	companies map[string]*hubObject
	merged    map[int64]int64 // where a merged-away id lives on
	ticks     int64

	lock     sync.Mutex
	opt      HubSpotOptions
	requests []time.Time // within the last ten real seconds
	searches []time.Time // within the last real second
	day      string      // to which DailyUsed belongs, in the portal's zone
	answers  int
}

type hubTable struct {
	rows []*hubObject // by id, ascending
	byID map[int64]*hubObject
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

// hubView is a record as the search index has it.
type hubView struct {
	p        map[string]string
	archived bool
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
		opt: HubSpotOptions{Token: "pat-na1-5e0d4c1a-0000-4000-8000-000000000001", PortalID: 149063119, HistoryDepth: 20, Daily: 625_000}}
	for _, t := range hubTypes {
		h.tables[t.name] = &hubTable{byID: map[int64]*hubObject{}}
	}
	h.pipelines = acmePipelines(c.opt.Start.AddDate(-2, 0, 0))
	return h
}

// HubSpot is the company's HubSpot portal. It is always the same one; without
// [Options].HubSpot it holds no deals.
func (c *Company) HubSpot() *HubSpot { return c.hub }

// instant is the present with milliseconds, of which planned events get some.
func (h *HubSpot) instant() time.Time {
	now := h.c.now()
	if !h.c.stamp.IsZero() {
		h.ticks++
		now = now.Add(time.Duration(h.ticks*137%1000) * time.Millisecond)
	}
	return now.Truncate(time.Millisecond)
}

// hubBy says who wrote something.
type hubBy struct {
	source, id string
	user       int64
}

func (h *HubSpot) by(o *hubOwner) hubBy {
	if o == nil {
		return hubBy{source: "INTEGRATION", id: "1160452"}
	}
	return hubBy{"CRM_UI", "userId:" + strconv.FormatInt(o.userID, 10), o.userID}
}

var hubCalculated = hubBy{source: "CALCULATED", id: "PropertyCalculations"}

// create appends a record. As in real portals its last change is a few hundred
// milliseconds after its creation.
func (h *HubSpot) create(t *hubType, by hubBy, p map[string]string) *hubObject {
	tab := h.tables[t.name]
	id := t.base + int64(len(tab.rows))*t.step
	if n := len(tab.rows); n > 0 {
		id = max(id, tab.rows[n-1].id+t.step)
	}
	return h.createAt(t, id, h.instant(), by, p)
}

func (h *HubSpot) createAt(t *hubType, id int64, at time.Time, by hubBy, p map[string]string) *hubObject {
	o := &hubObject{t: t, id: id, p: map[string]string{}, history: map[string][]hubVersion{}, links: map[string][]hubLink{}, created: at,
		updated: at.Add(time.Duration(300+id%300) * time.Millisecond)}
	o.indexed = h.c.now().Add(h.lag())
	o.p["hs_object_id"] = strconv.FormatInt(id, 10)
	o.p["hs_object_source"] = by.source
	if by.user != 0 {
		o.p["hs_created_by_user_id"] = strconv.FormatInt(by.user, 10)
	}
	for _, k := range slices.Sorted(maps.Keys(p)) {
		o.p[k] = p[k]
		o.history[k] = []hubVersion{{p[k], at, by.source, by.id, by.user}}
	}
	tab := h.tables[t.name]
	i, _ := slices.BinarySearchFunc(tab.rows, id, func(x *hubObject, id int64) int { return cmp.Compare(x.id, id) })
	tab.rows = slices.Insert(tab.rows, i, o)
	tab.byID[id] = o
	return o
}

func (h *HubSpot) lag() time.Duration {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.opt.IndexLag
}

// keep prepares o for a change: search goes on seeing what was until the index
// has caught up.
func (h *HubSpot) keep(o *hubObject) {
	now := h.c.now()
	if !now.Before(o.indexed) {
		o.before = &hubView{p: maps.Clone(o.p), archived: o.archived}
		o.before.p[o.t.modified] = hubTime(o.updated)
	}
	o.indexed = now.Add(h.lag())
}

// bump stamps o as changed.
func (h *HubSpot) bump(o *hubObject) {
	o.updated = later(h.instant(), o.updated.Add(time.Millisecond))
}

// set writes one property with its history; a value that is there already
// changes nothing.
func (h *HubSpot) set(o *hubObject, by hubBy, name, value string) {
	if old, ok := o.p[name]; ok && old == value || !ok && value == "" {
		return
	}
	h.keep(o)
	h.bump(o)
	h.put(o, by, name, value)
	if by.user != 0 {
		o.p["hs_updated_by_user_id"] = strconv.FormatInt(by.user, 10)
	}
	if o.t.name == "deals" && name == "dealstage" {
		h.moved(o)
	}
}

// put writes a property and its history, without a stamp.
func (h *HubSpot) put(o *hubObject, by hubBy, name, value string) {
	o.p[name] = value
	o.history[name] = slices.Insert(o.history[name], 0, hubVersion{value, o.updated, by.source, by.id, by.user})
}

// moved writes what a deal's stage brings with it.
func (h *HubSpot) moved(o *hubObject) {
	versions := o.history["dealstage"]
	at := hubTime(versions[0].at)
	if len(versions) > 1 {
		h.put(o, hubCalculated, "hs_v2_date_exited_"+versions[1].value, at)
	}
	stage := o.p["dealstage"]
	h.put(o, hubCalculated, "hs_v2_date_entered_"+stage, at)
	h.put(o, hubCalculated, "hs_v2_date_entered_current_stage", at)
	// The name says duration, the value is the time of entry.
	h.put(o, hubCalculated, "hs_v2_time_in_current_stage", at)
	s := h.stage(stage)
	if s == nil {
		return
	}
	for name, value := range map[string]bool{"hs_is_closed": s.closed, "hs_is_closed_won": s.closed && s.probability == 1, "hs_is_closed_lost": s.closed && s.probability == 0} {
		h.put(o, hubCalculated, name, strconv.FormatBool(value))
	}
	h.put(o, hubCalculated, "hs_deal_stage_probability", hubFloat(s.probability))
}

// hubFloat writes a number with all digits of its binary form, as the
// probability property does.
func hubFloat(x float64) string {
	s := fmt.Sprintf("%.60f", x)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// hubTime writes a time as the API does: with three digits of a fraction, or
// none if it is zero.
func hubTime(t time.Time) string {
	if t.UnixMilli()%1000 == 0 {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// value reads a property; ok is false where it is null.
func (h *HubSpot) value(o *hubObject, name string) (string, bool) {
	switch name {
	case "createdate", "hs_createdate":
		if name == o.t.created() {
			return hubTime(o.created), true
		}
		return "", false
	case o.t.modified:
		return hubTime(o.updated), true
	case "notes_next_activity_date":
		return h.nextActivity(o)
	case "num_associated_contacts":
		return strconv.Itoa(len(h.targets(o, "contacts"))), true
	case "amount_in_home_currency":
		v, ok := o.p["amount"]
		return v, ok
	case "hs_forecast_amount":
		v, ok := o.p["amount"]
		return v, ok
	}
	v, ok := o.p[name]
	return v, ok
}

// targets are the links of o to records that are neither archived nor gone.
func (h *HubSpot) targets(o *hubObject, to string) []hubLink {
	var out []hubLink
	for _, l := range o.links[to] {
		if x := h.tables[to].byID[l.to]; x != nil && !x.archived && !x.gone {
			out = append(out, l)
		}
	}
	return out
}

// find is the record of that type and id; archived ones too, those merged away
// not.
func (h *HubSpot) find(typ, id string) *hubObject {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	if o := h.tables[typ].byID[n]; o != nil && !o.gone {
		return o
	}
	return nil
}
