package edition

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/digest"
)

// TestQuietReason: why a digest is not sent is true of its kind.
func TestQuietReason(t *testing.T) {
	sent := time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		kind string
		last time.Time
		want string
	}{
		{"managers", time.Time{}, "no deal needs an update"},
		{"managers", sent, "nothing has changed since the last digest"},
		{"reps", time.Time{}, "no deal needs an update"},
		{"reps", sent, "no deal needs an update"},
		{"escalations", time.Time{}, "no deal newly goes on to this reader"},
		{"escalations", sent, "none that did is newly settled"},
	} {
		if got := quietReason(&digest.Input{For: c.kind, LastSent: c.last}); !strings.Contains(got, c.want) {
			t.Errorf("%s, last sent %v: %q", c.kind, c.last, got)
		}
	}
}
