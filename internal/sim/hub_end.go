package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// How records end, and come back.

// Archive moves a record to the recycle bin. It keeps hs_lastmodifieddate.
func (h *Portal) Archive(typ, id string) error {
	return h.change(typ, id, func(o *hubObject) error { h.rec.archive(o, true); return nil })
}

// Restore takes a record out of the recycle bin.
func (h *Portal) Restore(typ, id string) error {
	return h.change(typ, id, func(o *hubObject) error { h.rec.archive(o, false); return nil })
}

// Purge deletes a record for good, as a deletion under GDPR does: lists, reads,
// search and associations are as if it had never been.
func (h *Portal) Purge(typ, id string) error {
	return h.change(typ, id, func(o *hubObject) error {
		for name := range o.links {
			for _, l := range slices.Clone(o.links[name]) {
				if x := h.rec.tables[name].byID[l.to]; x != nil {
					h.rec.unlink(o, x)
				}
			}
		}
		h.rec.tables[o.t.name].remove(o)
		h.rec.pending = slices.DeleteFunc(h.rec.pending, func(p hubRollup) bool { return p.deal == o })
		maps.DeleteFunc(h.rec.merged, func(_, to int64) bool { return to == o.id })
		return nil
	})
}

// Merge makes one record of two of a type: loser's id ends and is among the
// survivor's hs_merged_object_ids, its associations move. With mint the survivor
// gets a new id and both old ones end. Merge returns the survivor's id.
func (h *Portal) Merge(typ, winner, loser string, mint bool) (string, error) {
	survivor := winner
	err := h.change(typ, winner, func(w *hubObject) error {
		l := h.rec.find(typ, loser)
		if l == nil || l == w {
			return fmt.Errorf("merge %s into %s: no such record", loser, winner)
		}
		ends := []*hubObject{l}
		if mint {
			n := h.rec.create(w.t, hubCalculated, w.p)
			n.p["hs_object_id"] = strconv.FormatInt(n.id, 10)
			n.history, ends = w.history, append(ends, w)
			w, survivor = n, n.p["hs_object_id"]
		}
		for _, old := range ends {
			h.rec.end(old, w)
		}
		return nil
	})
	return survivor, err
}
