package hubspot

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
)

// contacts reads the people named on the buyer's side of deals.
type contacts struct{ *walk }

// ofOpen is the condition of deals that are not known to be closed.
func ofOpen() api.Filter {
	return api.Filter{Property: "hs_is_closed", Operator: "EQ", Value: "false", OrEmpty: true}
}

// list reads the contacts of the open deals of some pages of the list that deals are
// read from too: what lags in the index, or is not calculated yet, is in the list.
func (c contacts) list(ctx context.Context) (bool, error) {
	var open []string
	people := map[string]bool{}
	for range listsAtOnce {
		found, err := c.walk.list(ctx, api.Listing{Properties: append(c.view.Schema.Closing(), api.People)})
		if err != nil {
			return false, err
		}
		for i := range found {
			if found[i].ID == "" {
				return false, c.api.Unreadable(api.ErrNoID)
			}
			if closed, _ := c.view.End(&found[i]); !closed {
				open = append(open, string(found[i].ID))
				people[string(found[i].ID)] = found[i].Counts(api.People)
			}
		}
		if c.run.Done += len(found); c.run.After == "" {
			break
		}
	}
	return c.run.After == "", c.take(ctx, open, people)
}

// open reads the contacts of all open deals: a link that comes or goes leaves no
// stamp on the deal.
func (c contacts) open(ctx context.Context) (bool, error) {
	h, err := c.search(ctx, searchesOnce, ofOpen())
	if err != nil {
		return false, err
	}
	if c.run.Total == 0 {
		c.run.Total = h.total
	}
	return h.done, c.take(ctx, h.ids, h.people)
}

// changed reads the contacts of the deals that changed.
func (c contacts) changed(ctx context.Context) (bool, error) {
	h, err := c.ids(ctx, searchesOnce)
	if err != nil {
		return false, err
	}
	if err := c.take(ctx, h.due(c.object, c.cur.memory), h.people); err != nil {
		return false, err
	}
	for _, p := range c.page.Contacts {
		c.rememberAs(p.OpportunityID, h.stamps[p.OpportunityID])
	}
	return h.done, nil
}

// take reads the contacts of deals and puts the contacts on the page. A deal whose own record
// counts people, and of which an answer names none, is not one without contacts: the index
// that counts may be late, but an answer that says "none" of every deal is no error.
func (c contacts) take(ctx context.Context, ids []string, people map[string]bool) error {
	links, err := c.api.Links(ctx, "deals", "contacts", ids)
	if err != nil {
		return err
	}
	var untold []string
	for _, id := range ids {
		switch {
		case slices.Contains(links.Silent, id):
		case len(links.Of[id]) == 0 && people[id]:
			untold = append(untold, id)
		default:
			c.page.ContactsOf = append(c.page.ContactsOf, id)
			c.page.Contacts = append(c.page.Contacts, portal.Contacts(id, links.Of[id])...)
		}
	}
	c.page.ContactsKept = slices.Concat(links.Silent, untold)
	c.unlinked("contacts", links.Silent)
	if len(untold) > 0 {
		c.note(fmt.Sprintf("%s: HubSpot names no contact of %d deals (%s) whose own records count some; what is cached of these deals stays as it was, how many contacts the others have is unknown, and a later run asks again",
			c.where, len(untold), sample(untold)))
	}
	return nil
}
