// Package intake syncs sources into the cache. A page and its cursor are committed in
// one transaction, so a crash repeats a page and never skips one. [Intake.Sync] is the
// whole step; streams.go has what happens to each stream. Intake judges nothing:
// package evaluation does, and the two do not know each other.
package intake

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// Config is what an Intake is made from.
type Config struct {
	Sources []crm.Source
	Now     func() time.Time
	// Observe hears of each step; it may be called from several goroutines. nil is
	// nobody.
	Observe func(Event)
}

// Cache is what intake uses of the cache.
type Cache interface {
	Register(ctx context.Context, f store.Fence, source string, info crm.Info) error
	CommitPage(ctx context.Context, f store.Fence, source string, p *crm.Page, now time.Time) (store.Commit, error)
	CountOpen(ctx context.Context, source string) (int, error)
	Losses(ctx context.Context, f store.Fence, source string, p *crm.Page, now time.Time) (store.Losses, error)
	StreamFailed(ctx context.Context, f store.Fence, source string, s crm.Stream, reason error, now time.Time) error
	Restart(ctx context.Context, f store.Fence, source string, s crm.Stream) error
	Streams(ctx context.Context) ([]store.StreamState, error)
	Forget(ctx context.Context, f store.Fence, source string) error
}

// Journal is what intake uses of the journal.
type Journal interface {
	Note(ctx context.Context, f store.Fence, name, value string) error
	Noted(ctx context.Context, name string) (string, error)
}

// Intake syncs sources. Its methods may be called from several goroutines; a source
// has at most one sync at a time.
type Intake struct {
	cfg     Config
	cache   Cache
	journal Journal
	fence   store.Fence

	turns map[string]chan struct{} // by source: holds a value while a sync of the source runs

	mu      sync.Mutex
	resumed map[string]bool // by source: resume has been called
	waits   map[string]map[crm.Stream]string
	synced  map[string]time.Time // by source: when a sync last ended well

	leaving sync.Mutex
	left    map[string]left // by source: records that were left out, once they were asked for
}

// New makes an intake on opened files.
func New(cfg Config, c Cache, j Journal, f store.Fence) *Intake {
	if cfg.Observe == nil {
		cfg.Observe = func(Event) {}
	}
	in := &Intake{cfg: cfg, cache: c, journal: j, fence: f, turns: map[string]chan struct{}{}, resumed: map[string]bool{}, waits: map[string]map[crm.Stream]string{}, synced: map[string]time.Time{}, left: map[string]left{}}
	for _, src := range cfg.Sources {
		in.turns[src.Name()] = make(chan struct{}, 1)
	}
	return in
}

// Report is what a sync did to the cache, and what ops should know of how the source
// was read.
type Report struct {
	Added, Changed, Deleted int
	Calls                   int64 // made to the source
	Notes                   []string
	Took                    time.Duration
}

// Sync fetches and commits every stream of the source to its present end: some streams
// side by side, and of each stream the next page is fetched while the last one is
// committed. With full, every stream starts from its beginning. When a stream fails,
// the other streams are still synced unless the whole account refuses, and the error
// of the first failed stream is returned. tell, which may be nil, is called with each
// page, one call at a time.
func (in *Intake) Sync(ctx context.Context, src crm.Source, full bool, tell func(Page)) (Report, error) {
	var rep Report
	turn := in.turns[src.Name()]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return rep, ctx.Err()
	}
	if err := in.resume(ctx, src); err != nil {
		return rep, err
	}
	defer in.waited(src.Name())
	start, before := in.cfg.Now(), calls(src)
	notes, err := in.syncStreams(ctx, src, full, func(p Page) {
		rep.Added += p.Added
		rep.Changed += p.Changed
		rep.Deleted += p.Deleted
		if tell != nil {
			tell(p)
		}
	})
	said, cerr := in.compareClocks(ctx, src)
	if said != "" {
		notes = append(notes, said)
	}
	if err == nil {
		err = cerr
	}
	rep.Calls, rep.Notes = calls(src)-before, notes
	if uerr := in.noteUsage(ctx, src); err == nil {
		err = uerr
	}
	end := in.cfg.Now()
	rep.Took = end.Sub(start)
	kind := Synced
	switch {
	case err != nil && ctx.Err() != nil:
		kind = Stopped
	case err != nil:
		kind = Failed
	default:
		in.mu.Lock()
		in.synced[src.Name()] = end
		in.mu.Unlock()
	}
	in.cfg.Observe(Event{Kind: kind, Source: src.Name(), Report: rep, At: end, Err: err})
	return rep, err
}

// Waits says what the sync of a source that is under way waits for at the CRM, by stream.
func (in *Intake) Waits(source string) map[crm.Stream]string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return maps.Clone(in.waits[source])
}

// wait notes what a stream waits for; "" is nothing.
func (in *Intake) wait(source string, s crm.Stream, what string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.waits[source] == nil {
		in.waits[source] = map[crm.Stream]string{}
	}
	in.waits[source][s] = what
}

// waited forgets what the sync of a source waited for.
func (in *Intake) waited(source string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.waits, source)
}

// syncStreams is what Sync does to the cache; notes are what ops should know of how
// the source was read.
func (in *Intake) syncStreams(ctx context.Context, src crm.Source, full bool, tell func(Page)) (notes []string, err error) {
	info, err := in.describe(ctx, src)
	if err != nil {
		return nil, err
	}
	states, err := in.cache.Streams(ctx)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	before, err := in.readCensus(ctx, src.Name())
	if err != nil {
		return nil, err
	}
	r := &reading{in: in, src: src, full: full, tell: tell, noted: calls(src), at: map[crm.Stream]store.StreamState{}}
	for _, st := range states {
		if st.Source == src.Name() {
			if s, ok := src.(crm.Sweeper); ok && st.Complete && (st.Held != "" || st.Short != "" || before.lasts() && st.Stream == crm.Opportunities) {
				st.Cursor = s.SweepAgain(st.Stream, st.Cursor)
			}
			r.at[st.Stream] = st
		}
	}
	var streams []crm.Stream
	for _, s := range src.Streams() {
		if info.Offers(s) {
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
	if _, fatal := errors.AsType[*store.FileError](err); fatal || ctx.Err() != nil || ofAccount(err) {
		return r.notes, err
	}
	if rerr := r.recall(ctx); err == nil {
		err = rerr
	}
	if cerr := r.takeCensus(ctx, before); err == nil {
		err = cerr
	}
	return r.notes, err
}

// describe notes what the source can read: rules that need more are unknown.
func (in *Intake) describe(ctx context.Context, src crm.Source) (crm.Info, error) {
	info, err := src.Describe(ctx)
	if err != nil {
		return info, in.failed(ctx, src, err)
	}
	err = in.cache.Register(ctx, in.fence, src.Name(), info)
	if errors.Is(err, crm.ErrAccount) {
		return info, in.failed(ctx, src, err)
	}
	return info, store.AsFileError(err)
}

// failed notes with each stream why the whole source cannot be synced, so that status
// shows it, and returns err.
func (in *Intake) failed(ctx context.Context, src crm.Source, err error) error {
	if ctx.Err() != nil {
		return err
	}
	for _, s := range src.Streams() {
		if ferr := in.cache.StreamFailed(ctx, in.fence, src.Name(), s, err, in.cfg.Now()); ferr != nil {
			return store.AsFileError(ferr)
		}
	}
	return err
}

// Forget drops a source that is not configured from the cache.
func (in *Intake) Forget(ctx context.Context, source string) error {
	for _, note := range []string{leftNote, sightNote, staleNote} {
		if err := in.journal.Note(ctx, in.fence, note+source, ""); err != nil {
			return store.AsFileError(err)
		}
	}
	for _, s := range []crm.Stream{crm.Opportunities, crm.Users} {
		if err := in.believed(ctx, source, s); err != nil {
			return err
		}
	}
	return store.AsFileError(in.cache.Forget(ctx, in.fence, source))
}
