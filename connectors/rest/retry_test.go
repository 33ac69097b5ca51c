package rest

import (
	"net/http"
	"testing"
	"time"
)

// TestUntil: a server is believed for as long as it asks, up to a day. A date is of the
// server's clock, however wrong ours is.
func TestUntil(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	server := now.Add(-10 * time.Minute) // its clock
	for name, c := range map[string]struct {
		after, date string
		want        time.Duration // 0 is none
	}{
		"nothing asked":              {"", "", 0},
		"a wait within a call":       {"30", "", 0},
		"a minute and a half":        {"90", "", 90 * time.Second},
		"an hour":                    {"3600", "", time.Hour},
		"a week":                     {"604800", "", 24 * time.Hour},
		"a date far ahead":           {now.AddDate(1, 0, 0).Format(http.TimeFormat), "", 24 * time.Hour},
		"for ever":                   {"1e300", "", 24 * time.Hour},
		"no number":                  {"NaN", "", 0},
		"in the past":                {"-3600", "", 0},
		"words":                      {"soon", "", 0},
		"a date":                     {now.Add(time.Hour).Format(http.TimeFormat), "", time.Hour},
		"a date by their clock":      {server.Add(time.Hour).Format(http.TimeFormat), server.Format(http.TimeFormat), time.Hour},
		"a date that is past, by it": {server.Add(-time.Hour).Format(http.TimeFormat), server.Format(http.TimeFormat), 0},
	} {
		h := http.Header{"Retry-After": {c.after}}
		if c.date != "" {
			h.Set("Date", c.date)
		}
		want := time.Time{}
		if c.want > 0 {
			want = now.Add(c.want)
		}
		if got := Until(h, now); !got.Equal(want) {
			t.Errorf("%s: until %v, want %v", name, got, want)
		}
	}
}
