package hubspot

import (
	"context"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Confirmer = (*Source)(nil)

// Confirm reads deals and activities by their ids. The links to contacts have no ids.
// Merged deals are gone though HubSpot answers with the deals that they were merged into.
func (s *Source) Confirm(ctx context.Context, name crm.Stream, ids []string) (there []string, err error) {
	v, err := s.survey.look(ctx)
	if err != nil {
		return nil, err
	}
	objects := map[crm.Stream][]string{crm.Opportunities: {"deals"}, crm.Activities: portal.Activities}[name]
	for _, object := range objects {
		var own []string
		for _, id := range ids {
			if number, ok := strings.CutPrefix(id, portal.Name(object, "")); ok {
				own = append(own, number)
			}
		}
		if !v.hidden(object) {
			if own, err = s.confirm(ctx, object, own); err != nil {
				return nil, err
			}
		}
		for _, number := range own {
			there = append(there, portal.Name(object, number))
		}
	}
	return there, nil
}

// confirm returns those of the ids of one kind that HubSpot does not name as gone.
func (s *Source) confirm(ctx context.Context, object string, ids []string) ([]string, error) {
	properties := []string{"hs_object_id"}
	if object == "deals" {
		properties = append(properties, portal.Merged)
	}
	b, err := s.api.Confirm(ctx, object, ids, properties)
	if err != nil {
		return nil, err
	}
	gone := make(map[string]bool, len(b.Gone))
	for _, id := range b.Gone {
		gone[id] = true
	}
	for i := range b.Found {
		for _, id := range portal.Swallowed(&b.Found[i]) {
			gone[id] = true
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return gone[id] }), nil
}
