package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// A deal that was read once more since the last sync is ahead of its activities and contacts.
// Who moves a deal on has often just logged the call, which the next sync reads. So until then
// the findings of such a deal end, are re-dated and move with their owner, and none begins.

// aheadNote begins the name of the note that keeps which deals of a source are ahead.
const aheadNote = "ahead|"

// ahead are deals that were read once more since a sync.
type ahead struct {
	AsOf  time.Time `json:"as_of"` // as of which the sync was
	Deals []string  `json:"deals"`
}

// Ahead notes that deals of the source were read once more since its last sync. A repetition
// changes nothing, so a crash before the next evaluation costs nothing.
func (e *Evaluation) Ahead(ctx context.Context, src *Source, deals []string) error {
	v, err := e.Verdict(ctx, src)
	if err != nil {
		return err
	}
	before, err := e.aheads(ctx, src, &v)
	if err != nil {
		return err
	}
	after := slices.Compact(slices.Sorted(slices.Values(slices.Concat(before, deals))))
	if len(after) == len(before) {
		return nil
	}
	b, err := json.Marshal(ahead{v.AsOf, after})
	if err != nil {
		return fmt.Errorf("note which deals are ahead: %w", err)
	}
	return store.AsFileError(e.journal.Note(ctx, e.fence, aheadNote+src.Name(), string(b)))
}

// aheads are the deals that are ahead of the last sync, in order.
func (e *Evaluation) aheads(ctx context.Context, src *Source, v *Verdict) ([]string, error) {
	s, err := e.journal.Noted(ctx, aheadNote+src.Name())
	if err != nil || s == "" {
		return nil, store.AsFileError(err)
	}
	var of ahead
	if err := json.Unmarshal([]byte(s), &of); err != nil {
		return nil, fmt.Errorf("read which deals are ahead: %w", err)
	}
	if !of.AsOf.Equal(v.AsOf) {
		return nil, nil
	}
	return of.Deals, nil
}

// waits returns what keeps findings from beginning on deals that are ahead of the last sync;
// nil where none is.
func (e *Evaluation) waits(ctx context.Context, src *Source, v *Verdict) (func(*hygiene.Result), error) {
	ids, err := e.aheads(ctx, src, v)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	open := map[hygiene.Key]bool{}
	err = e.journal.Lives(ctx, e.cfg.Now(), func(l hygiene.Life) error {
		if _, ok := slices.BinarySearch(ids, l.Record); ok && l.Source == src.Name() && l.State == hygiene.Open {
			k := l.Key
			k.Source, k.Record, k.Rule, k.Subject = strings.Clone(k.Source), strings.Clone(k.Record), strings.Clone(k.Rule), strings.Clone(k.Subject)
			open[k] = true
		}
		return nil
	})
	return func(r *hygiene.Result) {
		if _, ok := slices.BinarySearch(ids, r.Record); ok {
			r.Continue(func(k hygiene.Key) bool { return open[k] })
		}
	}, store.AsFileError(err)
}
