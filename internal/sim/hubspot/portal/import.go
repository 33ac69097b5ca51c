package portal

import (
	"fmt"
	"strconv"
	"time"
)

// Import makes many records at once, as an import of a file does: all records are
// created and last changed in the same millisecond. A zero at is the present. Import
// returns the ids, ascending.
func (h *Portal) Import(typ string, at time.Time, rows []map[string]string) ([]string, error) {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := TypeNamed(typ)
	if t == nil {
		return nil, fmt.Errorf("import %s: no such type", typ)
	}
	for i, p := range rows {
		for name := range p {
			if h.rec.Property(t, name) == nil {
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
		o := h.rec.createAt(t, h.rec.nextID(t), at, Author{source: "IMPORT"}, p)
		if t.Name == "deals" && p["dealstage"] != "" {
			h.rec.Moved(o)
		}
		o.Updated = at
		ids[i] = strconv.FormatInt(o.ID, 10)
	}
	return ids, nil
}

// SetMany writes a property of many records at once, as a bulk edit does: all records
// get the same hs_lastmodifieddate, even records that had the value already. A zero at
// is the present.
func (h *Portal) SetMany(typ string, ids []string, at time.Time, name, value string) error {
	h.rec.Lock()
	defer h.rec.Unlock()
	t := TypeNamed(typ)
	if t == nil || h.rec.Property(t, name) == nil {
		return fmt.Errorf("set %s of many %s: no such property", name, typ)
	}
	if at.IsZero() {
		at = h.rec.instant()
	}
	at = at.UTC().Truncate(time.Millisecond)
	for _, id := range ids {
		o := h.rec.Find(t.Name, id)
		if o == nil {
			return fmt.Errorf("set %s of many %s: no record %s", name, typ, id)
		}
		h.rec.keep(o)
		o.Updated = at
		h.rec.put(o, Author{source: "CRM_UI", id: "bulk"}, name, value)
		if t.Name == "deals" && name == "dealstage" {
			h.rec.Moved(o)
		}
	}
	return nil
}
