package hubspot

import (
	"context"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Linker = (*Source)(nil)

// Linked asks for links from the end that the streams do not begin at: activities are read
// with their deals, so deals are asked for their activities, and contacts, which are read by
// their deals, for their deals.
func (s *Source) Linked(ctx context.Context, name crm.Stream, links []crm.Link) (there []crm.Link, err error) {
	v, err := s.survey.look(ctx)
	if err != nil {
		return nil, err
	}
	switch name {
	case crm.Activities:
		return linker{s, v}.activities(ctx, links)
	case crm.Contacts:
		return linker{s, v}.contacts(ctx, links)
	}
	return nil, nil
}

// linker is one call of Linked.
type linker struct {
	s    *Source
	view *view
}

func (k linker) contacts(ctx context.Context, links []crm.Link) (there []crm.Link, err error) {
	person := func(l crm.Link) string { return strings.TrimPrefix(l.ID, l.OpportunityID+":") }
	said, err := k.ask(ctx, "contacts", "deals", idsOf(links, person))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(links), func(l crm.Link) bool { return !said.May(person(l), l.OpportunityID) }), nil
}

// activities asks deals for their activities. Where HubSpot tells a deal no activity of any
// kind, and the deal's own record counts some, neither end of an association is answered.
func (k linker) activities(ctx context.Context, links []crm.Link) (there []crm.Link, err error) {
	deal := func(l crm.Link) string { return l.OpportunityID }
	var denied []crm.Link
	for _, object := range portal.Activities {
		own := slices.DeleteFunc(slices.Clone(links), func(l crm.Link) bool { return !strings.HasPrefix(l.ID, portal.Name(object, "")) })
		if len(own) == 0 {
			continue
		}
		said, err := k.ask(ctx, "deals", object, idsOf(own, deal))
		if err != nil {
			return nil, err
		}
		for _, l := range own {
			if said.May(l.OpportunityID, strings.TrimPrefix(l.ID, portal.Name(object, ""))) {
				there = append(there, l)
			} else {
				denied = append(denied, l)
			}
		}
	}
	odd, err := k.odd(ctx, idsOf(denied, deal))
	if err != nil {
		return nil, err
	}
	for _, l := range denied {
		if slices.Contains(odd, l.OpportunityID) {
			there = append(there, l)
		}
	}
	return there, nil
}

// odd returns those of the deals whose own records count activities and that have none of any
// kind that the token may read.
func (k linker) odd(ctx context.Context, deals []string) ([]string, error) {
	deals, err := k.counting(ctx, deals)
	if err != nil {
		return nil, err
	}
	for _, object := range portal.Activities {
		if len(deals) == 0 || k.view.hidden(object) {
			continue
		}
		said, err := k.ask(ctx, "deals", object, deals)
		if err != nil {
			return nil, err
		}
		deals = slices.DeleteFunc(deals, func(id string) bool { return len(said.Of[id]) > 0 })
	}
	return deals, nil
}

// counting returns those of the deals whose own records count activities.
func (k linker) counting(ctx context.Context, deals []string) (out []string, err error) {
	if len(deals) == 0 {
		return nil, nil
	}
	b, err := k.s.api.Confirm(ctx, "deals", deals, []string{api.Touches})
	if err != nil {
		return nil, err
	}
	for i := range b.Found {
		if b.Found[i].Counts(api.Touches) {
			out = append(out, string(b.Found[i].ID))
		}
	}
	return out, nil
}

// ask asks for the associations of records with records of another kind. Where the token may
// not read one of the kinds, the error says so and wraps crm.ErrRefused.
func (k linker) ask(ctx context.Context, from, to string, ids []string) (*api.Far, error) {
	for _, object := range []string{from, to} {
		if err := k.view.refused[object]; err != nil {
			return nil, err
		}
	}
	return k.s.api.Links(ctx, from, to, ids)
}

// idsOf lists one end of the links, each id once.
func idsOf(links []crm.Link, end func(crm.Link) string) (ids []string) {
	for _, l := range links {
		ids = append(ids, end(l))
	}
	slices.SortFunc(ids, row.ByNumber)
	return slices.Compact(ids)
}
