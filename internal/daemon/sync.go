package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
)

// Sync reads every stream of the source to its present end: describe, then page
// by page, the next page fetched while the last one commits. With full, every
// stream starts from its beginning. An error in one stream does not hide in the
// success of another: the rest is still read unless the whole account refuses,
// and the first error is returned. tell, which may be nil, hears of each step.
func (d *Daemon) Sync(ctx context.Context, src *Source, full bool, tell func(SyncEvent)) error {
	if tell == nil {
		tell = func(SyncEvent) {}
	}
	lock := d.syncing[src.Name()]
	select {
	case lock <- struct{}{}:
		defer func() { <-lock }()
	case <-ctx.Done():
		return ctx.Err()
	}
	start := d.now()
	before := calls(src)
	total := SyncEvent{Source: src.Name(), Finished: true}
	err := d.syncStreams(ctx, src, full, func(e SyncEvent) {
		total.Added += e.Added
		total.Changed += e.Changed
		total.Deleted += e.Deleted
		tell(e)
	})
	total.Calls = calls(src) - before
	if err == nil {
		total.Notes, err = d.notes(ctx, src)
	}
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

func (d *Daemon) syncStreams(ctx context.Context, src *Source, full bool, tell func(SyncEvent)) error {
	info, err := src.Describe(ctx)
	if err != nil {
		if ctx.Err() == nil {
			for _, s := range src.Streams() {
				if ferr := d.cache.StreamFailed(ctx, d.fence, src.Name(), s, err.Error(), d.now()); ferr != nil {
					return d.stored(ferr)
				}
			}
		}
		return err
	}
	if err := d.cache.Register(ctx, d.fence, src.Name(), info); err != nil {
		if errors.Is(err, crm.ErrAccount) {
			return err
		}
		return d.stored(err)
	}
	var first error
	for _, s := range src.Streams() {
		if !needed(info, s) {
			continue
		}
		err := d.syncStream(ctx, src, s, full, tell)
		if errors.Is(err, crm.ErrGone) {
			d.log.Warn("cursor no longer valid, reading the stream again", zap.String("source", src.Name()), zap.String("stream", string(s)))
			err = d.syncStream(ctx, src, s, true, tell)
		}
		if err == nil {
			continue
		}
		var fatal *StoreError
		if ctx.Err() != nil || errors.As(err, &fatal) {
			return err
		}
		if ferr := d.cache.StreamFailed(ctx, d.fence, src.Name(), s, err.Error(), d.now()); ferr != nil {
			return d.stored(ferr)
		}
		if first == nil {
			first = fmt.Errorf("%s: %w", s, err)
		}
		if errors.Is(err, crm.ErrAuth) || errors.Is(err, crm.ErrQuota) || errors.Is(err, crm.ErrBusy) {
			break // the account, not the stream
		}
	}
	return first
}

// fetched is a page on its way from the source to the store.
type fetched struct {
	page crm.Page
	err  error
}

func (d *Daemon) syncStream(ctx context.Context, src *Source, s crm.Stream, full bool, tell func(SyncEvent)) error {
	ctx, cancel := context.WithCancel(ctx)
	cursor, err := d.cursor(ctx, src.Name(), s)
	if err != nil {
		cancel()
		return err
	}
	if full && cursor != "" {
		if err := d.cache.Restart(ctx, d.fence, src.Name(), s); err != nil {
			cancel()
			return d.stored(err)
		}
		cursor = ""
	}
	// One page ahead: fetching is network, committing is disk.
	pages := make(chan fetched)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		defer close(pages)
		for c := cursor; ; {
			p, err := src.Fetch(ctx, s, c)
			if err == nil && p.More && p.Next == c {
				err = fmt.Errorf("fetch page: the source answers the same cursor again; this is a fault of the connector")
			}
			select {
			case pages <- fetched{p, err}:
			case <-ctx.Done():
				return
			}
			if err != nil || !p.More {
				return
			}
			c = p.Next
		}
	}()
	defer func() { cancel(); <-stopped }()
	ev := SyncEvent{Source: src.Name(), Stream: s}
	for {
		f, ok := <-pages
		if !ok {
			return ctx.Err()
		}
		if f.err != nil {
			return f.err
		}
		n, err := d.cache.CommitPage(ctx, d.fence, src.Name(), &f.page, d.now())
		if err != nil {
			return d.stored(err)
		}
		d.metrics.committed(src.Name(), string(s), n)
		ev.Done, ev.Total = f.page.Done, f.page.Total
		ev.Added, ev.Changed, ev.Deleted = n.Added, n.Changed, n.Deleted
		ev.Calls = calls(src)
		tell(ev)
		if !f.page.More {
			return nil
		}
	}
}

func (d *Daemon) cursor(ctx context.Context, source string, s crm.Stream) (crm.Cursor, error) {
	states, err := d.cache.Streams(ctx)
	if err != nil {
		return "", d.stored(err)
	}
	for i := range states {
		if states[i].Source == source && states[i].Stream == s {
			return states[i].Cursor, nil
		}
	}
	return "", nil
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

// notes says what cannot be judged on the source: the last words of a sync.
func (d *Daemon) notes(ctx context.Context, src *Source) ([]string, error) {
	pass, v, err := d.pass(ctx, src, nil)
	if err != nil || !v.Complete {
		return nil, err
	}
	return unread(src, pass), nil
}

// usageNote names the journal's note of what a source's account says of its calls,
// for commands that make none.
const usageNote = "usage|"

func (d *Daemon) noteUsage(ctx context.Context, src *Source) error {
	m, ok := src.Source.(crm.Meter)
	if !ok || m.Usage().Limit == 0 {
		return nil
	}
	b, err := json.Marshal(m.Usage())
	if err != nil {
		return fmt.Errorf("note API usage: %w", err)
	}
	// The calls were made even if the sync was stopped.
	return d.stored(d.journal.Note(context.WithoutCancel(ctx), d.fence, usageNote+src.Name(), string(b)))
}

func (d *Daemon) usage(ctx context.Context, src *Source) (u crm.Usage, err error) {
	s, err := d.journal.Noted(ctx, usageNote+src.Name())
	if err != nil || s == "" {
		return u, d.stored(err)
	}
	return u, json.Unmarshal([]byte(s), &u)
}

func calls(src *Source) int64 {
	if m, ok := src.Source.(crm.Meter); ok {
		return m.Usage().Calls
	}
	return 0
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
	var api *APIError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &api):
		return api.Exit
	case errors.As(err, &se):
		return ExitIO
	case errors.Is(err, crm.ErrAccount):
		return ExitConfig
	case errors.Is(err, crm.ErrAuth), errors.Is(err, crm.ErrBusy), errors.Is(err, crm.ErrQuota), errors.Is(err, crm.ErrRefused):
		return ExitUnavailable
	}
	return ExitFailed
}

// ago is the age of t at now, never negative.
func ago(now, t time.Time) time.Duration {
	if t.IsZero() || !t.Before(now) {
		return 0
	}
	return now.Sub(t)
}
