package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// hubBy says who wrote something.
type hubBy struct {
	source, id string
	user       int64
}

// by is an owner as a writer; nil is an integration.
func (h *portalRecords) by(o *hubOwner) hubBy {
	if o == nil {
		return hubBy{source: "INTEGRATION", id: "1160452"}
	}
	return hubBy{"CRM_UI", "userId:" + strconv.FormatInt(o.userID, 10), o.userID}
}

var hubCalculated = hubBy{source: "CALCULATED", id: "PropertyCalculations"}

// create appends a record. As in real portals its last change is a few hundred
// milliseconds after its creation.
func (h *portalRecords) create(t *hubType, by hubBy, p map[string]string) *hubObject {
	return h.createAt(t, h.nextID(t), h.instant(), by, p)
}

func (h *portalRecords) nextID(t *hubType) int64 {
	if last := h.tables[t.name].last; last != 0 {
		return max(t.base+int64(len(h.tables[t.name].rows))*t.step, last+t.step)
	}
	return t.base
}

func (h *portalRecords) createAt(t *hubType, id int64, at time.Time, by hubBy, p map[string]string) *hubObject {
	o := &hubObject{t: t, id: id, p: map[string]string{}, history: map[string][]hubVersion{}, links: map[string][]hubLink{}, created: at,
		updated: at.Add(time.Duration(300+id%300) * time.Millisecond)}
	o.indexed = h.Present().Add(h.lag())
	o.p["hs_object_id"] = strconv.FormatInt(id, 10)
	o.p["hs_object_source"] = by.source
	if by.user != 0 {
		o.p["hs_created_by_user_id"] = strconv.FormatInt(by.user, 10)
	}
	for _, k := range slices.Sorted(maps.Keys(p)) {
		o.p[k] = p[k]
		o.history[k] = []hubVersion{{p[k], at, by.source, by.id, by.user}}
	}
	h.tables[t.name].put(o)
	return o
}

func (h *portalRecords) lag() time.Duration {
	return h.settings().IndexLag
}

// keep prepares o for a change: search goes on seeing what was until the index
// has caught up.
func (h *portalRecords) keep(o *hubObject) {
	now := h.Present()
	if !now.Before(o.indexed) {
		o.before = &hubView{p: maps.Clone(o.p), updated: float64(o.updated.UnixMilli()), archived: o.archived}
		o.before.p[o.t.modified] = hubTime(o.updated)
	}
	o.indexed = now.Add(h.lag())
}

// bump stamps o as changed.
func (h *portalRecords) bump(o *hubObject) {
	o.updated = later(h.instant(), o.updated.Add(time.Millisecond))
}

// set writes one property with its history; a value that is there already
// changes nothing.
func (h *portalRecords) set(o *hubObject, by hubBy, name, value string) {
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
func (h *portalRecords) put(o *hubObject, by hubBy, name, value string) {
	o.p[name] = value
	o.history[name] = slices.Insert(o.history[name], 0, hubVersion{value, o.updated, by.source, by.id, by.user})
}

// moved writes what a deal's stage brings with it.
func (h *portalRecords) moved(o *hubObject) {
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
func (h *portalRecords) value(o *hubObject, name string) (string, bool) {
	switch name {
	case "createdate", "hs_createdate":
		if name == o.t.created() {
			return hubTime(o.created), true
		}
		return "", false
	case o.t.modified: // not hs_lastmodifieddate of contacts, which is null; nobody says so
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
func (h *portalRecords) targets(o *hubObject, to string) []hubLink {
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
func (h *portalRecords) find(typ, id string) *hubObject {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	if o := h.tables[typ].byID[n]; o != nil && !h.lost(o) {
		return o
	}
	return nil
}

// hubBin is how long archived records can be read and restored.
const hubBin = 90 * 24 * time.Hour

// lost is a record that was merged away, or archived so long ago that the
// recycle bin has been emptied.
func (h *portalRecords) lost(o *hubObject) bool {
	return o.gone || o.archived && h.Present().Sub(o.archivedAt) > hubBin
}

// archive moves a record to the recycle bin, or takes it out of it.
func (h *portalRecords) archive(o *hubObject, archived bool) {
	h.keep(o)
	o.archived = archived
	o.archivedAt = h.instant()
}

// end lets old live on in w.
func (h *portalRecords) end(old, w *hubObject) {
	ids := strconv.FormatInt(old.id, 10)
	if had := w.p["hs_merged_object_ids"]; had != "" {
		ids = had + ";" + ids
	}
	h.set(w, hubCalculated, "hs_merged_object_ids", ids)
	for _, t := range hubTypes {
		for _, l := range h.targets(old, t.name) {
			h.link(w, h.tables[t.name].byID[l.to], l.types...)
		}
	}
	h.keep(old)
	old.gone = true
	h.merged[old.id] = w.id
}

// resolve finds a record by id, following merges where the portal does so.
func (h *portalRecords) resolve(t *hubType, id string) *hubObject {
	if o := h.find(t.name, id); o != nil || !h.settings().MergedResolve {
		return o
	}
	n, _ := strconv.ParseInt(id, 10, 64)
	for range len(h.merged) {
		to, ok := h.merged[n]
		if !ok {
			return nil
		}
		n = to
		if o := h.find(t.name, strconv.FormatInt(n, 10)); o != nil {
			return o
		}
	}
	return nil
}
