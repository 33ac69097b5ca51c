package allowance

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Meter counts calls. The account's own figures come with answers, include
// everybody's calls and lag behind; our share is what the meter counts itself,
// for the day as the account's CRM understands it.
type Meter struct {
	share float64
	told  Told
	now   func() time.Time

	mu          sync.Mutex
	rolling     bool
	zone        *time.Location // of a calendar day; nil before the account has told
	calls       int64
	used, limit int64
	day         ring
}

// Told reads from the headers of an answer how many calls of the day everybody
// has used and how many the account has. A limit of zero is nothing told.
type Told func(http.Header) (used, limit int64)

// Rolling returns a meter for accounts whose day is always the last 24 hours.
func Rolling(share float64, told Told, now func() time.Time) *Meter {
	return &Meter{share: share, told: told, now: now, rolling: true, day: newRing(1)}
}

// Calendar returns a meter for accounts whose day goes from midnight to midnight
// in a time zone that [Meter.In] tells. Until then each call is free: nobody
// knows when the day began.
func Calendar(share float64, told Told, now func() time.Time) *Meter {
	return &Meter{share: share, told: told, now: now, day: newRing(quarters)}
}

// In says in which zone the account's day begins.
func (m *Meter) In(zone *time.Location) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zone = zone
}

// Count notes the calls that a request took, and what its answer says.
func (m *Meter) Count(resp *rest.Response, err error) {
	var calls, used, limit int64
	var failed *rest.Error
	switch {
	case resp != nil:
		calls = resp.Calls
		used, limit = m.told(resp.Header)
	case errors.As(err, &failed):
		calls = failed.Calls
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.day.roll(m.now())
	m.calls += calls
	m.day.add(calls)
	if limit > 0 {
		m.used, m.limit = used, limit
	}
}

// Usage tells what was counted and what the account told last.
func (m *Meter) Usage() crm.Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.day.roll(m.now())
	return crm.Usage{Calls: m.calls, Used: m.used, Limit: m.limit, Spent: m.day.hours()}
}

// Resume takes up what an earlier process had noted.
func (m *Meter) Resume(noted crm.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.day.roll(m.now())
	m.day.resume(noted.Spent)
	if m.limit == 0 {
		m.used, m.limit = noted.Used, noted.Limit
	}
}

// Exhausted returns nil while our share of the account's day has room, and else
// how much was used and when there is room again; of is the share in words, such
// as "50% of 100000".
func (m *Meter) Exhausted() (quota *crm.QuotaError, of string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.day.roll(m.now())
	if m.limit == 0 || !m.rolling && m.zone == nil {
		return nil, ""
	}
	share := max(int64(m.share*float64(m.limit)), 1)
	own := m.day.since(m.begun())
	if own < share {
		return nil, ""
	}
	return &crm.QuotaError{Until: m.room(), Used: own, Limit: share}, fmt.Sprintf("%.0f%% of %d", m.share*100, m.limit)
}

// begun is when the present day began.
func (m *Meter) begun() time.Time {
	if m.rolling {
		return time.Time{} // all that the ring holds
	}
	return crm.DateOf(m.now(), m.zone).In(m.zone)
}

// room is when there is room again in a day that is used up: at midnight, or when
// the oldest hour with calls in it has passed out of the rolling day.
func (m *Meter) room() time.Time {
	if !m.rolling {
		return m.midnight()
	}
	if oldest, ok := m.day.oldest(); ok {
		return oldest.Add(24 * time.Hour)
	}
	return m.now().Add(time.Hour)
}

// Midnight is when the account begins to count anew; zero of a rolling day and
// before the account has told its zone. The midnight of another zone would be
// hours too late, or find the day still spent and wait for one more.
func (m *Meter) Midnight() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.zone == nil {
		return time.Time{}
	}
	return m.midnight()
}

func (m *Meter) midnight() time.Time { return (crm.DateOf(m.now(), m.zone) + 1).In(m.zone).UTC() }
