package api

import (
	"net/http"
	"testing"
	"time"
)

func TestPaceTold(t *testing.T) {
	for name, c := range map[string]struct {
		limit, interval, left string
		want                  int
		pause                 time.Duration
	}{
		"four fifths":             {"190", "10000", "150", 152, 0},
		"somebody else calls too": {"190", "10000", "3", 152, time.Second},
		"not told":                {"", "10000", "3", 0, 0},
		"nothing":                 {"0", "10000", "3", 0, 0},
		"less than nothing":       {"-1", "10000", "3", 0, 0},
		"no number":               {"x", "10000", "3", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			h.Set("X-HubSpot-RateLimit-Max", c.limit)
			h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", c.interval)
			h.Set("X-HubSpot-RateLimit-Remaining", c.left)
			limit, window, pause := paceTold(h)
			if limit != c.want || pause != c.pause || limit > 0 && window != 10*time.Second {
				t.Errorf("told %d calls in %v and a pause of %v, want %d and %v", limit, window, pause, c.want, c.pause)
			}
		})
	}
}
