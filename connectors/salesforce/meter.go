package salesforce

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// meter counts calls. The org's own figures come with each answer but include
// everybody's calls and lag behind; our share is what we count ourselves, for a
// rolling day.
type meter struct {
	budget float64
	now    func() time.Time

	mu          sync.Mutex
	calls       int64
	used, limit int64
	hours       [24]int64
	hour        int64 // hours since the epoch of the newest entry
}

func newMeter(cfg Config) *meter { return &meter{budget: cfg.Budget, now: cfg.Now} }

// count notes the calls that a request took, and what its answer says.
func (m *meter) count(resp *rest.Response, err error) {
	var calls int64
	var used, limit int64
	var failed *rest.Error
	switch {
	case resp != nil:
		calls = resp.Calls
		used, limit = limitInfo(resp.Header.Get("Sforce-Limit-Info"))
	case errors.As(err, &failed):
		calls = failed.Calls
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls += calls
	m.roll()
	m.hours[m.hour%24] += calls
	if limit > 0 {
		m.used, m.limit = used, limit
	}
}

// roll empties the hours that have passed.
func (m *meter) roll() {
	hour := m.now().Unix() / 3600
	for i := max(m.hour+1, hour-23); i <= hour; i++ {
		m.hours[i%24] = 0
	}
	m.hour = max(m.hour, hour)
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

// allow returns an error when our share of the org's day is used up.
func (m *meter) allow(s *Source) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll()
	var own int64
	for _, n := range m.hours {
		own += n
	}
	share := max(int64(m.budget*float64(m.limit)), 1)
	if m.limit == 0 || own < share {
		return nil
	}
	// Room comes when the oldest hour with calls in it has passed out of the day.
	until := m.now().Add(time.Hour)
	for i := m.hour - 23; i <= m.hour; i++ {
		if i >= 0 && m.hours[i%24] > 0 {
			until = time.Unix((i+24)*3600, 0).UTC()
			break
		}
	}
	return &rest.ExplainedError{
		Where:  s.where,
		What:   fmt.Sprintf("this source has used its share of the org's API calls (%.0f%% of %d)", m.budget*100, m.limit),
		Remedy: "it goes on by itself at " + clock(until) + "; raise api_budget or poll less often to go on sooner",
		Cause:  &crm.QuotaError{Until: until, Used: own, Limit: share},
	}
}

// spent says that the org's own daily allowance is used up. The day is a rolling
// one, so nobody knows when there is room: it is tried again in an hour.
func (m *meter) spent(s *Source) error {
	u, until := m.usage(), m.now().Add(time.Hour).UTC()
	return &rest.ExplainedError{
		Where: s.where, What: "the org's API calls of 24 hours are used up",
		Remedy: "it is tried again at " + clock(until) + "; ask the Salesforce administrator what else uses them",
		Cause:  &crm.QuotaError{Until: until, Used: u.Used, Limit: u.Limit},
	}
}

// clock writes a time for people in any zone.
func clock(t time.Time) string { return t.UTC().Format("15:04 MST on 2 January") }

// limitInfo reads "api-usage=18/5000; per-app-api-usage=17/250(appName=x)"; the
// org's figures count. Zeros are unknown.
func limitInfo(header string) (used, limit int64) {
	for part := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		figures, ok := strings.CutPrefix(part, "api-usage=")
		if !ok {
			continue
		}
		a, b, _ := strings.Cut(figures, "/")
		u, err1 := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
		l, err2 := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
		if err1 == nil && err2 == nil && u >= 0 && l > 0 {
			return u, l
		}
	}
	return 0, 0
}
