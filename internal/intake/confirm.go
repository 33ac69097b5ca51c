package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// doubtful reports whether what the commit of the page drops may have to be confirmed: the
// page ends a run that mentions all records, or names many records as deleted.
func (r *reading) doubtful(p *crm.Page) bool {
	_, ok := r.src.(crm.Confirmer)
	return ok && !p.Recalled && p.Stream.OfDeals() && (!p.More || store.Doubtful(len(p.Deleted)))
}

// confirm asks the source by their ids for the records that the commit of the page would
// drop because a run did not mention them, and for the open deals that the page names as
// deleted where these are many. What is there stays, and deals that are there are recalled.
// Where the CRM refuses to answer nothing is dropped, and the next sweep asks again; after
// any other error the page is not committed.
func (r *reading) confirm(ctx context.Context, p *crm.Page) error {
	lost, err := r.in.cache.Losses(ctx, r.in.fence, r.src.Name(), p, r.in.cfg.Now())
	if err != nil {
		return store.AsFileError(err)
	}
	ids := lost.Missed
	if store.Doubtful(len(lost.Named)) {
		ids = append(ids, lost.Named...)
	}
	if len(ids) == 0 {
		return nil
	}
	asked := ids[:min(len(ids), crm.MostConfirmed)]
	there, err := r.src.(crm.Confirmer).Confirm(ctx, p.Stream, asked) //nolint:forcetypeassert // doubtful has looked
	switch {
	case errors.Is(err, crm.ErrRefused):
		there = asked
		note(p, fmt.Sprintf("source %s: the CRM does not say whether %d %s are gone that were not read any more (%v); they stay as they were, and the next sweep asks again", r.src.Name(), len(ids), p.Stream, err))
	case err != nil:
		return fmt.Errorf("confirm what is gone: %w", err)
	case len(there) > 0:
		note(p, fmt.Sprintf("source %s: %d of %d %s that a list left out, or an answer called deleted, are still in the CRM; they stay, and nothing has to be done", r.src.Name(), len(there), len(asked), p.Stream))
	}
	there = append(slices.Clip(there), ids[len(asked):]...) // more than may be asked at once: at the next sweep
	p.Exist = append(slices.Clip(p.Exist), there...)
	p.Deleted = slices.DeleteFunc(slices.Clone(p.Deleted), func(id string) bool { return slices.Contains(there, id) })
	if p.Stream == crm.Opportunities && err == nil {
		r.mu.Lock()
		r.unknown = append(r.unknown, there...)
		r.mu.Unlock()
	}
	return nil
}

// note adds a sentence for ops to the page's note.
func note(p *crm.Page, text string) {
	if p.Note != "" {
		text = p.Note + "; " + text
	}
	p.Note = text
}
