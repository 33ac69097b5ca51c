package allowance

import (
	"context"
	"sync"
	"time"
)

// Pace lets at most limit calls begin within any window. The window rolls, because
// that is how CRMs count, and because a short run then need not wait at all.
type Pace struct {
	mu     sync.Mutex
	window time.Duration
	limit  int
	begun  []time.Time // of the calls in the window, ascending
	until  time.Time   // no call begins before this time
}

// NewPace returns a pace of limit calls in a window. [Pace.Learn] corrects both
// figures when the account tells them.
func NewPace(limit int, window time.Duration) *Pace { return &Pace{limit: limit, window: window} }

// Wait returns as soon as the next call may begin.
func (p *Pace) Wait(ctx context.Context) error {
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

// take notes a call that begins now and returns zero, or returns how long to wait.
func (p *Pace) take(now time.Time) (wait time.Duration) {
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

// Hold lets no call begin for the time d.
func (p *Pace) Hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.until) {
		p.until = until
	}
}

// Learn replaces the limit and the window by what the account has told.
func (p *Pace) Learn(limit int, window time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit, p.window = limit, window
}
