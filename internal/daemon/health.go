package daemon

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/store"
)

// outboxStep is the name under which health remembers the faults of the outbox; a sync
// has the name of its source, and package control names the commands.
const outboxStep = "outbox"

// bulletinStep is the name of the step that tells ops what cannot wait.
const bulletinStep = "bulletin"

// health is how the process is: whether the files can be written and the doors are open
// (door.go), and which sources are not polled for a while (patience.go).
type health struct {
	log     *zap.Logger
	now     func() time.Time
	running atomic.Bool
	since   atomic.Int64 // when it began to run, in seconds since 1970
	fatal   chan error   // gets the fault that ends the process
	pulse   *pulse
	awaited *awaited

	mu     sync.Mutex
	faults map[string]string // by step: why the files cannot be written
	full   string            // why the files could not be written for lack of room, until ops were told
	lacks  map[string]string // by door: why nobody can come in
	waits  map[string]wait   // by source: why it is not polled
}

func newHealth(log *zap.Logger, now func() time.Time, p *pulse, a *awaited) *health {
	return &health{log: log, now: now, pulse: p, awaited: a, fatal: make(chan error, 1), faults: map[string]string{}, lacks: map[string]string{}, waits: map[string]wait{}}
}

// Running reports whether the process is the daemon.
func (h *health) Running() bool { return h.running.Load() }

// Since is when the process began to be the daemon, zero when it is not.
func (h *health) Since() time.Time {
	if s := h.since.Load(); s > 0 && h.Running() {
		return time.Unix(s, 0)
	}
	return time.Time{}
}

// Survive hears how a step ended, and reports whether its loop goes on. A full disk is
// waited out; any other failure of the files ends the process. Any other error is
// logged, and the loop tries again.
func (h *health) Survive(ctx context.Context, step string, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	fe, ok := errors.AsType[*store.FileError](err)
	if ok {
		h.Broken(step, fe)
		return errors.Is(fe, store.ErrDiskFull)
	}
	if err != nil {
		h.log.Error("step failed", zap.String("step", step), zap.Error(err))
		return true
	}
	h.Mended(step)
	return true
}

// Broken remembers that a step could not write its files. The process is not ready until
// the same step succeeds, or a probe finds room; unless the disk is full, the process ends.
func (h *health) Broken(step string, e *store.FileError) {
	h.mu.Lock()
	h.faults[step] = e.Error()
	if errors.Is(e, store.ErrDiskFull) {
		h.full = e.Error()
	}
	h.mu.Unlock()
	h.log.Error("files", zap.String("step", step), zap.Error(e))
	if !errors.Is(e, store.ErrDiskFull) && h.running.Load() {
		select {
		case h.fatal <- e:
		default:
		}
	}
}

// Mended forgets the fault of a step that has just succeeded.
func (h *health) Mended(step string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.faults, step)
}

// Full reports whether a step could not write its files for lack of room.
func (h *health) Full() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.faults) > 0
}

// Lacked says why the files cannot be written for lack of room, or could not since ops were
// last told; "" is never.
func (h *health) Lacked() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.full
}

// Told hears that ops were told what was lacked. It goes on while there is no room.
func (h *health) Told(lacked string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.faults) == 0 && h.full == lacked {
		h.full = ""
	}
}

// Room forgets the faults of all steps: there is room again.
func (h *health) Room() {
	h.mu.Lock()
	clear(h.faults)
	h.mu.Unlock()
	h.log.Info("there is room on the disk again")
}

// lack remembers why a door cannot be opened; "" forgets. It reports whether that is news.
func (h *health) lack(door, why string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lacks[door] == why {
		return false
	}
	if h.lacks[door] = why; why == "" {
		delete(h.lacks, door)
	}
	return true
}

// Awaited lists the sources that digests wait for, and for how long at most.
func (h *health) Awaited() (sources []string, most time.Duration) { return h.awaited.Waits() }

// Faulty says what the daemon cannot do: write its files, open a door, come forward. "" is
// nothing.
func (h *health) Faulty() string {
	hangs := h.pulse.Hangs()
	h.mu.Lock()
	defer h.mu.Unlock()
	all := slices.Concat(slices.Sorted(maps.Values(h.faults)), slices.Sorted(maps.Values(h.lacks)))
	if hangs != "" {
		all = append(all, hangs)
	}
	return strings.Join(slices.Compact(all), "; ")
}
