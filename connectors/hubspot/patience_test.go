package hubspot

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestPatience answers the first call with a limit and looks when the next call came.
func TestPatience(t *testing.T) {
	for name, c := range map[string]struct {
		from   string
		status int
		body   string
		header http.Header
		want   time.Duration
	}{
		"search":              {"deals/search/count", 429, `{"message":"You have reached your secondly limit.","category":"RATE_LIMITS"}`, nil, time.Second},
		"search, unexplained": {"deals/search/count", 429, `{}`, nil, time.Second},
		"rolling":             {"deals", 429, `{"message":"You have reached your ten_secondly_rolling limit.","policyName":"TEN_SECONDLY_ROLLING"}`, nil, 10 * time.Second},
		"of no known kind":    {"deals", 429, `{}`, nil, 10 * time.Second},
		"with a time":         {"deals", 429, `{}`, http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		"with a long one":     {"deals", 429, `{}`, http.Header{"Retry-After": {"60"}}, time.Minute},
		"locked":              {"deals", 423, `{}`, nil, 2 * time.Second},
		"migration":           {"deals", 477, `{}`, http.Header{"Retry-After": {"20"}}, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &recorded{header: c.header}
				var first, again time.Time
				o.answer = map[string]func(call) (int, string){c.from: func(call) (int, string) {
					if first.IsZero() {
						first = time.Now()
						return c.status, c.body
					}
					if again.IsZero() {
						again = time.Now()
					}
					return 200, `{"results":[]}`
				}}
				readAll(t, recordedSource(t, o, nil), crm.Opportunities, "")
				if got := again.Sub(first); got != c.want {
					t.Errorf("asked again after %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestBudget(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	o := &recorded{header: http.Header{"X-Hubspot-Ratelimit-Daily": {"100"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"60"}}}
	s := recordedSource(t, o, func(c *Config) { c.Budget, c.Now = 0.15, func() time.Time { return now } })
	readAll(t, s, crm.Opportunities, "") // 10 calls to describe, 3 to read
	if u := s.Usage(); u.Calls != 13 || u.Used != 40 || u.Limit != 100 {
		t.Errorf("usage is %+v", u)
	}
	_, err := s.Fetch(t.Context(), crm.Opportunities, "")
	var quota *crm.QuotaError
	if !errors.As(err, &quota) || quota.Used != 15 || quota.Limit != 15 {
		t.Fatalf("got %v", err)
	}
	if want := time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC); !quota.Until.Equal(want) {
		t.Errorf("until %v, want midnight in the portal's zone, %v", quota.Until, want)
	}
	now = quota.Until
	if _, err := s.Fetch(t.Context(), crm.Users, ""); err != nil {
		t.Errorf("a new day: %v", err)
	}
}
