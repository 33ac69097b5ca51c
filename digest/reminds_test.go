package digest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestReminds: that somebody above has heard of a deal is said on the day, by the first digest
// after it where that day had none, and once a week from then on.
func TestReminds(t *testing.T) {
	on := crm.NewDate(2026, 11, 26) // a Thursday
	for _, c := range []struct {
		today, last crm.Date
		want        bool
	}{
		{on, on - 1, true},
		{on + 1, on, false},
		{on + 4, on + 1, false}, // Monday
		{on + 7, on + 6, true},
		{on + 8, on + 7, false},
		{on + 14, on + 13, true},
		{on + 1, on - 1, true}, // the day itself had no digest
	} {
		w := &wall{today: c.today, loc: time.UTC, last: c.last.In(time.UTC).Add(8 * time.Hour), cal: &hygiene.Calendar{Location: time.UTC}}
		if got := w.reminds(on); got != c.want {
			t.Errorf("%s, last digest %s: %v", c.today, c.last, got)
		}
	}
}
