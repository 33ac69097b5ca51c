package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// polled is a source with its alarm.
type polled struct {
	src   *evaluation.Source
	every time.Duration // 0 is by cron
	wake  chan struct{} // of one wake-up: a second one adds nothing
}

// rings wakes the loop of the source.
func (p *polled) rings() {
	select {
	case p.wake <- struct{}{}:
	default: // a wake-up is waiting already
	}
}

// schedule adds the source to the alarm clock.
func (d *Daemon) schedule(alarm *cron.Cron, src *Source, p *polled) error {
	if src.Cron == "" {
		alarm.Schedule(cron.Every(src.Every), cron.FuncJob(p.rings))
		return nil
	}
	s, err := cron.ParseStandard(src.Cron)
	if err != nil {
		return fmt.Errorf("source %s: cron %q: %w", src.Name(), src.Cron, err)
	}
	alarm.Schedule(s, cron.FuncJob(p.rings))
	return nil
}

// rouse polls each source whose data is not fresh, after a start or a sleep, and lets
// digests wait for these polls.
func (d *Daemon) rouse(ctx context.Context, polls []*polled) {
	for _, p := range polls {
		if !d.fresh(ctx, p.src, p.every) {
			d.awaited.Add(p.src.Name())
			p.rings()
		}
	}
}

// watch looks at the wall clock each tick, whatever the other loops are busy with.
func (d *Daemon) watch(ctx context.Context, polls []*polled) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		d.woken(ctx, polls)
		d.probe(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// probe looks whether there is room again, where a step found none. The step itself may not
// come again for a day, and the process would not be ready for as long.
func (d *Daemon) probe(ctx context.Context) {
	if !d.health.Full() {
		return
	}
	switch err := d.journal.Probe(ctx, d.fence); {
	case err == nil:
		d.health.Room()
	case errors.Is(err, store.ErrUnknownOutcome), errors.Is(err, store.ErrFenced):
		d.health.Broken("probe", &store.FileError{Err: err})
	}
}

// woken polls the sources when the machine has slept since the last look.
func (d *Daemon) woken(ctx context.Context, polls []*polled) {
	d.awaited.Look(func() {
		d.log.Info("the machine was asleep, or its clock was set forward: polling again before digests are composed")
		d.rouse(ctx, polls)
	})
}

// fresh reports whether the source was synced so lately that a restart need not sync it
// at once.
func (d *Daemon) fresh(ctx context.Context, src *evaluation.Source, every time.Duration) bool {
	v, err := d.evaluation.Verdict(ctx, src)
	return err == nil && v.Complete && v.Error == "" && every > 0 && d.cfg.Now().Sub(v.AsOf) < every
}

// poll syncs and evaluates one source each time it is woken.
func (d *Daemon) poll(ctx context.Context, p *polled) {
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-again:
		}
		start := d.cfg.Now()
		d.pulse.Begin(p.src.Name(), syncHangs)
		ok, failed := d.turn(ctx, p.src)
		d.pulse.Rest(p.src.Name())
		if !ok {
			return
		}
		again = nil
		if d.awaited.Done(p.src.Name(), start, failed != nil && d.health.Waiting(p.src.Name()).IsZero()) {
			again = time.After(tick)
		}
		d.nudge()
	}
}

// turn is one poll of a source: a sync and an evaluation, unless the source has to wait.
// It reports whether the loop goes on, and how the poll ended.
func (d *Daemon) turn(ctx context.Context, src *evaluation.Source) (goesOn bool, failed error) {
	if !d.health.Waiting(src.Name()).IsZero() {
		return true, nil
	}
	start := d.cfg.Now()
	_, failed = d.intake.Sync(ctx, src.Source, false, nil)
	d.health.patience(src.Name(), start, failed)
	if _, ok := errors.AsType[*store.FileError](failed); ok && !d.health.Survive(ctx, src.Name(), failed) {
		return false, failed
	}
	// The source is evaluated even after a failed sync: the gate knows how old each
	// stream is.
	if judged := d.evaluation.Evaluate(ctx, src); failed == nil || judged != nil {
		failed = judged
	}
	return d.health.Survive(ctx, src.Name(), failed), failed
}
