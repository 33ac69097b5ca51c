package hubspot

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// contacts reads the people named on the buyer's side of deals.
type contacts struct{ *walk }

// list reads the contacts of the open deals of some pages of the list that deals are
// read from too: what lags in the index, or is not calculated yet, is in the list.
func (c contacts) list(ctx context.Context) (bool, error) {
	var found []row.Record
	for range listsAtOnce {
		some, err := c.walk.list(ctx, api.Listing{Properties: append(c.view.Schema.Closing(), api.People)})
		if err != nil {
			return false, err
		}
		found = append(found, some...)
		if c.run.Done += len(some); c.run.After == "" {
			break
		}
	}
	open, people, err := c.opened(found)
	if err != nil {
		return false, err
	}
	return c.run.After == "", c.take(ctx, open, people)
}

// opened are those of the deals that are open, and which of these count contacts. The
// contacts of a deal of which that cannot be read stay as they were.
func (c contacts) opened(found []row.Record) (open []string, people map[string]bool, err error) {
	people = map[string]bool{}
	for i := range found {
		if found[i].ID == "" {
			return nil, nil, c.api.Unreadable(api.ErrNoID)
		}
		id, some := string(found[i].ID), found[i].Counts(api.People)
		closed, err := c.view.Closed(&found[i])
		if err != nil {
			if err := c.leave(&found[i], len(found), err); err != nil {
				return nil, nil, err
			}
			c.page.ContactsKept = append(c.page.ContactsKept, id)
			continue
		}
		if c.open.note(id, !closed); closed {
			delete(c.cur.Doubts, id)
		} else {
			c.open.count(id, some)
			open = append(open, id)
			people[id] = some
		}
	}
	return open, people, nil
}

// late reads the contacts of open deals, some deals at a time.
func (c contacts) late(ctx context.Context) (bool, error) {
	ids, over, err := c.lookOn(ctx)
	if err != nil {
		return false, err
	}
	c.run.Done += len(ids)
	people := c.open.counting(ids)
	links, err := c.api.Links(ctx, "deals", "contacts", ids)
	if err == nil {
		err = c.recount(ctx, ids, links, people)
	}
	if err != nil {
		return false, err
	}
	c.put(ids, links, people)
	for _, p := range c.page.Contacts {
		c.open.count(p.OpportunityID, true)
	}
	return over, nil
}

// recount asks the own records of those deals of which no contact is named although they
// counted some when that was last read: links that are gone since are no error. Where it is
// many deals at once, it is one until it is read again.
func (c contacts) recount(ctx context.Context, ids []string, links *api.Far, people map[string]bool) error {
	var ask []string
	for _, id := range ids {
		if people[id] && len(links.Of[id]) == 0 && !slices.Contains(links.Silent, id) {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 || len(ask) > api.MaxPage {
		return nil
	}
	b, err := c.api.Read(ctx, "deals", ask, []string{api.People}, nil)
	if err != nil {
		return err
	}
	for i := range b.Found {
		id, some := string(b.Found[i].ID), b.Found[i].Counts(api.People)
		people[id] = some
		c.open.count(id, some)
	}
	return nil
}

// changed reads the contacts of the deals that changed.
func (c contacts) changed(ctx context.Context) (bool, error) {
	h, err := c.ids(ctx, searchesOnce)
	if err != nil {
		return false, err
	}
	for _, id := range h.ids {
		c.open.count(id, h.people[id])
	}
	if err := c.take(ctx, h.due(c.object, c.cur.memory), h.people); err != nil {
		return false, err
	}
	for _, p := range c.page.Contacts {
		c.rememberAs(p.OpportunityID, h.stamps[p.OpportunityID])
	}
	return h.done, nil
}

// take reads the contacts of deals and puts the contacts on the page.
func (c contacts) take(ctx context.Context, ids []string, people map[string]bool) error {
	links, err := c.links(ctx, "contacts", ids)
	if err == nil {
		c.put(ids, links, people)
	}
	return err
}

// put puts the contacts of deals on the page. A deal whose own record counts people, and of
// which an answer names none, is not one without contacts, for as long as that is in doubt.
func (c contacts) put(ids []string, links *api.Far, people map[string]bool) {
	var untold []string
	for _, id := range ids {
		switch {
		case slices.Contains(links.Silent, id):
		case len(links.Of[id]) == 0 && people[id] && c.doubted(id):
			untold = append(untold, id)
		default:
			c.settle(id, len(links.Of[id]) == 0 && people[id])
			c.page.ContactsOf = append(c.page.ContactsOf, id)
			c.page.Contacts = append(c.page.Contacts, portal.Contacts(id, links.Of[id])...)
		}
	}
	c.page.ContactsKept = slices.Concat(c.page.ContactsKept, links.Silent, untold)
	c.odd(untold...)
	c.unlinked("contacts", links.Silent)
	if len(untold) > 0 {
		c.note(fmt.Sprintf("%s: HubSpot names no contact of %s (%s) whose own %s some; what is cached of %s stays as it was, how many contacts the others have is unknown, and a later run asks again",
			c.where, crm.Counted(len(untold), "deal"), sample(untold), crm.Plural(len(untold), "record counts", "records count"), crm.Plural(len(untold), "it", "these deals")))
	}
}
