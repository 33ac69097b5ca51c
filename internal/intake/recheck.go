package intake

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// Recheck asks the source by their ids whether opportunities of the cache are still
// there, and drops those that the CRM names as gone: an increment may tell of a deletion
// an hour late, and of a purge not at all. So many at once that a login which lost a
// permission would look the same are left to the next sweep. A source that is no
// [crm.Confirmer] is not asked. It waits until no sync of the source runs, and has to be
// called before something is sent about these opportunities, not before each evaluation:
// it costs a call for about a hundred of them.
func (in *Intake) Recheck(ctx context.Context, src crm.Source, ids []string) (gone int, err error) {
	asks, ok := src.(crm.Confirmer)
	if !ok || len(ids) == 0 {
		return 0, nil
	}
	turn := in.turns[src.Name()]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if err := in.resume(ctx, src); err != nil {
		return 0, err
	}
	states, err := in.cache.Streams(ctx)
	if err != nil {
		return 0, store.AsFileError(err)
	}
	records := 0
	for _, st := range states {
		if st.Source == src.Name() && st.Stream == crm.Opportunities {
			records = st.Records
		}
	}
	p := crm.Page{Stream: crm.Opportunities, Recalled: true, AsOf: in.cfg.Now()}
	for some := range slices.Chunk(ids, crm.MostConfirmed) {
		there, err := asks.Confirm(ctx, crm.Opportunities, some)
		if err != nil {
			return 0, fmt.Errorf("ask for deals by id: %w", err)
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
	if uerr := in.noteUsage(ctx, src); uerr != nil {
		return 0, uerr
	}
	switch {
	case len(p.Deleted) == 0:
		return 0, nil
	case len(p.Deleted) > store.Bearable(p.Stream, records):
		in.cfg.Observe(Event{Kind: Notice, Source: src.Name(), Stream: p.Stream, Text: fmt.Sprintf(
			"%d of %s with findings %s not there any more; so many at once are dropped by a sweep only, so until then %s named", len(p.Deleted), crm.Counted(len(ids), "deal"),
			crm.Plural(len(p.Deleted), "is", "are"), crm.Plural(len(p.Deleted), "it is", "they are"))})
		return 0, nil
	}
	n, err := in.commit(ctx, src.Name(), &p)
	if err != nil {
		return 0, store.AsFileError(err)
	}
	in.cfg.Observe(Event{Kind: Committed, Source: src.Name(), Stream: p.Stream, Commit: n})
	return n.Deleted, nil
}
