package hubspot

import (
	"context"
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
	for range listsAtOnce {
		found, err := c.walk.list(ctx, api.Listing{Properties: c.view.Schema.Closing()})
		if err != nil {
			return false, err
		}
		for i := range found {
			if found[i].ID == "" {
				return false, c.api.Unreadable(api.ErrNoID)
			}
			if closed, _ := c.view.End(&found[i]); !closed {
				open = append(open, string(found[i].ID))
			}
		}
		if c.run.Done += len(found); c.run.After == "" {
			break
		}
	}
	return c.run.After == "", c.take(ctx, open)
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
	return h.done, c.take(ctx, h.ids)
}

// changed reads the contacts of the deals that changed.
func (c contacts) changed(ctx context.Context) (bool, error) {
	h, err := c.ids(ctx, searchesOnce)
	if err != nil {
		return false, err
	}
	if err := c.take(ctx, h.due(c.object, c.cur.memory)); err != nil {
		return false, err
	}
	for _, p := range c.page.Contacts {
		c.rememberAs(p.OpportunityID, h.stamps[p.OpportunityID])
	}
	return h.done, nil
}

// take reads the contacts of deals and puts the contacts on the page.
func (c contacts) take(ctx context.Context, ids []string) error {
	links, err := c.api.Links(ctx, "deals", "contacts", ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if slices.Contains(links.Silent, id) {
			continue
		}
		c.page.ContactsOf = append(c.page.ContactsOf, id)
		c.page.Contacts = append(c.page.Contacts, portal.Contacts(id, links.Of[id])...)
	}
	c.page.ContactsKept = links.Silent
	c.unlinked("contacts", links.Silent)
	return nil
}
