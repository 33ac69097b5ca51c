package hubspot

import (
	"context"
	"fmt"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// history reads the former values of the fields of deals.
type history struct{ *walk }

// list reads one page of the backfill.
func (h history) list(ctx context.Context) (bool, error) {
	names := append([]string{}, h.view.selection(crm.History)...)
	found, err := h.walk.list(ctx, api.Listing{Properties: h.view.Schema.Present(), History: names})
	if err != nil {
		return false, err
	}
	h.run.Done += len(found)
	return h.run.After == "", h.take(found)
}

// changed reads one page of an increment.
func (h history) changed(ctx context.Context) (bool, error) {
	hit, err := h.modified(ctx, h.view.Schema.Present(), h.view.selection(crm.History))
	if err != nil {
		return false, err
	}
	h.mute(hit.mute)
	return hit.done, h.take(hit.found)
}

// take puts the changes of deals on the page.
func (h history) take(found []row.Record) error {
	for i := range found {
		if found[i].ID == "" {
			return h.api.Unreadable(api.ErrNoID)
		}
		if h.kept().closed(h.view.End(&found[i])) {
			continue
		}
		id := string(found[i].ID)
		changes, lost, odd := h.view.Changes(&found[i])
		h.page.Changes = append(h.page.Changes, changes...)
		switch {
		case len(lost) > 0:
			h.lose(id, lost)
		case len(found[i].History) > 0: // an answer without any says nothing
			h.remember(&found[i])
		}
		if len(odd) > 0 {
			h.note(fmt.Sprintf("%s: the history of deal %s has entries that cannot be read (%s); they are left out, the others count, and nothing has to be done", h.where, id, sample(odd)))
		}
	}
	return nil
}

// lose says on the page what an answer lacks of a deal's history.
func (h history) lose(id string, lost []string) {
	h.odd(id)
	h.leftOut(sample(lost), id)
	h.note(fmt.Sprintf("%s: HubSpot did not answer for the whole history of deal %s (%s); what came counts, and the next run asks again", h.where, id, sample(lost)))
}
