package hubspot

import (
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/crm"
)

// A row of a list that has no id is nobody's: it is left out and named, and the rows beside it
// are read. Where the index knows which record it is, the record is read by its id after the
// list, and nothing is said. What a search leaves so is searched for again, for some hours.

// nameless notes rows of a list that have no id.
func (w *walk) nameless(n, rows int) error {
	if api.TooMany(n, rows) {
		return w.api.Unreadable(api.ErrNoID)
	}
	w.run.Nameless += n
	return nil
}

// nameNameless names the rows without an id of the part that has ended, but for those that
// were found by their ids since.
func (w *walk) nameNameless() {
	r := w.run
	n := r.Nameless
	if r.Gaps != nil {
		n -= r.Gaps.Lacked
	}
	if n > 0 {
		w.leaveNameless()
		r.Lacks = true
	}
	r.Nameless = 0
}

func (w *walk) leaveNameless() {
	w.page.Left = append(w.page.Left, crm.Left{ID: namelessOf(w.object), Why: "the row has no id", Lacks: true})
}

// namelessOf names the rows of a kind of object that have no id.
func namelessOf(object string) string { return "(" + object + " without an id)" }

// unnamedFor bounds how far back the searches of a run reach because of rows without an id:
// beside such a row there are others, so each time costs calls.
const unnamedFor = 2 * deepOverlap

// unnamed notes that a search for what has changed gave rows without an id. The runs that
// follow search from where this one did, until the rows have their ids.
func (w *walk) unnamed(h *hit) {
	if h.nameless == 0 {
		return
	}
	w.leaveNameless()
	if w.run.Unnamed == nil {
		w.run.Unnamed = map[string]int64{}
	}
	w.run.Unnamed[w.object] = w.cur.from(w.object, w.cfg.Overlap).Unix()
}

// identified notes at the end of a run of which kinds of object its searches gave rows without
// an id, and returns the names of those whose rows have their ids since. A row that has been
// without for too long waits for the daily reading.
func (c *cursor) identified() (well []string) {
	r := c.Run
	for object := range c.Unnamed {
		if _, still := r.Unnamed[object]; !still && !r.Lacks {
			well = append(well, namelessOf(object))
		}
	}
	c.Unnamed = r.Unnamed
	maps.DeleteFunc(c.Unnamed, func(_ string, from int64) bool { return r.Began-from > int64(unnamedFor/time.Second) })
	return well
}
