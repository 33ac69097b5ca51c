package daemon

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
)

// Sync reads every stream of the source to its present end: describe, then some
// streams side by side, page by page, the next page fetched while the last one
// commits. With full, every stream starts from its beginning. An error in one
// stream does not hide in the success of another: the rest is still read unless the
// whole account refuses, and the error of the first of them is returned. tell,
// which may be nil, hears of each step, one at a time.
func (d *Daemon) Sync(ctx context.Context, src *Source, full bool, tell func(api.SyncEvent)) error {
	if tell == nil {
		tell = func(api.SyncEvent) {}
	}
	lock := d.syncing[src.Name()]
	select {
	case lock <- struct{}{}:
		defer func() { <-lock }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := d.resume(ctx, src); err != nil {
		return err
	}
	start := d.now()
	before := calls(src)
	total := api.SyncEvent{Source: src.Name(), Finished: true}
	said, err := d.syncStreams(ctx, src, full, func(e api.SyncEvent) {
		total.Added += e.Added
		total.Changed += e.Changed
		total.Deleted += e.Deleted
		tell(e)
	})
	total.Calls = calls(src) - before
	if err == nil {
		total.Notes, err = d.notes(ctx, src)
	}
	total.Notes = append(said, total.Notes...)
	if uerr := d.noteUsage(ctx, src); err == nil {
		err = uerr
	}
	if err != nil {
		total.Error, total.Exit = err.Error(), exitOf(err)
	}
	tell(total)
	fields := []zap.Field{
		zap.String("source", src.Name()), zap.Int("added", total.Added), zap.Int("changed", total.Changed),
		zap.Int("deleted", total.Deleted), zap.Int64("api_calls", total.Calls), zap.Duration("duration", d.now().Sub(start)),
	}
	if err == nil {
		d.patient(src.Name())
	}
	d.metrics.synced(src.Name(), start, d.now(), total, err)
	switch {
	case err == nil:
		d.log.Info("sync done", fields...)
	case ctx.Err() != nil:
		d.log.Info("sync stopped", fields...)
	default:
		d.log.Error("sync failed", append(fields, zap.Error(err))...)
	}
	return err
}

// syncStreams is Sync without the words at its end; notes are of how it was read.
func (d *Daemon) syncStreams(ctx context.Context, src *Source, full bool, tell func(api.SyncEvent)) (notes []string, err error) {
	info, err := src.Describe(ctx)
	if err != nil {
		return nil, d.failed(ctx, src, err)
	}
	if err := d.cache.Register(ctx, d.fence, src.Name(), info); err != nil {
		if errors.Is(err, crm.ErrAccount) {
			return nil, d.failed(ctx, src, err)
		}
		return nil, d.stored(err)
	}
	states, err := d.cache.Streams(ctx)
	if err != nil {
		return nil, d.stored(err)
	}
	r := &reading{Daemon: d, src: src, full: full, tell: tell, noted: calls(src), at: map[crm.Stream]StreamState{}}
	for _, st := range states {
		if st.Source == src.Name() {
			r.at[st.Stream] = st
		}
	}
	var streams []crm.Stream
	for _, s := range src.Streams() {
		if needed(info, s) {
			streams = append(streams, s)
		}
	}
	err = r.streams(ctx, streams)
	regained, rerr := r.regain(context.WithoutCancel(ctx))
	switch {
	case rerr != nil:
		return r.notes, rerr
	case regained && err == nil:
		err = r.streams(ctx, streams)
	}
	if _, fatal := errors.AsType[*StoreError](err); fatal || ctx.Err() != nil || ofAccount(err) {
		return r.notes, err
	}
	if rerr := r.recall(ctx); err == nil {
		err = rerr
	}
	return r.notes, err
}

// failed notes with each stream why the whole source cannot be read, for status, and
// returns that error.
func (d *Daemon) failed(ctx context.Context, src *Source, err error) error {
	if ctx.Err() != nil {
		return err
	}
	for _, s := range src.Streams() {
		if ferr := d.cache.StreamFailed(ctx, d.fence, src.Name(), s, err.Error(), d.now()); ferr != nil {
			return d.stored(ferr)
		}
	}
	return err
}

// needed reports whether a stream is read from this account: what the login may
// not see is not asked for, and its absence makes rules unknown, not the source
// incomplete.
func needed(info crm.Info, s crm.Stream) bool {
	switch s {
	case crm.Activities, crm.History, crm.Contacts:
		return info.Fields.Access(string(s)) != crm.Hidden
	}
	return true
}

// notes says what was held back on the source and what cannot be judged: the last
// words of a sync.
func (d *Daemon) notes(ctx context.Context, src *Source) ([]string, error) {
	pass, v, err := d.pass(ctx, src, nil)
	if err != nil || !v.Complete {
		return nil, err
	}
	return append(v.Held, unread(src, pass)...), nil
}

// StoreError is an error of the files rather than of an outside system. Unless
// the disk is full, the outcome of the step is unknown, and the process ends:
// every step is safe to repeat after a restart.
type StoreError struct{ Err error }

// Error is the cause, which says what to do about it.
func (e *StoreError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *StoreError) Unwrap() error { return e.Err }

// stored marks err as an error of the files.
func (d *Daemon) stored(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &StoreError{err}
}

// exitOf says which exit code a one-shot command ends with.
func exitOf(err error) int {
	var se *StoreError
	var known *api.Error
	switch {
	case err == nil:
		return api.ExitOK
	case errors.As(err, &known):
		return known.Exit
	case errors.As(err, &se):
		return api.ExitIO
	case errors.Is(err, crm.ErrAccount):
		return api.ExitConfig
	case errors.Is(err, crm.ErrAuth), errors.Is(err, crm.ErrBusy), errors.Is(err, crm.ErrQuota), errors.Is(err, crm.ErrRefused):
		return api.ExitUnavailable
	}
	return api.ExitFailed
}

// ago is the age of t at now, never negative.
func ago(now, t time.Time) time.Duration {
	if t.IsZero() || !t.Before(now) {
		return 0
	}
	return now.Sub(t)
}
