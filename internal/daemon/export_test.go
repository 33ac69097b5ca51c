package daemon

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/control"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store"
)

// Tests call the steps of the loops one at a time, in the order that a test requires.

// source is a source of the configuration as the rooms know it.
func (d *Daemon) source(src *Source) *evaluation.Source {
	for _, s := range d.evaluation.Sources() {
		if s.Name() == src.Name() {
			return s
		}
	}
	panic("no source is called " + src.Name())
}

// Sync is the sync of a command.
func (d *Daemon) Sync(ctx context.Context, src *Source, full bool, tell func(api.SyncEvent)) error {
	if tell == nil {
		tell = func(api.SyncEvent) {}
	}
	return d.control.Sync(ctx, &control.Source{Source: d.source(src), Type: src.Type}, full, tell)
}

// Evaluate judges a source.
func (d *Daemon) Evaluate(ctx context.Context, src *Source) error {
	return d.evaluation.Evaluate(ctx, d.source(src))
}

// Turn is what a poll of a source does each time it is woken.
func (d *Daemon) Turn(ctx context.Context, src *Source) bool {
	goesOn, _ := d.turn(ctx, d.source(src))
	return goesOn
}

// Begin plans what is due.
func (d *Daemon) Begin(ctx context.Context) error { return d.edition.Run().Begin(ctx) }

// Deliver delivers what is planned.
func (d *Daemon) Deliver(ctx context.Context, only map[string]bool) (time.Time, error) {
	return d.outbox.Deliver(ctx, composer{d.edition.Run(), d.bulletin}, only)
}

// Changes lists what changed in what a source is judged by.
func (d *Daemon) Changes(ctx context.Context, src *Source, since time.Time) ([]evaluation.Change, error) {
	return d.evaluation.Changes(ctx, d.source(src), since)
}

// SendNow answers the command send, without an evaluation.
func (d *Daemon) SendNow(ctx context.Context, dg *edition.Digest, to string, again bool) ([]api.SendResult, error) {
	return d.control.SendNow(ctx, dg, to, again)
}

// Check answers the command check.
func (d *Daemon) Check(ctx context.Context, req api.CheckRequest) (*api.Check, error) {
	return d.control.Check(ctx, req)
}

// PreviewNow answers the command digest preview.
func (d *Daemon) PreviewNow(ctx context.Context, req api.PreviewRequest) ([]api.Preview, error) {
	return d.control.Preview(ctx, req)
}

// Explain answers the command explain.
func (d *Daemon) Explain(ctx context.Context, deal string) (*api.Explanation, error) {
	return d.control.Explain(ctx, deal)
}

// Broken is how a step tells that it could not write its files.
func (d *Daemon) Broken(step string, err *store.FileError) { d.health.Broken(step, err) }

// Probes answers /healthz, /readyz and /metrics.
func (d *Daemon) Probes() http.Handler { return d.healthHandler() }

// Status answers the command status.
func (d *Daemon) Release(ctx context.Context, req api.ReleaseRequest) ([]api.Released, error) {
	return d.control.Release(ctx, req)
}

func (d *Daemon) Status(ctx context.Context) (*api.Status, error) { return d.control.Status(ctx) }

// Round is one look at what is due and planned, with one run for all readers.
func (d *Daemon) Round(ctx context.Context) error {
	run := d.look()
	if err := run.Begin(ctx); err != nil {
		return err
	}
	_, err := d.outbox.Deliver(ctx, composer{run, d.bulletin}, nil)
	return err
}

// Publish tells ops what cannot wait.
func (d *Daemon) Publish(ctx context.Context) error { return d.publish(ctx) }

// Settle answers the command deliveries settle.
func (d *Daemon) Settle(ctx context.Context, req api.SettleRequest) (*api.DeliveryStatus, error) {
	return d.control.Settle(ctx, req)
}

// Serve serves a handler as a door with that limit does, until the function is called.
func (d *Daemon) Serve(ctx context.Context, l net.Listener, h http.Handler, limit time.Duration) func() {
	return d.serve(ctx, l, &door{handler: h, patience: time.Second, limit: limit})
}

// ListenHTTP listens on http.listen.
func (d *Daemon) ListenHTTP(ctx context.Context) (net.Listener, error) { return d.listenHTTP(ctx) }

// Park and Unpark answer the commands of these names.
func (d *Daemon) Park(ctx context.Context, req api.ParkRequest) (*api.Parked, error) {
	return d.control.Park(ctx, req)
}

func (d *Daemon) Unpark(ctx context.Context, req api.UnparkRequest) ([]api.Park, error) {
	return d.control.Unpark(ctx, req)
}
