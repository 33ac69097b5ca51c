package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// tick is how often the deliver loop looks at the wall clock, whatever the alarm says:
// timers stand still while a machine sleeps.
const tick = 30 * time.Second

// Run is the daemon: it recovers what a crash left in doubt, then syncs,
// evaluates and delivers until ctx ends. It returns nil on an ordinary stop, and
// a store.FileError when the files failed in a way that only a restart mends.
func (d *Daemon) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n, err := d.outbox.Recover(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		d.log.Warn("deliveries were in the air when the last process ended; asking whether they arrived", zap.Int("deliveries", n))
	}
	closeControl, err := d.serveControl(ctx)
	if err != nil {
		return err
	}
	defer func() {
		closeControl()
		if d.cfg.Socket != "" {
			_ = os.Remove(d.cfg.Socket) // the next start does it if this fails
		}
	}()
	closeHTTP, err := d.serveHTTP(ctx)
	if err != nil {
		return err
	}
	defer closeHTTP()
	d.health.running.Store(true)
	defer d.health.running.Store(false)

	alarm := cron.New(cron.WithLocation(d.cfg.Location), cron.WithLogger(cron.DiscardLogger))
	var wg sync.WaitGroup
	for i, src := range d.evaluation.Sources() {
		wake := make(chan struct{}, 1)
		if err := d.schedule(alarm, &d.cfg.Sources[i], wake); err != nil {
			return err
		}
		if !d.fresh(ctx, src, d.cfg.Sources[i].Every) {
			wake <- struct{}{}
		}
		wg.Go(func() { d.poll(ctx, src, wake) })
	}
	for _, dg := range d.edition.Digests() {
		for _, team := range d.edition.Teams(dg) {
			alarm.Schedule(onWall{dg.Schedule, d.edition.Zone(team)}, cron.FuncJob(d.nudge))
		}
	}
	wg.Go(func() { d.deliver(ctx) })
	alarm.Start()
	d.log.Info("started", zap.String("version", d.cfg.Version), zap.Int("sources", len(d.cfg.Sources)), zap.Int("digests", len(d.cfg.Digests)))

	var fault error
	select {
	case <-ctx.Done():
	case fault = <-d.health.fatal:
	}
	cancel()
	<-alarm.Stop().Done()
	wg.Wait()
	d.log.Info("stopped")
	return fault
}

// onWall is a digest's schedule in the time zone of its readers, as a cron.Schedule. It
// only wakes the outbox; the ledger of periods decides which digests are due.
type onWall struct {
	schedule digest.Schedule
	loc      *time.Location
}

// Next is when the alarm rings after t.
func (w onWall) Next(t time.Time) time.Time { return w.schedule.Next(t.In(w.loc)) }

// schedule adds the source to the alarm clock.
func (d *Daemon) schedule(alarm *cron.Cron, src *Source, wake chan struct{}) error {
	job := cron.FuncJob(func() {
		select {
		case wake <- struct{}{}:
		default: // a wake-up is waiting already
		}
	})
	if src.Cron == "" {
		alarm.Schedule(cron.Every(src.Every), job)
		return nil
	}
	s, err := cron.ParseStandard(src.Cron)
	if err != nil {
		return fmt.Errorf("source %s: cron %q: %w", src.Name(), src.Cron, err)
	}
	alarm.Schedule(s, job)
	return nil
}

// fresh reports whether the source was synced so lately that a restart need not sync it
// at once.
func (d *Daemon) fresh(ctx context.Context, src *evaluation.Source, every time.Duration) bool {
	v, err := d.evaluation.Verdict(ctx, src)
	return err == nil && v.Complete && v.Error == "" && every > 0 && d.cfg.Now().Sub(v.AsOf) < every
}

// poll syncs and evaluates one source each time it is woken.
func (d *Daemon) poll(ctx context.Context, src *evaluation.Source, wake <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
		if !d.turn(ctx, src) {
			return
		}
	}
}

// turn is one poll of a source: a sync and an evaluation, unless the source has to wait.
// It reports whether the loop goes on.
func (d *Daemon) turn(ctx context.Context, src *evaluation.Source) bool {
	if !d.health.Waiting(src.Name()).IsZero() {
		return true
	}
	start := d.cfg.Now()
	_, err := d.intake.Sync(ctx, src.Source, false, nil)
	d.health.patience(src.Name(), start, err)
	if _, ok := errors.AsType[*store.FileError](err); ok && !d.health.Survive(ctx, src.Name(), err) {
		return false
	}
	// The source is evaluated even after a failed sync: the gate knows how old each
	// stream is.
	if judged := d.evaluation.Evaluate(ctx, src); err == nil || judged != nil {
		err = judged
	}
	if !d.health.Survive(ctx, src.Name(), err) {
		return false
	}
	d.nudge()
	return true
}

// deliver begins what is due and delivers what is planned, at each nudge and at
// least every tick.
func (d *Daemon) deliver(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		if !d.health.Survive(ctx, outboxStep, d.round(ctx)) {
			return
		}
		d.countUnknown(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-d.nudged:
		}
	}
}

// round plans the digests that are due and delivers, with one [edition.Run] for all
// readers.
func (d *Daemon) round(ctx context.Context) error {
	run := d.edition.Run()
	if err := run.Begin(ctx); err != nil {
		return err
	}
	_, err := d.outbox.Deliver(ctx, run, nil)
	return err
}

// nudge wakes the deliver loop.
func (d *Daemon) nudge() {
	select {
	case d.nudged <- struct{}{}:
	default:
	}
}

// countUnknown counts the deliveries in doubt for the metrics.
func (d *Daemon) countUnknown(ctx context.Context) {
	if ds, err := d.journal.Deliveries(ctx, delivery.Unknown); err == nil {
		d.metrics.unknown.Set(float64(len(ds)))
	}
}
