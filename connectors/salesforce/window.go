package salesforce

import (
	"fmt"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// A part that an org cannot answer as a whole is read in windows of time, each
// half as long as the last that was too much. A window that was answered keeps
// its length for the next, and a window of a single page doubles it: otherwise
// one dense minute, an import, would have the years after it read by the minute.
//
// Rows that are created or stamped after the run began lie behind the last
// window. They come with the next run: it asks for what was stamped since this
// one began, less the overlap, and nothing is stamped before it was created.

// tooMuch recognises queries that are too large for this org.
func tooMuch(err error) bool {
	switch refusal.Code(err) {
	case "QUERY_TIMEOUT", "OPERATION_TOO_LARGE":
		return true
	}
	return false
}

// halve makes what is asked at once half as much. The page stays empty, so that
// the window is kept: an org that took minutes to refuse is not asked again.
func (r *reader) halve(cause error) error {
	run := r.c.Run
	if run.Began == 0 {
		// No query has been answered yet. What the clock was at any time before is
		// early enough for a beginning.
		r.began(r.s.org.Clock())
	}
	w, q := run.Window, r.question()
	if w == nil {
		w = &cursor.Window{From: cursor.Dawn, To: run.Began, Until: run.Began}
		switch p := r.part(); {
		case p.ended:
			w.From = r.c.Since
		case q.stamped():
			w.From = q.from()
		}
	}
	if q.stamped() {
		w.From = max(w.From, run.LastStamp) // what was read in the order of stamps stays read
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

// tooMuch says that no window is short enough. Other streams can be read all the
// same, so it does not count as busy.
func (r *reader) tooMuch(cause error) error {
	remedy := "give the run-as user the permission View All Data, so that Salesforce need not check each record"
	return r.s.org.Fail(crm.ErrRefused, fmt.Sprintf("cannot answer even for a minute of %s (%s)", r.part().object, refusal.Code(cause)), remedy)
}
