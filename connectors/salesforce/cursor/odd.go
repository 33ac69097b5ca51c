package cursor

import "slices"

// MostOdd is how many odd rows of one object are remembered. So many ids fit into one
// query; what is beyond them waits for its next stamp, or for the sweep.
const MostOdd = 100

// Stamps is the name under which [Run.NoteOdd] notes the stamps, in seconds, of those rows
// of an object that had no id.
func Stamps(object string) string { return object + " stamped" }

// NoteOdd notes that rows of an object had values that could not be read.
func (r *Run) NoteOdd(object string, ids []string) {
	for _, id := range ids {
		if list := r.Odd[object]; len(list) < MostOdd && !slices.Contains(list, id) {
			if r.Odd == nil {
				r.Odd = map[string][]string{}
			}
			r.Odd[object] = append(list, id)
		}
	}
}

// remember takes over the odd rows that a run has met. They are asked for by the next
// run, and while they stay odd once a day: no stamp would tell that a proxy or a fault of
// the server, rather than a person, had made them odd.
func (c *Cursor) remember(r *Run) {
	before, fresh := c.Odd, c.Fresh && !r.Anew && !r.Full
	for object, ids := range r.Odd {
		fresh = fresh || slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(before[object], id) })
	}
	if !r.Anew && !r.Full {
		for object, ids := range before { // these were not asked for
			r.NoteOdd(object, ids)
		}
	}
	c.Odd, c.Fresh = r.Odd, fresh
}

// untell takes over whether rows were left out. They are no longer once a run has read all
// rows, or has asked for all that were left out, and left none out itself.
func (c *Cursor) untell(r *Run) {
	if r.Full || r.Sweep || r.Anew && !c.Unasked {
		c.Untold, c.Unasked = false, false
	}
	c.Untold, c.Unasked = c.Untold || r.Left, c.Unasked || r.Unasked
}
