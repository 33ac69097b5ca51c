package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/edition"
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
	for _, dr := range d.doors() {
		shut, err := d.open(ctx, dr)
		if err != nil {
			return err
		}
		defer shut()
	}
	d.health.running.Store(true)
	defer d.health.running.Store(false)

	alarm := cron.New(cron.WithLocation(d.cfg.Location), cron.WithLogger(cron.DiscardLogger))
	var wg sync.WaitGroup
	var polls []*polled
	for i, src := range d.evaluation.Sources() {
		p := &polled{src, d.cfg.Sources[i].Every, make(chan struct{}, 1)}
		if err := d.schedule(alarm, &d.cfg.Sources[i], p); err != nil {
			return err
		}
		polls = append(polls, p)
	}
	d.rouse(ctx, polls)
	for _, p := range polls {
		wg.Go(func() { d.poll(ctx, p) })
	}
	for _, dg := range d.edition.Digests() {
		for _, team := range d.edition.Teams(dg) {
			alarm.Schedule(onWall{dg.Schedule, d.edition.Zone(team)}, cron.FuncJob(d.nudge))
		}
	}
	wg.Go(func() { d.watch(ctx, polls) })
	wg.Go(func() { d.plan(ctx, polls) })
	for ch, wake := range d.workers {
		wg.Go(func() { d.deliver(ctx, ch, wake) })
	}
	alarm.Start()
	d.log.Info("started", zap.String("version", d.cfg.Version), zap.Int("sources", len(d.cfg.Sources)), zap.Int("digests", len(d.cfg.Digests)))
	if d.cfg.Ready != nil {
		d.cfg.Ready()
	}

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

// plan begins the digests that are due, at each nudge and at least every tick, and wakes
// the workers of the channels.
func (d *Daemon) plan(ctx context.Context, polls []*polled) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		d.pulse.Begin(outboxStep, deliverHangs) // and again within a tick
		d.woken(ctx, polls)                     // before the round: this loop may be the first to wake up
		if !d.health.Survive(ctx, outboxStep, d.begin(ctx, d.look())) || !d.health.Survive(ctx, bulletinStep, d.publish(ctx)) {
			return
		}
		d.wakeWorkers()
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-d.nudged:
		}
	}
}

// look is a run that waits for the polls that digests have to wait for.
func (d *Daemon) look() *edition.Run {
	run := d.edition.Run()
	run.Wait = d.awaited.Any()
	return run
}

// begin plans what is due, and looks whether the deals of it are still there.
func (d *Daemon) begin(ctx context.Context, run *edition.Run) error {
	if err := run.Begin(ctx); err != nil || !run.Begun {
		return err
	}
	return d.recheck(ctx)
}

// loopOf is the name of the worker of a channel.
func loopOf(ch delivery.Channel) string { return outboxStep + " " + string(ch) }

// deliver is the worker of one channel: no channel waits for another. It delivers each
// time it is woken, with one [edition.Run] for all readers.
func (d *Daemon) deliver(ctx context.Context, ch delivery.Channel, wake <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
		loop := loopOf(ch)
		d.pulse.Begin(loop, deliverHangs)
		planned, err := d.outbox.Work(ctx, composer{d.look(), d.bulletin}, ch)
		d.pulse.Rest(loop)
		if !d.health.Survive(ctx, loop, err) {
			return
		}
		d.countUnknown(ctx)
		if planned {
			d.wakeWorkers()
		}
	}
}

// wakeWorkers wakes the worker of each channel.
func (d *Daemon) wakeWorkers() {
	for _, w := range d.workers {
		select {
		case w <- struct{}{}:
		default: // it will look again anyway
		}
	}
}

// nudge wakes the planning loop.
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
