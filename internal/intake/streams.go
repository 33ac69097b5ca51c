package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// sideBySide is how many streams of one source are synced at once: while one stream
// waits for the CRM, another one commits. Four keep the disk busy, stay below the calls
// that CRMs allow one login at a time, and bound the memory: each stream holds two
// pages, the one that is committed and the one that was fetched ahead.
const sideBySide = 4

// reading is one sync of one source: what its streams share.
type reading struct {
	in   *Intake
	src  crm.Source
	full bool
	at   map[crm.Stream]store.StreamState // before the sync

	mu      sync.Mutex // guards what follows, and orders the calls of tell
	tell    func(Page)
	notes   []string              // what ops should know of how the source was read
	waits   map[crm.Stream]string // what each stream last waited for
	unknown []string              // ids of deals that a sweep saw and the cache does not have
	noted   int64                 // calls when the usage was last noted
	open    *int                  // how many open deals the CRM has told; nil is not known
	swept   bool                  // a sweep of deals has ended
	halted  bool                  // the account refuses: no further stream is begun

	deals chan struct{} // closed when the run of the opportunities has ended
}

func (r *reading) observe(e Event) {
	e.Source = r.src.Name()
	r.in.cfg.Observe(e)
}

// streams syncs the streams. Where the source is a [crm.Poller], one poll fetches the
// first pages of the streams whose backfill is complete. Streams may end in any order, but
// what belongs to deals ends after the deals: see afterDeals.
func (r *reading) streams(ctx context.Context, streams []crm.Stream) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	polled, err := r.poll(ctx, streams)
	if err != nil {
		return err
	}
	var rest []crm.Stream
	var failed error
	first := map[crm.Stream]*crm.Page{}
	for _, s := range streams {
		p, ok := polled[s]
		if ok && !p.More && !r.doubtful(&p) {
			if err := r.commit(ctx, &p); errors.Is(err, errDoubted) {
				if ferr := r.in.cache.StreamFailed(ctx, r.in.fence, r.src.Name(), s, err, r.in.cfg.Now()); ferr != nil {
					return store.AsFileError(ferr)
				}
				failed = cmp.Or(failed, fmt.Errorf("%s: %w", s, err))
			} else if err != nil {
				return err
			}
			continue
		}
		if rest = append(rest, s); ok {
			first[s] = &p
		}
	}
	clear(polled)
	r.deals = make(chan struct{})
	if i := slices.Index(rest, crm.Opportunities); i < 0 {
		close(r.deals)
	} else { // first: those that wait for it must not hold every slot
		rest = slices.Insert(slices.Delete(rest, i, i+1), 0, crm.Opportunities)
	}
	errs := make([]error, len(rest))
	slots := make(chan struct{}, sideBySide)
	var wg sync.WaitGroup
	for i, s := range rest {
		slots <- struct{}{}
		if r.stopped() || ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = r.stream(ctx, s, first[s])
			if s == crm.Opportunities {
				close(r.deals)
			}
			if _, ok := errors.AsType[*store.FileError](errs[i]); ok {
				cancel() // the files fail for the other streams too
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if se, ok := errors.AsType[*store.FileError](err); ok {
			return se
		}
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", rest[i], err)
		}
	}
	if failed == nil {
		failed = ctx.Err() // streams that were not begun
	}
	return failed
}

// ofAccount reports whether an error concerns the whole account rather than one stream.
func ofAccount(err error) bool {
	if q, ok := errors.AsType[*crm.QuotaError](err); ok && q.Backfill {
		return false // the increments of other streams go on
	}
	return errors.Is(err, crm.ErrAuth) || errors.Is(err, crm.ErrQuota) || errors.Is(err, crm.ErrBusy) || errors.Is(err, crm.ErrAccount)
}

// stopped reports whether a stream met an error of the whole account.
func (r *reading) stopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.halted
}

// poll fetches the first pages of the streams whose backfill is complete. Streams that
// the poll does not return are left to Fetch; only an error of the whole account is
// returned.
func (r *reading) poll(ctx context.Context, streams []crm.Stream) (map[crm.Stream]crm.Page, error) {
	p, ok := r.src.(crm.Poller)
	if !ok || r.full {
		return nil, nil
	}
	at := map[crm.Stream]crm.Cursor{}
	for _, s := range streams {
		if st := r.at[s]; st.Complete && st.Cursor != "" {
			at[s] = st.Cursor
		}
	}
	if len(at) == 0 {
		return nil, nil
	}
	pages, err := p.Poll(ctx, at)
	switch {
	case err == nil:
		return pages, nil
	case ctx.Err() != nil:
		return nil, err
	case ofAccount(err):
		for _, s := range streams {
			if _, asked := at[s]; asked {
				if ferr := r.in.cache.StreamFailed(ctx, r.in.fence, r.src.Name(), s, err, r.in.cfg.Now()); ferr != nil {
					return nil, store.AsFileError(ferr)
				}
			}
		}
		return nil, err
	}
	r.observe(Event{Kind: PollFailed, Err: err})
	return nil, nil
}

// stream syncs one stream to its present end and notes its error. first is its first
// page where a poll has fetched that page, else nil.
func (r *reading) stream(ctx context.Context, s crm.Stream, first *crm.Page) error {
	cursor := r.at[s].Cursor
	var err error
	if r.full && cursor != "" {
		cursor, err = "", r.restart(ctx, s)
	}
	if err == nil {
		err = r.pages(ctx, s, cursor, first)
	}
	if errors.Is(err, crm.ErrGone) {
		r.observe(Event{Kind: CursorGone, Stream: s})
		if err = r.restart(ctx, s); err == nil {
			err = r.pages(ctx, s, "", nil)
		}
	}
	if _, fatal := errors.AsType[*store.FileError](err); err == nil || fatal || ctx.Err() != nil {
		return err
	}
	if ofAccount(err) {
		r.mu.Lock()
		r.halted = true
		r.mu.Unlock()
	}
	if ferr := r.in.cache.StreamFailed(ctx, r.in.fence, r.src.Name(), s, err, r.in.cfg.Now()); ferr != nil {
		return store.AsFileError(ferr)
	}
	return err
}

// restart puts a stream back to its beginning.
func (r *reading) restart(ctx context.Context, s crm.Stream) error {
	return store.AsFileError(r.in.cache.Restart(ctx, r.in.fence, r.src.Name(), s))
}

// regain restarts all streams when much that a sweep had missed has come back into
// sight: a record that changed while it was out of sight gets no new stamp by coming
// back, so no increment would fetch the change. It reports whether it restarted them.
func (r *reading) regain(ctx context.Context) (bool, error) {
	if r.full {
		return false, nil
	}
	states, err := r.in.cache.Streams(ctx)
	if err != nil {
		return false, store.AsFileError(err)
	}
	back := false
	states = slices.DeleteFunc(states, func(st store.StreamState) bool { return st.Source != r.src.Name() })
	for _, st := range states {
		back = back || st.Stream.OfDeals() && st.Held == "" && r.at[st.Stream].Held != ""
	}
	if !back {
		return false, nil
	}
	r.observe(Event{Kind: Regained})
	for _, st := range states {
		if err := r.restart(ctx, st.Stream); err != nil {
			return false, err
		}
	}
	clear(r.at)
	return true, nil
}

// fetched is a page on its way from the source to the store.
type fetched struct {
	page crm.Page
	err  error
}

// pages commits the pages of a stream after the cursor, to the present end of the
// stream. first, where it is not nil, is the first of these pages.
func (r *reading) pages(ctx context.Context, s crm.Stream, cursor crm.Cursor, first *crm.Page) error {
	ctx, cancel := context.WithCancel(ctx)
	// One page ahead: fetching is network, committing is disk.
	ahead, ended := make(chan fetched), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(ahead)
		for c := cursor; ; {
			var f fetched
			if first != nil {
				f.page, first = *first, nil
			} else {
				f.page, f.err = r.src.Fetch(ctx, s, c)
			}
			if f.err == nil && f.page.More && f.page.Next == c {
				f.err = fmt.Errorf("fetch page: the source answers the same cursor again; this is a fault of the connector")
			}
			select {
			case ahead <- f:
			case <-ctx.Done():
				return
			}
			if f.err != nil || !f.page.More {
				return
			}
			c = f.page.Next
		}
	}()
	defer func() { cancel(); <-ended }()
	for {
		f, ok := <-ahead
		if !ok {
			return ctx.Err()
		}
		if f.err != nil {
			return f.err
		}
		if err := r.commit(ctx, &f.page); err != nil || !f.page.More {
			return err
		}
	}
}

// afterDeals waits for the end of the opportunities' run where the page ends a run of what
// belongs to them. A deal that is gone takes all that is its own along; dropped before it,
// the same records would look like many that one login may not see any more, and the
// guard against that would hold them.
func (r *reading) afterDeals(ctx context.Context, p *crm.Page) error {
	if p.More || p.Recalled || p.Stream == crm.Opportunities || !p.Stream.OfDeals() || r.deals == nil {
		return nil
	}
	select {
	case <-r.deals:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commit commits a page, tells of it, and notes the API usage every noteEvery calls.
func (r *reading) commit(ctx context.Context, p *crm.Page) error {
	if p.Narrowed { // first: a kill in between must not leave a page that is judged as if nothing lacked
		if _, err := r.in.describe(ctx, r.src); err != nil {
			return err
		}
	}
	if err := r.afterDeals(ctx, p); err != nil {
		return err
	}
	if r.doubtful(p) {
		if err := r.confirm(ctx, p); err != nil {
			return err
		}
	}
	n, err := r.store(ctx, p)
	if err != nil {
		return err
	}
	r.observe(Event{Kind: Committed, Stream: p.Stream, Commit: n})
	whole := r.at[p.Stream].Untold && !p.Untold && !p.More && !p.Recalled
	if err := r.in.noteLeft(ctx, r.src, p, whole); err != nil {
		return err
	}
	if err := r.in.noteSight(ctx, r.src, p, whole); err != nil {
		return err
	}
	if !p.Recalled {
		r.in.wait(r.src.Name(), p.Stream, p.Waits)
	}
	used := calls(r.src)
	r.mu.Lock()
	if p.Note != "" && !slices.Contains(r.notes, p.Note) {
		r.notes = append(slices.DeleteFunc(r.notes, func(n string) bool { return remeasured(n, p.Note) }), p.Note)
		r.observe(Event{Kind: Notice, Stream: p.Stream, Text: p.Note})
	}
	if p.Waits != "" && r.waits[p.Stream] != p.Waits {
		if r.waits == nil {
			r.waits = map[crm.Stream]string{}
		}
		r.waits[p.Stream] = p.Waits
		r.observe(Event{Kind: Notice, Stream: p.Stream, Text: p.Waits})
	}
	r.unknown = append(r.unknown, n.Unknown...)
	if p.Open != nil {
		r.open = p.Open
	}
	if p.Stream == crm.Opportunities && p.Sweep && !p.More && !p.SweepGoesOn {
		r.swept = true
	}
	r.tell(Page{
		Source: r.src.Name(), Stream: p.Stream, Done: p.Done, Total: p.Total, Added: n.Added, Changed: n.Changed, Deleted: n.Deleted,
		Calls: used, Waits: p.Waits, Ended: !p.More && !p.Recalled,
	})
	note := used-r.noted >= noteEvery
	if note {
		r.noted = used
	}
	r.mu.Unlock()
	if note {
		return r.in.noteUsage(ctx, r.src)
	}
	return nil
}

// recall fetches all that belongs to the deals that a sweep saw and the cache does not
// have. The next sweep sees the deals again that an error leaves out here.
func (r *reading) recall(ctx context.Context) error {
	slices.Sort(r.unknown)
	ids := slices.Compact(r.unknown)
	src, ok := r.src.(crm.Recaller)
	if !ok || len(ids) == 0 {
		return nil
	}
	r.observe(Event{Kind: Recalling, Deals: len(ids)})
	for some := range slices.Chunk(ids, crm.MostRecalled) {
		pages, err := src.Recall(ctx, some)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			if ferr := r.in.cache.StreamFailed(ctx, r.in.fence, r.src.Name(), crm.Opportunities, err, r.in.cfg.Now()); ferr != nil {
				return store.AsFileError(ferr)
			}
			return fmt.Errorf("recall deals: %w", err)
		}
		for i := range pages {
			p := &pages[i]
			p.Recalled = true
			if err := r.commit(ctx, p); doubted(err) {
				if ferr := r.in.cache.StreamFailed(ctx, r.in.fence, r.src.Name(), crm.Opportunities, err, r.in.cfg.Now()); ferr != nil {
					return store.AsFileError(ferr)
				}
				return fmt.Errorf("recall deals: %w", err)
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}
