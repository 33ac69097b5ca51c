package hubspot

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	callWindow   = 10 * time.Second // HubSpot's rolling window
	searchWindow = time.Second
)

// pace lets at most limit calls begin within any window. A rolling window rather
// than a bucket: it is how HubSpot counts, and a short run need not wait at all.
type pace struct {
	mu     sync.Mutex
	window time.Duration
	limit  int
	begun  []time.Time // of the calls in the window, ascending
	until  time.Time   // nothing begins before
}

func newPace(limit int, window time.Duration) *pace { return &pace{limit: limit, window: window} }

// wait returns when the next call may begin.
func (p *pace) wait(ctx context.Context) error {
	for ctx.Err() == nil {
		wait := p.take(time.Now())
		if wait <= 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return context.Cause(ctx)
}

// take notes a call that begins now, or says how long to wait.
func (p *pace) take(now time.Time) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.until.Sub(now); wait > 0 {
		return wait
	}
	for len(p.begun) > 0 && !p.begun[0].Add(p.window).After(now) {
		p.begun = p.begun[1:]
	}
	if n := len(p.begun); n >= p.limit {
		return p.begun[n-p.limit].Add(p.window).Sub(now)
	}
	p.begun = append(p.begun, now)
	return 0
}

// hold lets nothing begin for a while.
func (p *pace) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.until) {
		p.until = until
	}
}

// learn takes over the limit that an answer tells: four fifths of it, since other
// calls may be made with the same token. Answers of searches do not tell one.
func (p *pace) learn(h http.Header) {
	limit := headerNumber(h, "X-Hubspot-Ratelimit-Max")
	window := time.Duration(headerNumber(h, "X-Hubspot-Ratelimit-Interval-Milliseconds")) * time.Millisecond
	if limit <= 0 || window < time.Second || window > time.Minute {
		return
	}
	p.mu.Lock()
	p.limit, p.window = int(max(min(limit, 1_000_000)*4/5, 1)), window
	p.mu.Unlock()
	if left := h.Get("X-Hubspot-Ratelimit-Remaining"); left != "" && headerNumber(h, "X-Hubspot-Ratelimit-Remaining") < limit/10 {
		p.hold(window / 10)
	}
}

// headerNumber reads a header that holds a number; 0 is none.
func headerNumber(h http.Header, name string) int64 {
	n, err := strconv.ParseInt(h.Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
