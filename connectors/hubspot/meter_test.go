package hubspot

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestRestartOnASpentDay makes one call after a restart. The answer tells the zone, and
// the zone tells whether the day on which the calls were made goes on.
func TestRestartOnASpentDay(t *testing.T) {
	for _, c := range []struct {
		zone string
		goes bool
	}{{"US/Eastern", false}, {"Asia/Tokyo", true}} {
		t.Run(c.zone, func(t *testing.T) {
			now := time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC) // an hour into the next day in Tokyo
			o := &recorded{
				header: http.Header{"X-Hubspot-Ratelimit-Daily": {"1000"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"700"}},
				answer: map[string]func(call) (int, string){"account": always(200, `{"portalId":1,"timeZone":"`+c.zone+`"}`)},
			}
			s := recordedSource(t, o, func(cfg *Config) { cfg.Budget, cfg.Now = 0.1, func() time.Time { return now } })
			s.Resume(crm.Usage{Used: 300, Limit: 1000, Spent: []crm.Spent{{Hour: now.Unix()/3600 - 5, Calls: 100}}})
			_, err := s.Fetch(t.Context(), crm.Opportunities, "")
			var quota *crm.QuotaError
			switch {
			case c.goes && err != nil:
				t.Errorf("a new day: %v", err)
			case !c.goes && (!errors.As(err, &quota) || !quota.Until.Equal(time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC)) || len(o.seen) != 1):
				t.Errorf("got %v after %d calls", err, len(o.seen))
			}
		})
	}
}

// TestRestartOnTheOthersDay starts on a day that other apps have used up: the portal
// does not tell its zone any more, so nobody knows its midnight.
func TestRestartOnTheOthersDay(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"account": always(429, `{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}`),
	}}
	_, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, "")
	var quota *crm.QuotaError
	if !errors.As(err, &quota) || !quota.Until.IsZero() || len(o.seen) != 1 {
		t.Errorf("got %v until %v after %d calls", err, quota.Until, len(o.seen))
	}
}
