package salesforce

import (
	"context"
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Rereader = (*Source)(nil)

// MostReread is how many opportunities one query names.
func (s *Source) MostReread() int { return confirmedAtOnce }

// Reread reads opportunities as they are now, with those that the recycle bin has.
func (s *Source) Reread(ctx context.Context, ids []string) (crm.Page, error) {
	page := crm.Page{Stream: crm.Opportunities, Recalled: true, Alone: true}
	if len(ids) > s.MostReread() {
		return page, s.org.Fail(crm.ErrRefused, fmt.Sprintf("%s are too many to be read at once", crm.Counted(len(ids), "opportunity")), fmt.Sprintf("ask for at most %d", s.MostReread()))
	}
	if ids = wellFormed(ids); len(ids) == 0 {
		return page, nil
	}
	r, err := s.certain(ctx, page.Stream, ids)
	if err != nil {
		return page, err
	}
	err = r.query(ctx, &page) // of an answer in several pages the first has to do
	return page, err
}
