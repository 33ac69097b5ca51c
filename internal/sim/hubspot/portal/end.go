package portal

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// How records end and are restored.

// Archive moves a record into the recycle bin. hs_lastmodifieddate does not change.
func (h *Portal) Archive(typ, id string) error {
	return h.change(typ, id, func(o *Object) error { h.rec.Archive(o, true); return nil })
}

// Restore takes a record out of the recycle bin.
func (h *Portal) Restore(typ, id string) error {
	return h.change(typ, id, func(o *Object) error { h.rec.Archive(o, false); return nil })
}

// Purge deletes a record for good, as a deletion under GDPR does: no list, read,
// search or association tells the record afterwards.
func (h *Portal) Purge(typ, id string) error {
	return h.change(typ, id, func(o *Object) error {
		for name := range o.links {
			for _, l := range slices.Clone(o.links[name]) {
				if x := h.rec.Tables[name].ByID[l.To]; x != nil {
					h.rec.Unlink(o, x)
				}
			}
		}
		h.rec.Tables[o.Type.Name].remove(o)
		h.rec.pending = slices.DeleteFunc(h.rec.pending, func(p rollup) bool { return p.deal == o })
		maps.DeleteFunc(h.rec.merged, func(_, to int64) bool { return to == o.ID })
		return nil
	})
}

// Merge makes one record of two records of a type. The loser's id ends and is added to
// the survivor's hs_merged_object_ids, and the loser's associations move to the
// survivor. With mint the survivor gets a new id and both old ids end. Merge returns
// the survivor's id.
func (h *Portal) Merge(typ, winner, loser string, mint bool) (string, error) {
	survivor := winner
	err := h.change(typ, winner, func(w *Object) error {
		l := h.rec.Find(typ, loser)
		if l == nil || l == w {
			return fmt.Errorf("merge %s into %s: no such record", loser, winner)
		}
		ends := []*Object{l}
		if mint {
			n := h.rec.Create(w.Type, Calculated, w.Props)
			n.Props["hs_object_id"] = strconv.FormatInt(n.ID, 10)
			n.History, ends = w.History, append(ends, w)
			w, survivor = n, n.Props["hs_object_id"]
		}
		for _, old := range ends {
			h.rec.end(old, w)
		}
		return nil
	})
	return survivor, err
}
