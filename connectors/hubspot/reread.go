package hubspot

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Rereader = (*Source)(nil)

// MostReread is how many deals one call reads.
func (s *Source) MostReread() int { return s.cfg.PageLimit }

// Reread reads deals as they are now: by their ids HubSpot does not answer from the index,
// which lags. A deal that was merged is gone though HubSpot answers with the deal that it was
// merged into. A deal that was deleted is only not there, which Confirm makes sure of.
func (s *Source) Reread(ctx context.Context, ids []string) (crm.Page, error) {
	if len(ids) > s.MostReread() {
		return crm.Page{}, s.api.Fail(crm.ErrRefused, fmt.Sprintf("%s are too many to be read at once", crm.Counted(len(ids), "deal")), fmt.Sprintf("ask for at most %d", s.MostReread()))
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !row.IsID(id) })
	if len(ids) == 0 {
		return crm.Page{Stream: crm.Opportunities, Recalled: true, Alone: true}, nil
	}
	v, err := s.survey.look(ctx)
	if err != nil {
		return crm.Page{}, err
	}
	b, err := s.api.Look(ctx, "deals", ids, v.Schema.Selection())
	if err != nil {
		return crm.Page{}, err
	}
	r := recall{s: s, view: v, read: b}
	w := r.walk(crm.Opportunities, "deals")
	w.page.Alone, w.page.Deleted = true, slices.Clone(b.Gone)
	if err := (deals{w}).take(ctx, b.Found); err != nil {
		return crm.Page{}, err
	}
	s.memories.forget(w.page)
	return *w.page, nil
}
