package digest

import "time"

// silence is how long a reader may hear nothing: after it, even "all in order" is
// news, because silence looks like a broken daemon.
const silence = 6*24*time.Hour + 12*time.Hour

// sameWeek reports whether both are in one ISO week.
func sameWeek(a, b time.Time) bool {
	y1, w1 := a.ISOWeek()
	y2, w2 := b.ISOWeek()
	return y1 == y2 && w1 == w2
}
