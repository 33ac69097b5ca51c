package cursor

import "time"

// LeastWindow is the shortest window, in seconds: rows that share a second cannot
// be told apart, and an org that fails on a minute of them fails for other
// reasons than size.
const LeastWindow = 60

// Dawn is where the windows of a backfill begin. Salesforce was founded then;
// rows that were imported with older dates are in the first window, which is
// open.
var Dawn = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// Window is the time [From, To) of all that is to be read until Until.
type Window struct {
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Until int64 `json:"until"`
}

// Slide moves on to the next window behind a last page of so many rows; false
// when the part has been read.
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
	r.Place = Place{Window: next}
	return true
}
