package daemon

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
)

// How long polls wait after the CRM refused our credentials: many attempts with a wrong
// secret lock an account, or fill somebody's audit log.
const (
	firstRefusal = 15 * time.Minute
	lastRefusal  = 6 * time.Hour
)

// wait is why a source is not polled, and until when.
type wait struct {
	until time.Time
	step  time.Duration // of refused credentials: doubled each time
}

// Waiting returns when the next poll of the source may be made; zero is now.
func (h *health) Waiting(source string) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until := h.waits[source].until; h.now().Before(until) {
		return until
	}
	return time.Time{}
}

// patience decides when the next poll may be made, from when the last one began and how
// it ended. It holds for polls only: the command sync always tries.
func (h *health) patience(source string, start time.Time, err error) {
	if !errors.Is(err, crm.ErrAuth) {
		h.heed(source, err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.waits[source]
	w.step = max(firstRefusal, min(2*w.step, lastRefusal))
	w.until = start.Add(w.step)
	h.pause(source, w, err)
}

// heed puts the next poll off to when the CRM wants the next call, if err says so. Whoever
// asked the CRM, a poll or a command, its answer concerns the polls.
func (h *health) heed(source string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.waits[source]
	if busy, said := errors.AsType[*crm.BusyError](err); said {
		w.until = busy.Until
	} else if q, spent := errors.AsType[*crm.QuotaError](err); spent && !q.Backfill { // with little left polls go on
		if w.until = q.Until; w.until.IsZero() {
			w.until = h.now().Add(time.Hour) // nobody says when; look again in an hour
		}
	} else {
		return
	}
	h.pause(source, w, err)
}

// pause keeps a wait. The caller holds the lock.
func (h *health) pause(source string, w wait, err error) {
	if w == h.waits[source] {
		return
	}
	h.waits[source] = w
	h.log.Warn("polls pause", zap.String("source", source), zap.Time("next_attempt", w.until), zap.Error(err))
}

// patient ends the wait of a source that was read without an error.
func (h *health) patient(source string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waits, source)
}
