package salesforce

import (
	"context"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
)

var _ crm.Linker = (*Source)(nil)

// Linked asks for activities by their ids and by the object that they are about: a row that
// lacks its WhatId in one answer is found by it in another. Contact roles are rows of their
// own, which never lose their opportunity.
func (s *Source) Linked(ctx context.Context, name crm.Stream, links []crm.Link) (there []crm.Link, err error) {
	if name != crm.Activities {
		return nil, nil
	}
	var ids []string
	for _, l := range links {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	found, err := s.Confirm(ctx, name, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Clone(links), func(l crm.Link) bool {
		_, is := slices.BinarySearch(found, l.ID)
		return !is
	}), nil
}
