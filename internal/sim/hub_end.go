package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// How records end, and come back.

// Archive moves a record to the recycle bin. It keeps hs_lastmodifieddate.
func (h *HubSpot) Archive(typ, id string) error {
	return h.change(typ, id, func(o *hubObject) error { h.archive(o, true); return nil })
}

// Restore takes a record out of the recycle bin.
func (h *HubSpot) Restore(typ, id string) error {
	return h.change(typ, id, func(o *hubObject) error { h.archive(o, false); return nil })
}

// Purge deletes a record for good, as a deletion under GDPR does: lists, reads,
// search and associations are as if it had never been.
func (h *HubSpot) Purge(typ, id string) error {
	return h.change(typ, id, func(o *hubObject) error {
		for name := range o.links {
			for _, l := range slices.Clone(o.links[name]) {
				if x := h.tables[name].byID[l.to]; x != nil {
					h.unlink(o, x)
				}
			}
		}
		h.tables[o.t.name].remove(o)
		h.pending = slices.DeleteFunc(h.pending, func(p hubRollup) bool { return p.deal == o })
		maps.DeleteFunc(h.merged, func(_, to int64) bool { return to == o.id })
		if o.t.name == "deals" {
			delete(h.c.deals, strconv.FormatInt(o.id, 10))
		}
		return nil
	})
}

func (h *HubSpot) archive(o *hubObject, archived bool) {
	h.keep(o)
	o.archived = archived
	o.archivedAt = h.instant()
}

// Merge makes one record of two of a type: loser's id ends and is among the
// survivor's hs_merged_object_ids, its associations move. With mint the survivor
// gets a new id and both old ones end. Merge returns the survivor's id.
func (h *HubSpot) Merge(typ, winner, loser string, mint bool) (string, error) {
	survivor := winner
	err := h.change(typ, winner, func(w *hubObject) error {
		l := h.find(typ, loser)
		if l == nil || l == w {
			return fmt.Errorf("merge %s into %s: no such record", loser, winner)
		}
		ends := []*hubObject{l}
		if mint {
			n := h.create(w.t, hubCalculated, w.p)
			n.p["hs_object_id"] = strconv.FormatInt(n.id, 10)
			n.history, ends = w.history, append(ends, w)
			w, survivor = n, n.p["hs_object_id"]
		}
		for _, old := range ends {
			h.end(old, w)
		}
		return nil
	})
	return survivor, err
}

// end lets old live on in w.
func (h *HubSpot) end(old, w *hubObject) {
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
	delete(h.c.deals, strconv.FormatInt(old.id, 10)) // its rep works on with the survivor, or not at all
}
