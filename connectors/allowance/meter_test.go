package allowance

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// answered reads the header that the tests write.
func answered(h http.Header) (used, limit int64) {
	_, _ = fmt.Sscanf(h.Get("Told"), "%d/%d", &used, &limit)
	return used, limit
}

// metered returns a meter in a zone with a share of a tenth, and its clock, which the
// test moves.
func metered(t *testing.T, zone string, at time.Time) (m *Meter, now *time.Time) {
	t.Helper()
	now = &at
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	m = Calendar(0.1, answered, func() time.Time { return *now })
	m.In(loc)
	return m, now
}

// exhausted is the error that keeps the next call from being made; nil is none.
func exhausted(m *Meter) error {
	if quota, _ := m.Exhausted(); quota != nil {
		return quota
	}
	return nil
}

// made counts n calls. The last answer tells "used/limit"; "" tells nothing.
func (m *Meter) made(n int64, told string) {
	m.Count(&rest.Response{Header: http.Header{"Told": {told}}, Calls: n}, nil)
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
			m, now := metered(t, zone, midnight.Add(-10*time.Minute))
			m.made(100, "500/1000")
			var quota *crm.QuotaError
			if err := exhausted(m); !errors.As(err, &quota) || !quota.Until.Equal(midnight) || quota.Used != 100 {
				t.Fatalf("before midnight: %v", err)
			}
			// A new process takes over what was spent. Where midnight falls within an
			// hour, the process does not know which calls of the hour came before midnight.
			m2, _ := metered(t, zone, *now)
			m2.Resume(m.Usage())
			if err := exhausted(m2); midnight.Minute() == 0 && !errors.As(err, &quota) {
				t.Errorf("before midnight, after a restart: %v", err)
			}
			*now = midnight
			if err := exhausted(m); err != nil {
				t.Errorf("at midnight: %v", err)
			}
			m3, _ := metered(t, zone, *now)
			m3.Resume(m.Usage())
			if err := exhausted(m3); err != nil {
				t.Errorf("at midnight, after a restart: %v", err)
			}
			m.made(60, "500/1000")
			*now = midnight.Add(5 * time.Hour)
			m.made(50, "500/1000")
			if err := exhausted(m); !errors.As(err, &quota) || quota.Used != 110 {
				t.Errorf("later on the new day: %v", err)
			}
		})
	}
}

// TestUsageByTheHour adds up the calls of each hour.
func TestUsageByTheHour(t *testing.T) {
	m, now := metered(t, "UTC", time.Date(2026, 11, 24, 10, 5, 0, 0, time.UTC))
	hour := now.Unix() / 3600
	m.made(1, "500/1000")
	*now = now.Add(20 * time.Minute)
	m.made(2, "500/1000")
	*now = now.Add(time.Hour)
	m.made(4, "500/1000")
	want := []crm.Spent{{Hour: hour, Calls: 3}, {Hour: hour + 1, Calls: 4}}
	if diff := cmp.Diff(want, m.Usage().Spent); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if u := m.Usage(); u.Own != 7 || u.Share != 0.1 {
		t.Errorf("%d calls of today, of a share of %v", u.Own, u.Share)
	}
	other, _ := metered(t, "UTC", *now)
	other.Resume(m.Usage())
	if diff := cmp.Diff(want, other.Usage().Spent); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	*now = now.Add(24 * time.Hour)
	if got := m.Usage().Spent; got != nil {
		t.Errorf("a day later %v", got)
	}
}

// TestBeforeTheZoneIsTold: the beginning of the day is not known, so the share is not
// exhausted.
func TestBeforeTheZoneIsTold(t *testing.T) {
	m := Calendar(0.1, answered, func() time.Time { return time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC) })
	m.made(1000, "1000/1000")
	if quota, _ := m.Exhausted(); quota != nil || !m.Midnight().IsZero() {
		t.Errorf("got %v and midnight at %v", quota, m.Midnight())
	}
	if u := m.Usage(); u.Own != 0 || u.Share != 0 {
		t.Errorf("%d calls of a share of %v are claimed", u.Own, u.Share)
	}
}

// TestRollingDay has a second process take over from the first: calls stay counted
// for 24 hours and no longer.
func TestRollingDay(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	rolling := func() *Meter { return Rolling(0.1, answered, func() time.Time { return now }) }
	first := rolling()
	first.made(4, "40/100")
	now = now.Add(3 * time.Hour)
	first.made(3, "50/100")
	noted := first.Usage()
	if got := fmt.Sprint(noted.Calls, noted.Used, noted.Limit, len(noted.Spent)); got != "7 50 100 2" {
		t.Fatalf("noted %s: %+v", got, noted)
	}

	now = now.Add(time.Hour)
	second := rolling()
	second.Resume(noted)
	if u := second.Usage(); u.Calls != 0 || u.Used != 50 || u.Limit != 100 || fmt.Sprint(u.Spent) != fmt.Sprint(noted.Spent) {
		t.Errorf("taken up: %+v, want what was noted of the day and no calls of this process", u)
	}
	if quota, _ := second.Exhausted(); quota != nil {
		t.Errorf("7 of 10 calls: %v", quota)
	}
	second.made(3, "")
	want := time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC)
	quota, of := second.Exhausted()
	if quota == nil || quota.Used != 10 || quota.Limit != 10 || !quota.Until.Equal(want) || of != "10% of 100" {
		t.Fatalf("10 of 10 calls: %v, %q", quota, of)
	}
	if !second.Midnight().IsZero() {
		t.Errorf("a rolling day begins anew at %v", second.Midnight())
	}
	now = want
	if quota, _ := second.Exhausted(); quota != nil {
		t.Errorf("when the first hour has passed: %v", quota)
	}

	now = now.Add(48 * time.Hour)
	third := rolling()
	noted.Spent = append(noted.Spent, crm.Spent{Hour: now.Unix()/3600 + 5, Calls: 1000}, crm.Spent{Hour: now.Unix() / 3600, Calls: -7})
	third.Resume(noted)
	if u := third.Usage(); len(u.Spent) != 0 {
		t.Errorf("two days later it still counts %+v", u.Spent)
	}
	third.made(10, "")
	if quota, _ := third.Exhausted(); quota == nil {
		t.Error("a note of less than nothing made room")
	}
}

// TestUntold: an answer without figures leaves the known figures as they are.
func TestUntold(t *testing.T) {
	m := Rolling(0.1, answered, func() time.Time { return time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC) })
	m.made(100, "")
	if quota, _ := m.Exhausted(); quota != nil {
		t.Errorf("a limit that nobody told was kept: %v", quota)
	}
	m.made(1, "18/100")
	m.made(1, "")
	m.Count(nil, &rest.Error{Calls: 3})
	m.Count(nil, errors.New("no call was made"))
	if u := m.Usage(); u.Used != 18 || u.Limit != 100 || u.Calls != 105 {
		t.Errorf("usage is %+v", u)
	}
	if quota, _ := m.Exhausted(); quota == nil {
		t.Error("105 of 10 calls were not too many")
	}
}

// TestCrowded: what everybody used leaves no room for a backfill, in a day of either kind,
// as long as the figure is fresh.
func TestCrowded(t *testing.T) {
	at := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	for _, c := range []struct {
		told  string
		share float64
		after time.Duration
		want  bool
	}{
		{"84/100", 0.1, 0, false}, {"85/100", 0.1, 0, true}, {"86/100", 0.1, 19 * time.Minute, true}, {"86/100", 0.1, 20 * time.Minute, false},
		{"94/100", 0.95, 0, false}, {"95/100", 0.95, 0, true}, {"", 0.1, 0, false},
	} {
		now := at
		clock := func() time.Time { return now }
		day := Calendar(c.share, answered, clock)
		day.In(time.UTC)
		for _, m := range []*Meter{day, Rolling(c.share, answered, clock)} {
			now = at
			m.made(6, c.told)
			now = now.Add(c.after)
			quota, own := m.Crowded()
			if (quota != nil) != c.want {
				t.Errorf("%s of a share of %v, after %s: %+v", c.told, c.share, c.after, quota)
			}
			if quota != nil && (!errors.Is(quota, crm.ErrQuota) || !quota.Backfill || own != 6 || !quota.Until.Equal(at.Add(heardFor))) {
				t.Errorf("%s: %+v, %d of them ours", c.told, quota, own)
			}
		}
	}
	m, now := metered(t, "UTC", time.Date(2026, 11, 24, 23, 55, 0, 0, time.UTC))
	m.made(6, "90/100")
	*now = now.Add(5 * time.Minute)
	if quota, _ := m.Crowded(); quota != nil {
		t.Errorf("on the new day: %+v", quota)
	}
}
