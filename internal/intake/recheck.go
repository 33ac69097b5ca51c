package intake

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// mostRereads is how many calls one Recheck makes to read deals once more.
const mostRereads = 5

// Rechecked is what a Recheck found.
type Rechecked struct {
	Read    []string // deals that were read once more
	Changed int      // deals of the cache that changed or were dropped
}

// Rereads is how many deals of the source one Recheck can read once more; 0 is none.
func (in *Intake) Rereads(src crm.Source) int {
	r, ok := src.(crm.Rereader)
	if !ok || in.justSynced(src.Name()) {
		return 0
	}
	return mostRereads * r.MostReread()
}

// Recheck brings opportunities of the cache up to date that somebody is about to be told of.
// A [crm.Rereader] reads the first of ids once more, with mostRereads calls at most and not
// right after a sync: an increment is some minutes old. A [crm.Confirmer] is asked whether
// the others are still there, because an increment may tell of a deletion an hour late, and
// of a purge not at all. What is not there is dropped, but not so many at once that a login
// which lost a permission would look the same: these are left to the next sweep. Recheck moves
// no cursor, waits until no sync of the source runs, and is not meant for each evaluation: it
// costs a call for about a hundred opportunities.
func (in *Intake) Recheck(ctx context.Context, src crm.Source, ids []string) (Rechecked, error) {
	var out Rechecked
	if len(ids) == 0 {
		return out, nil
	}
	turn := in.turns[src.Name()]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return out, ctx.Err()
	}
	if err := in.resume(ctx, src); err != nil {
		return out, err
	}
	r := &reading{in: in, src: src, noted: calls(src), tell: func(p Page) { out.Changed += p.Added + p.Changed + p.Deleted }}
	known, err := r.reread(ctx, ids[:min(len(ids), in.Rereads(src))], &out)
	if err == nil {
		err = r.confirmThere(ctx, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return known[id] }))
	}
	if uerr := in.noteUsage(ctx, src); uerr != nil {
		err = uerr
	}
	return out, err
}

// reread reads opportunities once more, and returns those of which the answers said
// something. An error of the whole account is returned; after any other, what was not read
// is as it was, and status says so.
func (r *reading) reread(ctx context.Context, ids []string, out *Rechecked) (known map[string]bool, err error) {
	known = map[string]bool{}
	if len(ids) == 0 {
		return known, nil
	}
	src := r.src.(crm.Rereader) //nolint:forcetypeassert // Rereads has looked
	for some := range slices.Chunk(ids, src.MostReread()) {
		p, ferr := src.Reread(ctx, some)
		if ferr != nil {
			if nerr := r.in.noteStale(ctx, r.src.Name(), ferr.Error()); nerr != nil {
				return nil, nerr
			}
			if ctx.Err() != nil || ofAccount(ferr) {
				return nil, fmt.Errorf("read deals once more: %w", ferr)
			}
			return known, nil
		}
		if err := r.commit(ctx, &p); doubted(err) {
			return known, r.in.noteStale(ctx, r.src.Name(), err.Error())
		} else if err != nil {
			return nil, err
		}
		for i := range p.Opportunities {
			out.Read = append(out.Read, p.Opportunities[i].ID)
		}
		for _, id := range slices.Concat(out.Read, p.Deleted) {
			known[id] = true
		}
	}
	if err := r.in.noteStale(ctx, r.src.Name(), ""); err != nil {
		return nil, err
	}
	return known, r.recall(ctx) // into which others were merged, and such
}

// confirmThere drops the opportunities that the CRM names as gone.
func (r *reading) confirmThere(ctx context.Context, ids []string) error {
	asks, ok := r.src.(crm.Confirmer)
	if !ok || len(ids) == 0 {
		return nil
	}
	states, err := r.in.cache.Streams(ctx)
	if err != nil {
		return store.AsFileError(err)
	}
	records := 0
	for _, st := range states {
		if st.Source == r.src.Name() && st.Stream == crm.Opportunities {
			records = st.Records
		}
	}
	p := crm.Page{Stream: crm.Opportunities, Recalled: true, AsOf: r.in.cfg.Now()}
	for some := range slices.Chunk(ids, crm.MostConfirmed) {
		there, err := asks.Confirm(ctx, crm.Opportunities, some)
		if err != nil {
			return fmt.Errorf("ask for deals by id: %w", err)
		}
		have := make(map[string]bool, len(there))
		for _, id := range there {
			have[id] = true
		}
		for _, id := range some {
			if !have[id] {
				p.Deleted = append(p.Deleted, id)
			}
		}
	}
	switch {
	case len(p.Deleted) == 0:
		return nil
	case len(p.Deleted) > store.Bearable(p.Stream, records):
		r.observe(Event{Kind: Notice, Stream: p.Stream, Text: fmt.Sprintf(
			"%d of %s with findings %s not there any more; so many at once are dropped by a sweep only, so until then %s named", len(p.Deleted), crm.Counted(len(ids), "deal"),
			crm.Plural(len(p.Deleted), "is", "are"), crm.Plural(len(p.Deleted), "it is", "they are"))})
		return nil
	}
	n, err := r.in.commit(ctx, r.src.Name(), &p)
	if err != nil {
		return store.AsFileError(err)
	}
	r.observe(Event{Kind: Committed, Stream: p.Stream, Commit: n})
	r.tell(Page{Source: r.src.Name(), Stream: p.Stream, Deleted: n.Deleted})
	return nil
}
