package hubspot

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// metered is a meter in a zone, at a time that the test moves.
func metered(t *testing.T, zone string, at time.Time) (m *meter, s *Source, now *time.Time) {
	t.Helper()
	now = &at
	s = recordedSource(t, &recorded{}, func(c *Config) { c.Budget, c.Now = 0.1, func() time.Time { return *now } })
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s.meter.in(loc)
	return s.meter, s, now
}

func (m *meter) made(n int64, limit string) {
	h := http.Header{}
	h.Set("X-Hubspot-Ratelimit-Daily", limit)
	h.Set("X-Hubspot-Ratelimit-Daily-Remaining", "500")
	m.count(&rest.Response{Header: h, Calls: n}, nil)
}

// TestDayBeginsAtThePortalsMidnight spends the day shortly before it ends, in zones
// whose days begin at any quarter of an hour.
func TestDayBeginsAtThePortalsMidnight(t *testing.T) {
	for zone, midnight := range map[string]time.Time{
		"UTC":             time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC),
		"US/Eastern":      time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC),
		"Asia/Tokyo":      time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC),
		"Asia/Kolkata":    time.Date(2026, 11, 24, 18, 30, 0, 0, time.UTC),
		"Asia/Kathmandu":  time.Date(2026, 11, 24, 18, 15, 0, 0, time.UTC),
		"Australia/Eucla": time.Date(2026, 11, 24, 15, 15, 0, 0, time.UTC),
	} {
		t.Run(zone, func(t *testing.T) {
			m, s, now := metered(t, zone, midnight.Add(-10*time.Minute))
			m.made(100, "1000")
			var quota *crm.QuotaError
			if err := m.allow(s); !errors.As(err, &quota) || !quota.Until.Equal(midnight) || quota.Used != 100 {
				t.Fatalf("before midnight: %v", err)
			}
			// A restart takes up what was spent. Of the hour that midnight falls into it
			// does not know how much was before.
			m2, s2, _ := metered(t, zone, *now)
			m2.resume(m.usage())
			if err := m2.allow(s2); midnight.Minute() == 0 && !errors.As(err, &quota) {
				t.Errorf("before midnight, after a restart: %v", err)
			}
			*now = midnight
			if err := m.allow(s); err != nil {
				t.Errorf("at midnight: %v", err)
			}
			m3, s3, _ := metered(t, zone, *now)
			m3.resume(m.usage())
			if err := m3.allow(s3); err != nil {
				t.Errorf("at midnight, after a restart: %v", err)
			}
			m.made(60, "1000")
			*now = midnight.Add(5 * time.Hour)
			m.made(50, "1000")
			if err := m.allow(s); !errors.As(err, &quota) || quota.Used != 110 {
				t.Errorf("later on the new day: %v", err)
			}
		})
	}
}

// TestUsageByTheHour adds up what was spent.
func TestUsageByTheHour(t *testing.T) {
	m, _, now := metered(t, "UTC", time.Date(2026, 11, 24, 10, 5, 0, 0, time.UTC))
	hour := now.Unix() / 3600
	m.made(1, "1000")
	*now = now.Add(20 * time.Minute)
	m.made(2, "1000")
	*now = now.Add(time.Hour)
	m.made(4, "1000")
	want := []crm.Spent{{Hour: hour, Calls: 3}, {Hour: hour + 1, Calls: 4}}
	if diff := cmp.Diff(want, m.usage().Spent); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	other, _, _ := metered(t, "UTC", *now)
	other.resume(m.usage())
	if diff := cmp.Diff(want, other.usage().Spent); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	*now = now.Add(24 * time.Hour)
	if got := m.usage().Spent; got != nil {
		t.Errorf("a day later %v", got)
	}
}

// TestRestartOnASpentDay makes one call after a restart: it tells the zone, and with
// it whether the day of which the calls were spent goes on.
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

// TestRestartOnTheOthersDay starts on a day that others have used up: the portal does
// not tell its zone any more, and nobody knows its midnight.
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
