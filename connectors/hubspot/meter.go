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
	zone        *time.Location // nil before the portal has told
	calls       int64
	used, limit int64
	slots       [aDay]int64
	slot        int64 // slots since the epoch of the newest entry
}

// Calls are counted by quarters of an hour: at one of them each zone's day begins.
const (
	slotSeconds = 15 * 60
	anHour      = 3600 / slotSeconds
	aDay        = 24 * anHour
)

func newMeter(cfg Config) *meter {
	return &meter{budget: cfg.Budget, now: cfg.Now}
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
	m.slots[m.slot%aDay] += calls
	if known {
		m.used, m.limit = max(limit-left, 0), limit
	}
}

func daily(h http.Header) (limit, left int64, known bool) {
	limit = headerNumber(h, "X-Hubspot-Ratelimit-Daily")
	left = headerNumber(h, "X-Hubspot-Ratelimit-Daily-Remaining")
	return limit, left, limit > 0 && h.Get("X-Hubspot-Ratelimit-Daily-Remaining") != ""
}

// roll empties the slots that have passed.
func (m *meter) roll() {
	slot := m.now().Unix() / slotSeconds
	for i := max(m.slot+1, slot-aDay+1); i <= slot; i++ {
		m.slots[i%aDay] = 0
	}
	m.slot = max(m.slot, slot)
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
	for slot := max(m.slot-aDay+1, 0); slot <= m.slot; slot++ {
		n, hour := m.slots[slot%aDay], slot/anHour
		switch last := len(u.Spent) - 1; {
		case n == 0:
		case last >= 0 && u.Spent[last].Hour == hour:
			u.Spent[last].Calls += n
		default:
			u.Spent = append(u.Spent, crm.Spent{Hour: hour, Calls: n})
		}
	}
	return u
}

// resume takes up what an earlier process had noted. Which part of an hour the
// calls fell into is lost; they count as its beginning, so that those before a
// midnight within the hour do not burden the new day.
func (m *meter) resume(noted crm.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	for _, s := range noted.Spent {
		if slot := s.Hour * anHour; slot > m.slot-aDay && slot <= m.slot && s.Calls > 0 {
			m.slots[slot%aDay] += s.Calls
		}
	}
	if m.limit == 0 {
		m.used, m.limit = noted.Used, noted.Limit
	}
}

// today is how many calls were made since midnight in the portal's zone.
func (m *meter) today() (n int64) {
	midnight := crm.DateOf(m.now(), m.zone).In(m.zone).Unix() / slotSeconds
	for slot := max(midnight, m.slot-aDay+1); slot <= m.slot; slot++ {
		n += m.slots[slot%aDay]
	}
	return n
}

// midnight is when HubSpot begins to count anew; zero before the portal has told its
// zone. The midnight of another zone would be hours too late, or find the day still
// spent and wait for one more.
func (m *meter) midnight() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.zone == nil {
		return time.Time{}
	}
	return (crm.DateOf(m.now(), m.zone) + 1).In(m.zone).UTC()
}

// allow returns an error when our share of the portal's day is used up. Before the
// portal has told its zone, nobody knows when its day began: that one call is free.
func (m *meter) allow(s *Source) error {
	until := m.midnight()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	if m.limit == 0 || m.zone == nil {
		return nil
	}
	share := max(int64(m.budget*float64(m.limit)), 1)
	today := m.today()
	if today < share {
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
