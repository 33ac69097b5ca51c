package daemon

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/edition"
)

// plan begins the digests that are due, at each nudge and at least every tick, and wakes
// the workers of the channels.
func (d *Daemon) plan(ctx context.Context, polls []*polled) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		d.pulse.Begin(outboxStep, deliverHangs) // and again within a tick
		d.woken(ctx, polls)                     // before the round: this loop may be the first to wake up
		if !d.health.Survive(ctx, outboxStep, d.look().Begin(ctx)) || !d.health.Survive(ctx, bulletinStep, d.publish(ctx)) {
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
