package daemon

import (
	"context"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/digest"
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
	d.health.since.Store(d.cfg.Now().Unix())
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
