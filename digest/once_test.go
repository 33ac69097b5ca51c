package digest

import (
	"strings"
	"testing"
)

// TestOnce: two findings that say the same of what is booked say it once, and the greater of it.
func TestOnce(t *testing.T) {
	for _, c := range []struct{ said, want string }{
		{"no next step, nothing booked; no contact since 2 Nov (20 days, limit 14), no meeting booked", "no next step, nothing booked; no contact since 2 Nov (20 days, limit 14)"},
		{"no contact since 2 Nov (20 days, limit 14), no meeting booked; no next step, nothing booked", "no contact since 2 Nov (20 days, limit 14); no next step, nothing booked"},
		{"nothing booked, last contact Tue; no next step, nothing booked", "nothing booked, last contact Tue; no next step"},
		{"no contact since 2 Nov, no meeting booked; in Proposal for 40 days, no meeting booked", "no contact since 2 Nov, no meeting booked; in Proposal for 40 days"},
		{"no next step, nothing booked", "no next step, nothing booked"},
		{"no contact since 2 Nov, no meeting booked", "no contact since 2 Nov, no meeting booked"},
		{"no contact since 2 Nov, meeting booked for 8 Dec; no next step", "no contact since 2 Nov, meeting booked for 8 Dec; no next step"},
	} {
		if got := strings.Join(once(strings.Split(c.said, "; ")), "; "); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.said, got, c.want)
		}
	}
}
