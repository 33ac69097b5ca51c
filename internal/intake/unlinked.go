package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/crm"
)

// A CRM that answers "none" when it is asked what a record is linked with is believed where
// nothing is known to the contrary: most activities belong to no deal. Where the cache has
// links, another side is asked first, because an answer that says "none" of everything is
// no error, and a deal without its activities looks like one that nobody works on.

// unlinking reports whether the page says of records that they are linked with nothing.
func (r *reading) unlinking(p *crm.Page) bool {
	if _, ok := r.src.(crm.Linker); !ok {
		return false
	}
	if slices.ContainsFunc(p.Activities, func(a crm.Activity) bool { return len(a.OpportunityIDs) == 0 }) {
		return true
	}
	return len(contactless(p)) > 0
}

// contactless lists the opportunities that by the page have no contacts.
func contactless(p *crm.Page) []string {
	have := make(map[string]bool, len(p.Contacts))
	for i := range p.Contacts {
		have[p.Contacts[i].OpportunityID] = true
	}
	return slices.DeleteFunc(slices.Clone(p.ContactsOf), func(id string) bool { return have[id] })
}

// confirmNone asks from another side for the links that the page says are none. An activity
// keeps those that are there, and a deal with one of them all its contacts.
func (r *reading) confirmNone(ctx context.Context, p *crm.Page, links []crm.Link) error {
	if len(links) == 0 || !r.unlinking(p) {
		return nil
	}
	asked := links[:min(len(links), crm.MostConfirmed)]
	there, err := r.src.(crm.Linker).Linked(ctx, p.Stream, asked) //nolint:forcetypeassert // unlinking has looked
	switch {
	case errors.Is(err, crm.ErrRefused):
		there = asked
		note(p, fmt.Sprintf("source %s: an answer says that %s of deals with %s %s, and the CRM does not confirm it (%v); what is cached stays as it was, and a later run reads it again", r.src.Name(), crm.Counted(len(links), "link"), p.Stream, crm.Plural(len(links), "is none", "are none"), err))
	case err != nil:
		return fmt.Errorf("confirm that links are none: %w", err)
	case len(there) > 0:
		note(p, fmt.Sprintf("source %s: the CRM contradicts itself; still there: %d of %s of deals with %s that an answer called none; what is there stays as it was, a later run reads it again, and nothing has to be done", r.src.Name(), len(there), crm.Counted(len(asked), "link"), p.Stream))
	}
	if there = append(slices.Clip(there), links[len(asked):]...); len(there) == 0 { // more than may be asked at once stay too
		return nil
	}
	of, kept := make(map[string][]string, len(there)), make(map[string]bool, len(there))
	for _, l := range there {
		of[l.ID] = append(of[l.ID], l.OpportunityID)
		kept[l.OpportunityID] = true
	}
	p.Activities = slices.Clone(p.Activities)
	for i := range p.Activities {
		if a := &p.Activities[i]; len(a.OpportunityIDs) == 0 {
			a.OpportunityIDs = of[a.ID]
		}
	}
	var still []string
	for _, id := range contactless(p) {
		if kept[id] {
			still = append(still, id)
		}
	}
	p.ContactsKept = append(slices.Clip(p.ContactsKept), still...)
	p.ContactsOf = slices.DeleteFunc(slices.Clone(p.ContactsOf), func(id string) bool { return slices.Contains(still, id) })
	return nil
}
