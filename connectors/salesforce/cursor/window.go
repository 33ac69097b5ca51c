package cursor

import "time"

// LeastWindow is the shortest window, in seconds. Rows that share a second cannot be
// split, and an org that cannot answer for one minute has another problem than size.
const LeastWindow = 60

// Dawn is where the windows of a backfill begin: the year in which Salesforce was
// founded. The first window has no lower bound, so it holds rows that were imported
// with older dates.
var Dawn = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// Window is the time from From until before To. The last window ends at Until.
type Window struct {
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Until int64 `json:"until"`
}

// Slide moves on to the next window, after a last page with the given number of rows;
// false says that no window is left. If that page was the only one of its window, the
// next window is twice as long.
func (r *Run) Slide(rows int) bool {
	w := r.Window
	if w == nil || w.To >= w.Until {
		return false
	}
	size := w.To - w.From
	if r.Read == rows {
		size *= 2
	}
	next := &Window{From: w.To, To: min(w.To+size, w.Until), Until: w.Until}
	r.Earlier += r.Counts
	r.EarlierClosed += r.Closed
	r.Place = Place{Window: next}
	return true
}
