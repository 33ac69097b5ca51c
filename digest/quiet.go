package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// silence is how long a reader may hear nothing: after it, even "all in order" is
// news, because silence looks like a broken daemon.
const silence = 6*24*time.Hour + 12*time.Hour

// Quiet reports whether the digest would tell its reader nothing: nothing new,
// nothing fixed, nothing back, no finding of high severity, every source shown,
// and the last digest not a week ago. The first digest is never quiet.
func Quiet(in Input) bool {
	if in.LastSent.IsZero() || in.Missed != "" || in.Now.Sub(in.LastSent) > silence {
		return false
	}
	for i := range in.Sources {
		if in.Sources[i].Withheld != "" || !in.Sources[i].Complete {
			return false
		}
	}
	for i := range in.Lives {
		l := &in.Lives[i]
		switch {
		case l.Opened.After(in.LastSent), l.Ended.After(in.LastSent):
			return false
		case l.State == hygiene.Open && !l.Held && l.Severity >= hygiene.High:
			return false
		}
	}
	return true
}
