package sim

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
	for _, o := range h.rec.tables["deals"].rows {
		if o.p["dealname"] == name && !o.archived && !o.gone {
			return strconv.FormatInt(o.id, 10)
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
	for _, o := range h.rec.tables[typ].rows {
		if !o.archived && !o.gone {
			out = append(out, strconv.FormatInt(o.id, 10))
		}
	}
	return out
}

// Properties is a copy of what a record's properties hold; null ones are
// absent, and nil is no such record.
func (h *Portal) Properties(typ, id string) map[string]string {
	h.rec.Lock()
	defer h.rec.Unlock()
	h.rec.settle()
	o := h.rec.find(typ, id)
	if o == nil {
		return nil
	}
	out := map[string]string{}
	for _, p := range o.t.props {
		if v, ok := h.rec.value(o, p.name); ok {
			out[p.name] = v
		}
	}
	for k := range o.p {
		out[k] = o.p[k]
	}
	return out
}

// SetProperty writes a property as a user would in the browser; "" clears it. A
// new dealstage brings with it what belongs to it.
func (h *Portal) SetProperty(typ, id, name, value string) error {
	return h.change(typ, id, func(o *hubObject) error {
		p := h.rec.property(o.t, name)
		if p == nil {
			return fmt.Errorf("set %s of %s %s: no such property", name, o.t.singular, id)
		}
		by := h.rec.by(h.rec.ownerByID(o.p["hubspot_owner_id"]))
		h.rec.set(o, by, name, value)
		for _, l := range h.rec.targets(o, "deals") {
			if o.t.name != "contacts" && o.t.name != "companies" {
				h.rec.rollUp(h.rec.tables["deals"].byID[l.to])
			}
		}
		return nil
	})
}

// SetQuietly writes a property without a stamp, as calculations may.
func (h *Portal) SetQuietly(typ, id, name, value string) error {
	return h.change(typ, id, func(o *hubObject) error { o.p[name] = value; return nil })
}

// Associate links two records; neither gets a new stamp, unless the portal is
// switched to it (LinksStamp).
func (h *Portal) Associate(fromType, from, toType, to string) error {
	return h.relate(fromType, from, toType, to, func(a, b *hubObject) { h.rec.link(a, b) })
}

// Dissociate unlinks two records, as Associate links them.
func (h *Portal) Dissociate(fromType, from, toType, to string) error {
	return h.relate(fromType, from, toType, to, h.rec.unlink)
}

func (h *Portal) relate(fromType, from, toType, to string, do func(a, b *hubObject)) error {
	return h.change(fromType, from, func(a *hubObject) error {
		b := h.rec.find(toType, to)
		if b == nil {
			return fmt.Errorf("associate %s %s with %s %s: no such record", fromType, from, toType, to)
		}
		if h.rec.settings().LinksStamp {
			for _, o := range []*hubObject{a, b} {
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
	o := h.rec.find(typ, id)
	if o == nil {
		return nil
	}
	var out []string
	for _, l := range o.links[to] {
		out = append(out, strconv.FormatInt(l.to, 10))
	}
	return out
}

// Create makes a record with the properties given and returns its id. An
// activity that names a deal is associated with it and counts in its rollups;
// dealID "" is none. Who made it is the owner, unless hs_object_source names a
// sequence ("SEQUENCES"), a workflow ("AUTOMATION_PLATFORM") or an app.
func (h *Portal) Create(typ, dealID string, properties map[string]string) (string, error) {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := hubTypeNamed(typ)
	if t == nil {
		return "", fmt.Errorf("create %s: no such type", typ)
	}
	p := map[string]string{}
	for k, v := range properties {
		if h.rec.property(t, k) == nil {
			return "", fmt.Errorf("create %s: no such property: %s", typ, k)
		}
		p[k] = v
	}
	deal := h.rec.find("deals", dealID)
	if dealID != "" && deal == nil {
		return "", fmt.Errorf("create %s: no such deal: %s", typ, dealID)
	}
	owner := h.rec.ownerByID(p["hubspot_owner_id"])
	if owner == nil && deal != nil {
		owner = h.rec.ownerByID(deal.p["hubspot_owner_id"])
	}
	by := h.rec.by(owner)
	if source := p["hs_object_source"]; source != "" {
		by = hubBy{source: source, id: p["hs_object_source_id"]}
	}
	o := h.rec.activity(deal, t.name, by, owner, p)
	if t.name == "deals" && p["dealstage"] != "" {
		h.rec.moved(o)
	}
	return strconv.FormatInt(o.id, 10), nil
}

// OwnerID is the id of the owner behind an address, HubSpot's or the company's;
// "" is none.
func (h *Portal) OwnerID(email string) string {
	h.rec.Lock()
	defer h.rec.Unlock()
	if o := h.rec.ownerOf(email); o != nil {
		return strconv.FormatInt(o.id, 10)
	}
	return ""
}

func (h *Portal) change(typ, id string, do func(*hubObject) error) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := hubTypeNamed(typ)
	if t == nil {
		return fmt.Errorf("change %s: no such type", typ)
	}
	h.rec.settle()
	o := h.rec.find(t.name, strings.TrimSpace(id))
	if o == nil {
		return fmt.Errorf("change %s %q: not there", t.singular, id)
	}
	return do(o)
}
