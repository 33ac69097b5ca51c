package portal

import (
	"fmt"
	"strconv"
	"strings"
)

// What tests do to the portal. Types are named as in paths: deals, calls, ...

// Find is the id of the first deal called name that is not archived; "" is none.
func (h *Portal) Find(name string) string {
	h.rec.Lock()
	defer h.rec.Unlock()
	for _, o := range h.rec.Tables["deals"].Rows {
		if o.Props["dealname"] == name && !o.Archived && !o.Gone {
			return strconv.FormatInt(o.ID, 10)
		}
	}
	return ""
}

// IDs lists the ids of a type's records that are not archived, in order of
// creation.
func (h *Portal) IDs(typ string) []string {
	h.rec.Lock()
	defer h.rec.Unlock()
	var out []string
	for _, o := range h.rec.Tables[typ].Rows {
		if !o.Archived && !o.Gone {
			out = append(out, strconv.FormatInt(o.ID, 10))
		}
	}
	return out
}

// Properties is a copy of a record's properties; null properties are absent, and nil
// is no such record.
func (h *Portal) Properties(typ, id string) map[string]string {
	h.rec.Lock()
	defer h.rec.Unlock()
	h.rec.Settle()
	o := h.rec.Find(typ, id)
	if o == nil {
		return nil
	}
	out := map[string]string{}
	for _, p := range o.Type.Props {
		if v, ok := h.rec.Value(o, p.Name); ok {
			out[p.Name] = v
		}
	}
	for k := range o.Props {
		out[k] = o.Props[k]
	}
	return out
}

// SetProperty writes a property as a user would in the browser; "" clears the
// property. A new dealstage also sets the properties that follow from the stage.
func (h *Portal) SetProperty(typ, id, name, value string) error {
	return h.change(typ, id, func(o *Object) error {
		p := h.rec.Property(o.Type, name)
		if p == nil {
			return fmt.Errorf("set %s of %s %s: no such property", name, o.Type.Singular, id)
		}
		by := h.rec.By(h.rec.OwnerByID(o.Props["hubspot_owner_id"]))
		h.rec.Set(o, by, name, value)
		for _, l := range h.rec.Targets(o, "deals") {
			if o.Type.Name != "contacts" && o.Type.Name != "companies" {
				h.rec.rollUp(h.rec.Tables["deals"].ByID[l.To])
			}
		}
		return nil
	})
}

// SetQuietly writes a property without a new stamp, as some calculations do.
func (h *Portal) SetQuietly(typ, id, name, value string) error {
	return h.change(typ, id, func(o *Object) error { o.Props[name] = value; return nil })
}

// Associate links two records. Neither gets a new stamp, unless [Options].LinksStamp
// is set.
func (h *Portal) Associate(fromType, from, toType, to string) error {
	return h.relate(fromType, from, toType, to, func(a, b *Object) { h.rec.Link(a, b) })
}

// Dissociate unlinks two records, with stamps as in Associate. What a deal counts follows.
func (h *Portal) Dissociate(fromType, from, toType, to string) error {
	return h.relate(fromType, from, toType, to, func(a, b *Object) {
		h.rec.Unlink(a, b)
		for _, o := range []*Object{a, b} {
			if _, counts := o.Props["num_notes"]; counts {
				o.Props["num_notes"] = strconv.Itoa(h.rec.touches(o))
			}
		}
	})
}

func (h *Portal) relate(fromType, from, toType, to string, do func(a, b *Object)) error {
	return h.change(fromType, from, func(a *Object) error {
		b := h.rec.Find(toType, to)
		if b == nil {
			return fmt.Errorf("associate %s %s with %s %s: no such record", fromType, from, toType, to)
		}
		if h.rec.settings().LinksStamp {
			for _, o := range []*Object{a, b} {
				h.rec.keep(o)
				h.rec.bump(o)
			}
		}
		do(a, b)
		return nil
	})
}

// Links lists the ids of the records of a type that a record is associated with.
func (h *Portal) Links(typ, id, to string) []string {
	h.rec.Lock()
	defer h.rec.Unlock()
	o := h.rec.Find(typ, id)
	if o == nil {
		return nil
	}
	var out []string
	for _, l := range o.links[to] {
		out = append(out, strconv.FormatInt(l.To, 10))
	}
	return out
}

// Create makes a record with the properties given and returns its id. With a dealID
// the record is an activity of that deal, and the deal's rollups follow. The author is
// the record's owner or else the deal's, unless hs_object_source names a sequence
// ("SEQUENCES"), a workflow ("AUTOMATION_PLATFORM") or an app.
func (h *Portal) Create(typ, dealID string, properties map[string]string) (string, error) {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := TypeNamed(typ)
	if t == nil {
		return "", fmt.Errorf("create %s: no such type", typ)
	}
	p := map[string]string{}
	for k, v := range properties {
		if h.rec.Property(t, k) == nil {
			return "", fmt.Errorf("create %s: no such property: %s", typ, k)
		}
		p[k] = v
	}
	deal := h.rec.Find("deals", dealID)
	if dealID != "" && deal == nil {
		return "", fmt.Errorf("create %s: no such deal: %s", typ, dealID)
	}
	owner := h.rec.OwnerByID(p["hubspot_owner_id"])
	if owner == nil && deal != nil {
		owner = h.rec.OwnerByID(deal.Props["hubspot_owner_id"])
	}
	by := h.rec.By(owner)
	if source := p["hs_object_source"]; source != "" {
		by = Author{source: source, id: p["hs_object_source_id"], name: p["hs_object_source_detail_1"]}
	}
	o := h.rec.Activity(deal, t.Name, by, owner, p)
	if t.Name == "deals" && p["dealstage"] != "" {
		h.rec.Moved(o)
	}
	return strconv.FormatInt(o.ID, 10), nil
}

// OwnerID is the id of the owner with the address given, in HubSpot or in the company;
// "" is none.
func (h *Portal) OwnerID(email string) string {
	h.rec.Lock()
	defer h.rec.Unlock()
	if o := h.rec.OwnerOf(email); o != nil {
		return strconv.FormatInt(o.ID, 10)
	}
	return ""
}

func (h *Portal) change(typ, id string, do func(*Object) error) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := TypeNamed(typ)
	if t == nil {
		return fmt.Errorf("change %s: no such type", typ)
	}
	h.rec.Settle()
	o := h.rec.Find(t.Name, strings.TrimSpace(id))
	if o == nil {
		return fmt.Errorf("change %s %q: no such record", t.Singular, id)
	}
	return do(o)
}
