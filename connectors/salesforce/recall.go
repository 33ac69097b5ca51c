package salesforce

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Recaller = (*Source)(nil)

// Recall reads opportunities anew, with the activities, history and contacts that
// belong to them.
func (s *Source) Recall(ctx context.Context, ids []string) ([]crm.Page, error) {
	if len(ids) > crm.MostRecalled {
		return nil, s.org.Fail(crm.ErrRefused, fmt.Sprintf("%s are too many to be read at once", crm.Counted(len(ids), "opportunity")), fmt.Sprintf("ask for at most %d", crm.MostRecalled))
	}
	if ids = wellFormed(ids); len(ids) == 0 {
		return nil, nil
	}
	var pages []crm.Page
	for _, name := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History, crm.Contacts} {
		page, err := s.recall(ctx, name, ids)
		if err != nil && name != crm.Opportunities && !slices.Contains(s.Streams(), name) {
			continue // the login cannot see the objects of the stream
		}
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// wellFormed are the ids that Salesforce would not refuse a query for.
func wellFormed(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		long, ok := row.LongID(id)
		return !ok || long != id
	})
}

// recall reads the rows of a stream that belong to opportunities, as a backfill would.
func (s *Source) recall(ctx context.Context, name crm.Stream, ids []string) (crm.Page, error) {
	r, err := s.certain(ctx, name, ids)
	if err != nil {
		return crm.Page{}, err
	}
	page := crm.Page{Stream: name, Recalled: true}
	for !r.ended() {
		if err := r.query(ctx, &page); err != nil {
			return crm.Page{}, err
		}
	}
	if name == crm.Opportunities && !r.gaps {
		there := map[string]bool{}
		for i := range page.Opportunities {
			there[page.Opportunities[i].ID] = true
		}
		page.Deleted = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return there[id] })
	}
	if name == crm.Contacts && r.gaps { // a link that was left out may be of one that has no other
		page.ContactsKept = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			return slices.ContainsFunc(page.Contacts, func(c crm.Contact) bool { return c.OpportunityID == id })
		})
	}
	return page, nil
}

// certain reads a stream as a backfill would, but only what belongs to certain opportunities.
func (s *Source) certain(ctx context.Context, name crm.Stream, ids []string) (*reader, error) {
	st := streams[name]
	sights, err := s.see(ctx, st)
	if err != nil {
		return nil, err
	}
	now := s.org.Clock()
	if now == 0 {
		return nil, s.noDate()
	}
	run := &cursor.Run{Full: true, NoBulk: true, Fields: names(sights), Keep: st.keepFrom(s.cfg, now)}
	r := &reader{s: s, name: name, st: st, sights: sights, c: &cursor.Cursor{Run: run}, of: ids}
	r.pass()
	return r, nil
}

// belongs is the field of an object that holds the id of the opportunity.
func belongs(object string) string {
	switch object {
	case "Opportunity":
		return "Id"
	case "Task", "Event":
		return "WhatId"
	}
	return "OpportunityId"
}
