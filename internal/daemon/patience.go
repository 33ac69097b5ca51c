package daemon

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
)

// How long polls wait after the CRM refused our credentials: an account that keeps
// knocking with a wrong secret is locked, or fills somebody's audit log.
const (
	firstRefusal = 15 * time.Minute
	lastRefusal  = 6 * time.Hour
)

// wait is why a source is not polled, and until when.
type wait struct {
	until time.Time
	step  time.Duration // of refused credentials: doubled each time
}

// waiting returns when the next poll of the source may be made; zero is now.
func (d *Daemon) waiting(source string) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if until := d.waits[source].until; d.now().Before(until) {
		return until
	}
	return time.Time{}
}

// patience decides from how a poll begun at start ended when the next may be made.
// Commands do not ask: they always try.
func (d *Daemon) patience(src *Source, start time.Time, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.waits[src.Name()]
	switch q, spent := errors.AsType[*crm.QuotaError](err); {
	case spent:
		if w.until = q.Until; w.until.IsZero() {
			w.until = d.now().Add(time.Hour) // nobody says when; look again in an hour
		}
	case errors.Is(err, crm.ErrAuth):
		w.step = max(firstRefusal, min(2*w.step, lastRefusal))
		w.until = start.Add(w.step)
	default:
		return
	}
	d.waits[src.Name()] = w
	d.log.Warn("polls pause", zap.String("source", src.Name()), zap.Time("next_attempt", w.until), zap.Error(err))
}

// patient ends the wait of a source that was read without an error.
func (d *Daemon) patient(source string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waits, source)
}

// turn is one poll of a source: a sync and an evaluation, unless it has to wait.
// It reports whether the loop goes on.
func (d *Daemon) turn(ctx context.Context, src *Source) bool {
	if !d.waiting(src.Name()).IsZero() {
		return true
	}
	start := d.now()
	err := d.Sync(ctx, src, false, nil)
	d.patience(src, start, err)
	if _, ok := errors.AsType[*StoreError](err); ok && !d.survive(ctx, src.Name(), err) {
		return false
	}
	// What did arrive is judged even after a failed run: the gate knows how old
	// each stream is.
	if judged := d.Evaluate(ctx, src); err == nil || judged != nil {
		err = judged
	}
	if !d.survive(ctx, src.Name(), err) {
		return false
	}
	d.nudge()
	return true
}
