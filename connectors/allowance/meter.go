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
// everybody's calls and lag behind. So our share is measured by what the meter
// counts itself, within a day as the CRM defines it.
type Meter struct {
	share float64
	told  Told
	now   func() time.Time

	mu          sync.Mutex
	rolling     bool
	zone        *time.Location // of a calendar day; nil before [Meter.In]
	calls       int64
	used, limit int64
	heard       time.Time // when the account told used
	day         ring
}

// Told reads two figures from the headers of an answer: how many calls of the day
// all users of the account have made, and how many the account has. A limit of zero
// means that the headers tell nothing.
type Told func(http.Header) (used, limit int64)

// Rolling returns a meter for accounts whose day is always the last 24 hours.
func Rolling(share float64, told Told, now func() time.Time) *Meter {
	return &Meter{share: share, told: told, now: now, rolling: true, day: newRing(1)}
}

// Calendar returns a meter for accounts whose day goes from midnight to midnight
// in a time zone. Before [Meter.In] names the zone no call exhausts the share,
// because the beginning of the day is not known.
func Calendar(share float64, told Told, now func() time.Time) *Meter {
	return &Meter{share: share, told: told, now: now, day: newRing(quarters)}
}

// In says in which time zone the account's day begins.
func (m *Meter) In(zone *time.Location) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zone = zone
}

// Count notes the calls that a request took, and the account's figures in its answer.
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
		m.used, m.limit, m.heard = used, limit, m.now()
	}
}

// Usage tells what the meter counted and what the account told last.
func (m *Meter) Usage() crm.Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.day.roll(m.now())
	u := crm.Usage{Calls: m.calls, Used: m.used, Limit: m.limit, Spent: m.day.hours()}
	if m.limit > 0 && (m.rolling || m.zone != nil) {
		u.Own, u.Share = m.day.since(m.begun()), m.share
	}
	return u
}

// Resume takes over the usage that an earlier process noted.
func (m *Meter) Resume(noted crm.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.day.roll(m.now())
	m.day.resume(noted.Spent)
	if m.limit == 0 {
		m.used, m.limit = noted.Used, noted.Limit
	}
}

// Exhausted returns nil while our share of the account's day has room. Otherwise
// quota says how much was used and when there is room again, and of names the share
// in words, such as "50% of 100000".
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

// crowded is the part of the account's day that backfills leave to others: a day that ends
// early stops everybody's integrations.
const crowded = 0.85

// heardFor is how long the account's figure counts. After that a call hears a new one.
const heardFor = 20 * time.Minute

// Crowded returns nil while everybody's calls leave room for backfills: less than 85% of the
// account's day, or our share where that is larger, is used. Otherwise quota says when to
// look again, and own how many of the calls are ours.
func (m *Meter) Crowded() (quota *crm.QuotaError, own int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.day.roll(now)
	if m.limit == 0 || now.Sub(m.heard) >= heardFor || m.zone != nil && m.heard.Before(m.begun()) {
		return nil, 0
	}
	if float64(m.used) < max(crowded, m.share)*float64(m.limit) {
		return nil, 0
	}
	if m.rolling || m.zone != nil {
		own = m.day.since(m.begun())
	}
	return &crm.QuotaError{Until: m.heard.Add(heardFor), Used: m.used, Limit: m.limit, Backfill: true}, min(own, m.used)
}

// Percent is a part in whole percent, for people.
func Percent(part, of int64) int64 { return part * 100 / max(of, 1) }

// begun is the time at which the present day began.
func (m *Meter) begun() time.Time {
	if m.rolling {
		return time.Time{} // before all that the ring holds
	}
	return crm.DateOf(m.now(), m.zone).In(m.zone)
}

// room is the time at which an exhausted day has room again: midnight, or the time
// at which the oldest hour with calls leaves the rolling day.
func (m *Meter) room() time.Time {
	if !m.rolling {
		return m.midnight()
	}
	if oldest, ok := m.day.oldest(); ok {
		return oldest.Add(24 * time.Hour)
	}
	return m.now().Add(time.Hour)
}

// Midnight is when the account begins to count anew. It is zero for a rolling day
// and before the account has told its zone: the midnight of another zone would be
// hours late, or so early that the day is still spent.
func (m *Meter) Midnight() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.zone == nil {
		return time.Time{}
	}
	return m.midnight()
}

func (m *Meter) midnight() time.Time { return (crm.DateOf(m.now(), m.zone) + 1).In(m.zone).UTC() }
