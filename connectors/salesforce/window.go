package salesforce

import (
	"fmt"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// A part that an org cannot answer as a whole is read in windows of time. After a
// window that was too much, the next is half as long. After a window that was answered,
// the next is as long as that window, or twice as long if the window had a single page.
// Without the doubling, one dense minute (an import) would have the years after it read
// minute by minute.
//
// Rows that are created or stamped after the run began lie after the last window. The
// next run reads these rows, because it reads all rows stamped since this run began.

// tooMuch reports whether an error says that a query is too large for this org.
func tooMuch(err error) bool {
	switch refusal.Code(err) {
	case "QUERY_TIMEOUT", "OPERATION_TOO_LARGE":
		return true
	}
	return false
}

// halve makes the window of the next query half as long. The page stays empty and
// carries the cursor, so the shorter window survives a crash: the org may have taken
// minutes to refuse the longer one.
func (r *reader) halve(cause error) error {
	run := r.c.Run
	if run.Began == 0 {
		// No query of the run has been answered yet, so the clock of an earlier answer
		// is early enough for the beginning.
		r.began(r.s.org.Clock())
	}
	w, q := run.Window, r.question()
	if w == nil {
		w = &cursor.Window{From: cursor.Dawn, To: run.Began, Until: run.Began}
		switch p := r.part(); {
		case p.ended:
			w.From = r.c.From(p.name())
		case q.stamped():
			w.From = q.from()
		}
	}
	if q.stamped() {
		w.From = max(w.From, run.LastStamp) // rows up to this stamp have been read
	}
	half := max((w.To-w.From)/2, cursor.LeastWindow)
	if w.To-w.From <= half {
		if r.part().sweep {
			return r.noSweep(cause)
		}
		return r.tooMuch(cause)
	}
	w.To = w.From + half
	run.Place = cursor.Place{Window: w}
	r.held = true
	return nil
}

// tooMuch says that no window is short enough. The error does not wrap crm.ErrBusy, so
// other streams are read all the same.
func (r *reader) tooMuch(cause error) error {
	remedy := "give the run-as user the permission View All Data, so that Salesforce need not check each record"
	return r.s.org.Fail(crm.ErrRefused, fmt.Sprintf("cannot answer even for a minute of %s (%s)", r.part().object, refusal.Code(cause)), remedy)
}
