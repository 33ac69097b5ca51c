package sim

import (
	"fmt"
	"strconv"
	"time"
)

// Import makes many records at once, as an import of a file does: all of them
// are created, and last changed, in the same millisecond. A zero at is the
// present. Import returns the ids, ascending.
func (h *Portal) Import(typ string, at time.Time, rows []map[string]string) ([]string, error) {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := hubTypeNamed(typ)
	if t == nil {
		return nil, fmt.Errorf("import %s: no such type", typ)
	}
	for i, p := range rows {
		for name := range p {
			if h.rec.property(t, name) == nil {
				return nil, fmt.Errorf("import %s, row %d: no such property: %s", typ, i+1, name)
			}
		}
	}
	if at.IsZero() {
		at = h.rec.instant()
	}
	at = at.UTC().Truncate(time.Millisecond)
	ids := make([]string, len(rows))
	for i, p := range rows {
		o := h.rec.createAt(t, h.rec.nextID(t), at, hubBy{source: "IMPORT"}, p)
		if t.name == "deals" && p["dealstage"] != "" {
			h.rec.moved(o)
		}
		o.updated = at
		ids[i] = strconv.FormatInt(o.id, 10)
	}
	return ids, nil
}

// SetMany writes a property of many records at once, as a bulk edit does: all of
// them get the same hs_lastmodifieddate, even those that had the value already.
// A zero at is the present.
func (h *Portal) SetMany(typ string, ids []string, at time.Time, name, value string) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := hubTypeNamed(typ)
	if t == nil || h.rec.property(t, name) == nil {
		return fmt.Errorf("set %s of many %s: no such property", name, typ)
	}
	if at.IsZero() {
		at = h.rec.instant()
	}
	at = at.UTC().Truncate(time.Millisecond)
	for _, id := range ids {
		o := h.rec.find(t.name, id)
		if o == nil {
			return fmt.Errorf("set %s of many %s: %s is not there", name, typ, id)
		}
		h.rec.keep(o)
		o.updated = at
		h.rec.put(o, hubBy{source: "CRM_UI", id: "bulk"}, name, value)
		if t.name == "deals" && name == "dealstage" {
			h.rec.moved(o)
		}
	}
	return nil
}
