package hubspot

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// meter counts calls. The portal's own figures come with answers and include
// everybody's calls; our share is what we count ourselves, from
// midnight to midnight in the portal's time zone, as HubSpot does.
type meter struct {
	budget float64
	now    func() time.Time

	mu          sync.Mutex
	zone        *time.Location
	calls       int64
	used, limit int64
	hours       [24]int64
	hour        int64 // hours since the epoch of the newest entry
}

func newMeter(cfg Config) *meter {
	return &meter{budget: cfg.Budget, now: cfg.Now, zone: time.UTC}
}

// count notes the calls that a request took, and what its answer says.
func (m *meter) count(resp *rest.Response, err error) {
	var calls, limit, left int64
	var failed *rest.Error
	known := false
	switch {
	case resp != nil:
		calls = resp.Calls
		limit, left, known = daily(resp.Header)
	case errors.As(err, &failed):
		calls = failed.Calls
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	m.calls += calls
	m.hours[m.hour%24] += calls
	if known {
		m.used, m.limit = max(limit-left, 0), limit
	}
}

func daily(h http.Header) (limit, left int64, known bool) {
	limit = headerNumber(h, "X-Hubspot-Ratelimit-Daily")
	left = headerNumber(h, "X-Hubspot-Ratelimit-Daily-Remaining")
	return limit, left, limit > 0 && h.Get("X-Hubspot-Ratelimit-Daily-Remaining") != ""
}

// roll empties the hours that have passed.
func (m *meter) roll() {
	hour := m.now().Unix() / 3600
	for i := max(m.hour+1, hour-23); i <= hour; i++ {
		m.hours[i%24] = 0
	}
	m.hour = max(m.hour, hour)
}

func (m *meter) in(zone *time.Location) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zone = zone
}

func (m *meter) usage() crm.Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	u := crm.Usage{Calls: m.calls, Used: m.used, Limit: m.limit}
	for h := max(m.hour-23, 0); h <= m.hour; h++ {
		if n := m.hours[h%24]; n > 0 {
			u.Spent = append(u.Spent, crm.Spent{Hour: h, Calls: n})
		}
	}
	return u
}

// resume takes up what an earlier process had noted.
func (m *meter) resume(noted crm.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	for _, s := range noted.Spent {
		if s.Hour > m.hour-24 && s.Hour <= m.hour && s.Calls > 0 {
			m.hours[s.Hour%24] += s.Calls
		}
	}
	if m.limit == 0 {
		m.used, m.limit = noted.Used, noted.Limit
	}
}

// today is how many calls were made since midnight in the portal's zone, to the
// hour.
func (m *meter) today() (n int64) {
	midnight := crm.DateOf(m.now(), m.zone).In(m.zone).Unix() / 3600
	for h := max(midnight, m.hour-23); h <= m.hour; h++ {
		n += m.hours[h%24]
	}
	return n
}

// midnight is when HubSpot begins to count anew.
func (m *meter) midnight() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return (crm.DateOf(m.now(), m.zone) + 1).In(m.zone).UTC()
}

// allow returns an error when our share of the portal's day is used up.
func (m *meter) allow(s *Source) error {
	until := m.midnight()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	share := max(int64(m.budget*float64(m.limit)), 1)
	today := m.today()
	if m.limit == 0 || today < share {
		return nil
	}
	return &rest.ExplainedError{
		Where:  s.where,
		What:   fmt.Sprintf("this source has used its share of the portal's API calls (%.0f%% of %d)", m.budget*100, m.limit),
		Remedy: "it goes on by itself after midnight in the portal's time zone; raise api_budget or poll less often",
		Cause:  &crm.QuotaError{Until: until, Used: today, Limit: share},
	}
}

// spent says that the portal's own daily allowance is used up.
func (m *meter) spent(s *Source) error {
	u := m.usage()
	if u.Limit > 0 {
		u.Used = u.Limit
	}
	return &rest.ExplainedError{
		Where: s.where, What: "the portal's API calls of today are used up",
		Remedy: "it goes on by itself after midnight in the portal's time zone; ask the HubSpot administrator what else uses them",
		Cause:  &crm.QuotaError{Until: m.midnight(), Used: u.Used, Limit: u.Limit},
	}
}
