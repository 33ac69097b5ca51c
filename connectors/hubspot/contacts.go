package hubspot

import (
	"context"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
)

// contacts reads the people named on the buyer's side of deals.
type contacts struct{ *walk }

// ofOpen is the condition of open deals.
func ofOpen() api.Filter { return api.Filter{Property: "hs_is_closed", Operator: "EQ", Value: "false"} }

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
	return h.done, c.take(ctx, h.ids)
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
