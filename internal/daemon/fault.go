package daemon

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"go.uber.org/zap"
)

// outboxOrigin names the outbox among the steps whose faults are remembered; the
// others are named after their source.
const (
	outboxOrigin  = "outbox"
	commandOrigin = "command"
)

// survive reports whether a loop goes on after err. A full disk is waited out;
// any other failure of the files ends the process. What is neither is logged: the
// loop tries again.
func (d *Daemon) survive(ctx context.Context, origin string, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	se, ok := errors.AsType[*StoreError](err)
	if !ok {
		d.mended(origin, err)
		return true
	}
	d.noteFault(origin, se)
	return errors.Is(se, ErrDiskFull)
}

// noteFault remembers that a step could not write its files: readiness says so
// until the same step succeeds, and unless the disk is full the process ends.
func (d *Daemon) noteFault(origin string, e *StoreError) {
	d.mu.Lock()
	d.faults[origin] = e.Error()
	d.mu.Unlock()
	d.log.Error("files", zap.String("step", origin), zap.Error(e))
	if !errors.Is(e, ErrDiskFull) && d.running.Load() {
		select {
		case d.fatal <- e:
		default:
		}
	}
}

// mended forgets the fault of a step that has just succeeded, and logs what went
// wrong otherwise.
func (d *Daemon) mended(origin string, err error) {
	if err != nil {
		d.log.Error("step failed", zap.String("step", origin), zap.Error(err))
		return
	}
	d.mu.Lock()
	delete(d.faults, origin)
	d.mu.Unlock()
}

// faulty says why the files cannot be written, "" when they can.
func (d *Daemon) faulty() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(d.faults))), "; ")
}
