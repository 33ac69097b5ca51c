package hubspot

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// activities reads one kind of activity with the deals of each activity.
type activities struct{ *walk }

// listsAtOnce is how many pages of a list share one call for their deals.
const listsAtOnce = 5

// list reads some pages of the backfill.
func (a activities) list(ctx context.Context) (bool, error) {
	var found []row.Record
	for range listsAtOnce {
		some, err := a.walk.list(ctx, api.Listing{Properties: portal.ActivityProperties[a.object]})
		if err != nil {
			return false, err
		}
		found = append(found, some...)
		a.run.Done += len(some)
		if a.run.After == "" {
			break
		}
	}
	return a.run.After == "", a.take(ctx, found)
}

// changed reads one page of an increment.
func (a activities) changed(ctx context.Context) (bool, error) {
	first := a.run.LastID == ""
	h, err := a.search(ctx, searchesOnce, api.Stamped(a.cur.from(a.object, a.cfg.Overlap)))
	if err != nil {
		return false, err
	}
	a.cur.heard(a.object, first, h.ids)
	a.unnamed(h)
	if err := h.readBy(ctx, a.api, a.object, portal.ActivityProperties[a.object], nil, a.cur.memory); err != nil {
		return false, err
	}
	for _, id := range h.gone {
		a.page.Deleted = append(a.page.Deleted, portal.Name(a.object, id))
	}
	a.mute(h.mute)
	return h.done, a.take(ctx, h.found)
}

// take reads the deals of activities and puts the activities on the page. An activity
// without a deal is left out of the first backfill only: later it may have lost a deal.
func (a activities) take(ctx context.Context, found []row.Record) error {
	if len(found) == 0 {
		return nil
	}
	for i := range found {
		if found[i].ID == "" {
			return a.api.Unreadable(api.ErrNoID)
		}
	}
	asOf, lacks := time.Unix(a.run.Began, 0).UTC(), a.told.lacks(a.object, found)
	var kept []crm.Activity
	var ids []string
	of, lost := map[string]*row.Record{}, map[string][]string{}
	for i := range found {
		one := a.view.Activity(a.object, &found[i], nil, asOf)
		switch {
		case one.Unclear || !a.kept().ended(&one):
			kept, ids = append(kept, one), append(ids, string(found[i].ID))
			of[one.ID], lost[one.ID] = &found[i], lacks[i]
		case a.run.drops():
			a.page.Deleted = append(a.page.Deleted, one.ID)
		}
	}
	deals, err := a.links(ctx, "deals", ids)
	if err != nil {
		return err
	}
	a.unlinked("deals", deals.Silent)
	a.stay(deals.Silent)
	for i := range kept {
		if slices.Contains(deals.Silent, ids[i]) {
			continue
		}
		kept[i].OpportunityIDs = row.LinkIDs(deals.Of[ids[i]])
		if len(kept[i].OpportunityIDs) > 0 || a.run.drops() {
			a.page.Activities = append(a.page.Activities, kept[i])
		}
		switch names := lost[kept[i].ID]; {
		case kept[i].Unclear:
			a.odd(ids[i])
		case len(names) > 0:
			a.detailsLost(ids[i], names)
		case atRest(&kept[i]):
			a.remember(of[kept[i].ID])
		}
	}
	return nil
}

// atRest reports whether nothing of an activity changes but with a new stamp.
func atRest(a *crm.Activity) bool {
	return len(a.OpportunityIDs) > 0 && !a.Unclear && (a.Done || a.Kind != crm.Meeting)
}
