package hubspot

import (
	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/crm"
)

// A row of a list that has no id is nobody's: it is left out and named, and the rows beside it
// are read. Where the index knows which record it is, the record is read by its id after the
// list, and nothing is said.

// tooMany reports whether so many rows have no id that these are no odd rows but no answer.
func tooMany(nameless, rows int) bool {
	return nameless > manyRecords || nameless > 1 && 2*nameless > rows
}

// nameless notes rows of a list that have no id.
func (w *walk) nameless(n, rows int) error {
	if tooMany(n, rows) {
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
		w.page.Left = append(w.page.Left, crm.Left{ID: "(" + w.object + " without an id)", Why: "the row has no id"})
		r.Lacks = true
	}
	r.Nameless = 0
}
