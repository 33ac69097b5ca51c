package cursor

import "maps"

// Renamed reports whether one of the record types that rows were read with has another
// name now, or has a name only now. types are their names by id.
func (c *Cursor) Renamed(types map[string]string) bool {
	for id, before := range c.Types {
		if now, ok := types[id]; ok && now != before {
			return true
		}
	}
	return false
}

// KnowType notes the name of a record type that the run has met; "" is a record type
// without a name, for which the org was asked in vain.
func (r *Run) KnowType(id, name string) {
	types := maps.Clone(r.Types) // the map belongs to what all runs see
	if types == nil {
		types = map[string]string{}
	}
	types[id] = name
	r.Types = types
}

// typed takes over the names that the run has read rows with. An increment reads few
// rows, so for the others the earlier names hold.
func (c *Cursor) typed(r *Run) {
	if r.Full || c.Types == nil {
		c.Types = r.Types
		return
	}
	all := maps.Clone(c.Types)
	maps.Copy(all, r.Types)
	c.Types = all
}
