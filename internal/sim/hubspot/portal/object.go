package portal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Author is who wrote a value.
type Author struct {
	source, id string
	user       int64
	name       string // of the app, the import or the workflow
}

// By is an owner as an author; nil is an integration.
func (h *Records) By(o *Owner) Author {
	if o == nil {
		return Author{source: "INTEGRATION", id: "1160452", name: "Sales Bridge"}
	}
	return Author{source: "CRM_UI", id: "userId:" + strconv.FormatInt(o.UserID, 10), user: o.UserID}
}

// Calculated is the portal itself as an author.
var Calculated = Author{source: "CALCULATED", id: "PropertyCalculations"}

// Create appends a record. As in real portals its last change is a few hundred
// milliseconds after its creation.
func (h *Records) Create(t *Type, by Author, p map[string]string) *Object {
	return h.createAt(t, h.nextID(t), h.instant(), by, p)
}

func (h *Records) nextID(t *Type) int64 {
	if last := h.Tables[t.Name].last; last != 0 {
		return max(t.Base+int64(len(h.Tables[t.Name].Rows))*t.Step, last+t.Step)
	}
	return t.Base
}

func (h *Records) createAt(t *Type, id int64, at time.Time, by Author, p map[string]string) *Object {
	o := &Object{Type: t, ID: id, Props: map[string]string{}, History: map[string][]Version{}, links: map[string][]Link{}, Created: at,
		Updated: at.Add(time.Duration(300+id%300) * time.Millisecond)}
	o.indexed = h.Present().Add(h.lag())
	o.Props["hs_object_id"] = strconv.FormatInt(id, 10)
	o.Props["hs_object_source"], o.Props["hs_object_source_label"] = by.source, by.source
	if by.id != "" {
		o.Props["hs_object_source_id"] = by.id
	}
	if by.name != "" {
		o.Props["hs_object_source_detail_1"] = by.name
	}
	if by.user != 0 {
		o.Props["hs_created_by_user_id"] = strconv.FormatInt(by.user, 10)
	}
	for _, k := range slices.Sorted(maps.Keys(p)) {
		o.Props[k] = p[k]
		o.History[k] = []Version{{p[k], at, by.source, by.id, by.user, by.name}}
	}
	h.Tables[t.Name].put(o)
	return o
}

func (h *Records) lag() time.Duration {
	return h.settings().IndexLag
}

// keep prepares o for a change: search finds o by its old values until the index has
// caught up.
func (h *Records) keep(o *Object) {
	now := h.Present()
	if !now.Before(o.indexed) {
		o.before = &view{p: maps.Clone(o.Props), updated: float64(o.Updated.UnixMilli()), archived: o.Archived}
		o.before.p[o.Type.Modified] = Stamp(o.Updated)
	}
	o.indexed = now.Add(h.lag())
}

// bump stamps o as changed.
func (h *Records) bump(o *Object) {
	o.Updated = later(h.instant(), o.Updated.Add(time.Millisecond))
}

// Set writes one property with its history. Writing the present value again changes
// nothing.
func (h *Records) Set(o *Object, by Author, name, value string) {
	if old, ok := o.Props[name]; ok && old == value || !ok && value == "" {
		return
	}
	h.keep(o)
	h.bump(o)
	h.put(o, by, name, value)
	if by.user != 0 {
		o.Props["hs_updated_by_user_id"] = strconv.FormatInt(by.user, 10)
	}
	if o.Type.Name == "deals" && name == "dealstage" {
		h.Moved(o)
	}
}

// put writes a property and its history, without a stamp.
func (h *Records) put(o *Object, by Author, name, value string) {
	o.Props[name] = value
	o.History[name] = slices.Insert(o.History[name], 0, Version{value, o.Updated, by.source, by.id, by.user, by.name})
}

// Moved writes the properties that follow from a deal's stage.
func (h *Records) Moved(o *Object) {
	versions := o.History["dealstage"]
	at := Stamp(versions[0].At)
	if len(versions) > 1 {
		h.put(o, Calculated, "hs_v2_date_exited_"+versions[1].Value, at)
	}
	stage := o.Props["dealstage"]
	h.put(o, Calculated, "hs_v2_date_entered_"+stage, at)
	h.put(o, Calculated, "hs_v2_date_entered_current_stage", at)
	// The name says duration, the value is the time of entry.
	h.put(o, Calculated, "hs_v2_time_in_current_stage", at)
	s := h.Stage(stage)
	if s == nil {
		return
	}
	for name, value := range map[string]bool{"hs_is_closed": s.Closed, "hs_is_closed_won": s.Closed && s.Probability == 1, "hs_is_closed_lost": s.Closed && s.Probability == 0} {
		h.put(o, Calculated, name, strconv.FormatBool(value))
	}
	h.put(o, Calculated, "hs_deal_stage_probability", digits(s.Probability))
}

// digits writes a number with all digits of its binary form, as in the probability
// property.
func digits(x float64) string {
	s := fmt.Sprintf("%.60f", x)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// Stamp writes a time as the API does: with milliseconds, or without a fraction if the
// milliseconds are zero.
func Stamp(t time.Time) string {
	if t.UnixMilli()%1000 == 0 {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// Value reads a property; ok is false if the property is null.
func (h *Records) Value(o *Object, name string) (string, bool) {
	switch name {
	case "createdate", "hs_createdate":
		if name == o.Type.Created() {
			return Stamp(o.Created), true
		}
		return "", false
	case o.Type.Modified: // not hs_lastmodifieddate of contacts, which is null in the real service, undocumented
		return Stamp(o.Updated), true
	case "notes_next_activity_date":
		return h.nextActivity(o)
	case "num_associated_contacts":
		return strconv.Itoa(len(h.Targets(o, "contacts"))), true
	case "hs_primary_associated_company":
		return h.primaryCompany(o)
	case "hs_num_of_associated_line_items":
		return cmp.Or(o.Props[name], "0"), o.Type.Name == "deals"
	case "amount_in_home_currency":
		v, ok := o.Props["amount"]
		return v, ok
	case "hs_forecast_amount":
		v, ok := o.Props["amount"]
		return v, ok
	}
	v, ok := o.Props[name]
	return v, ok
}

// primaryCompany is the id of the company that is linked as the primary one.
func (h *Records) primaryCompany(o *Object) (string, bool) {
	for _, l := range h.Targets(o, "companies") {
		if slices.ContainsFunc(l.Types, func(t LinkType) bool { return t.Label != nil && *t.Label == "Primary" }) {
			return strconv.FormatInt(l.To, 10), true
		}
	}
	return "", false
}

// Targets are the links of o to records that are neither archived nor gone.
func (h *Records) Targets(o *Object, to string) []Link {
	var out []Link
	for _, l := range o.links[to] {
		if x := h.Tables[to].ByID[l.To]; x != nil && !x.Archived && !x.Gone {
			out = append(out, l)
		}
	}
	return out
}

// Find is the record of a type and id, archived or not; nil is no record, or a record
// that was merged away.
func (h *Records) Find(typ, id string) *Object {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	if o := h.Tables[typ].ByID[n]; o != nil && !h.Lost(o) {
		return o
	}
	return nil
}

// binLife is how long archived records can be read and restored.
const binLife = 90 * 24 * time.Hour

// Lost reports whether a record was merged away, or archived for longer than binLife.
func (h *Records) Lost(o *Object) bool {
	return o.Gone || o.Archived && h.Present().Sub(o.ArchivedAt) > binLife
}

// Archive moves a record into the recycle bin, or out of the bin.
func (h *Records) Archive(o *Object, archived bool) {
	h.keep(o)
	o.Archived = archived
	o.ArchivedAt = h.instant()
}

// end merges old into w.
func (h *Records) end(old, w *Object) {
	ids := strconv.FormatInt(old.ID, 10)
	if had := w.Props["hs_merged_object_ids"]; had != "" {
		ids = had + ";" + ids
	}
	h.Set(w, Calculated, "hs_merged_object_ids", ids)
	for _, t := range Types {
		for _, l := range h.Targets(old, t.Name) {
			h.Link(w, h.Tables[t.Name].ByID[l.To], l.Types...)
		}
	}
	h.keep(old)
	old.Gone = true
	h.merged[old.ID] = w.ID
}

// Resolve finds a record by id, and follows merges if [Options].MergedResolve is set.
func (h *Records) Resolve(t *Type, id string) *Object {
	if o := h.Find(t.Name, id); o != nil || !h.settings().MergedResolve {
		return o
	}
	n, _ := strconv.ParseInt(id, 10, 64)
	for range len(h.merged) {
		to, ok := h.merged[n]
		if !ok {
			return nil
		}
		n = to
		if o := h.Find(t.Name, strconv.FormatInt(n, 10)); o != nil {
			return o
		}
	}
	return nil
}
