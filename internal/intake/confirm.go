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
// page ends a run that mentions all records, or names many records as deleted, or says of
// records that they are linked with nothing.
func (r *reading) doubtful(p *crm.Page) bool {
	return r.missing(p) || r.unlinking(p)
}

func (r *reading) missing(p *crm.Page) bool {
	_, ok := r.src.(crm.Confirmer)
	return ok && p.Stream.OfDeals() && (!p.More && !p.Recalled || store.Doubtful(len(p.Deleted)))
}

// confirm asks the source once more about what the commit of the page would drop. Where
// the CRM refuses to answer nothing is dropped, and a later run asks again; after any other
// error the page is not committed.
func (r *reading) confirm(ctx context.Context, p *crm.Page) error {
	lost, err := r.in.cache.Losses(ctx, r.in.fence, r.src.Name(), p, r.in.cfg.Now())
	if err != nil {
		return store.AsFileError(err)
	}
	if r.missing(p) {
		if err := r.confirmGone(ctx, p, &lost); err != nil {
			return err
		}
	}
	return r.confirmNone(ctx, p, lost.Unlinked)
}

// confirmGone asks by their ids for the records that a run did not mention, and for those
// that the page names as deleted where these are many. What is there stays, and deals that
// are there are recalled.
func (r *reading) confirmGone(ctx context.Context, p *crm.Page, lost *store.Losses) error {
	ids := lost.Missed
	if store.Doubtful(len(lost.Named)) {
		ids = append(ids, lost.Named...)
	}
	if len(ids) == 0 {
		return nil
	}
	asked := ids[:min(len(ids), crm.MostConfirmed)]
	there, err := r.src.(crm.Confirmer).Confirm(ctx, p.Stream, asked) //nolint:forcetypeassert // missing has looked
	switch {
	case errors.Is(err, crm.ErrRefused):
		there = asked
		note(p, fmt.Sprintf("source %s: the CRM does not say whether %s gone that %s not read any more (%v); what is cached stays as it was, and the next sweep asks again", r.src.Name(), crm.Counted(len(ids), nounOf[p.Stream])+crm.Plural(len(ids), " is", " are"), crm.Plural(len(ids), "was", "were"), err))
	case err != nil:
		return fmt.Errorf("confirm what is gone: %w", err)
	case len(there) > 0:
		note(p, fmt.Sprintf("source %s: still in the CRM: %d of %s that a list left out, or an answer called deleted; what is there stays, and nothing has to be done", r.src.Name(), len(there), crm.Counted(len(asked), nounOf[p.Stream])))
	}
	there = append(slices.Clip(there), ids[len(asked):]...) // more than may be asked at once: at the next sweep
	p.Exist = append(slices.Clip(p.Exist), there...)
	stays := make(map[string]bool, len(there))
	for _, id := range there {
		stays[id] = true
	}
	p.Deleted = slices.DeleteFunc(slices.Clone(p.Deleted), func(id string) bool { return stays[id] })
	if p.Stream == crm.Opportunities && err == nil && !p.Recalled {
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

// nounOf is what one record of a stream is called that may be confirmed.
var nounOf = map[crm.Stream]string{crm.Opportunities: "deal", crm.Activities: "activity", crm.Contacts: "contact", crm.History: "change"}
