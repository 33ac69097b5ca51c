package hubspot

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// deals reads the state of deals.
type deals struct{ *walk }

// list reads one page of the backfill.
func (d deals) list(ctx context.Context) (bool, error) {
	names := d.view.Schema.Selection()
	ask := api.Listing{Properties: names}
	if !api.Fits(names) {
		ask.Properties = []string{"hs_object_id"}
	}
	found, err := d.walk.list(ctx, ask)
	if err != nil {
		return false, err
	}
	listed := len(found)
	if !api.Fits(names) {
		b, err := d.api.Read(ctx, d.object, row.IDs(found), names, nil)
		if err != nil {
			return false, err
		}
		found = b.Found
		d.page.Deleted = append(d.page.Deleted, b.Gone...)
		defer d.mute(b.Silent)
	}
	d.page.Ascending = ascends(d.run, found)
	if err := d.take(ctx, found); err != nil {
		return false, err
	}
	d.run.Done += listed
	return d.run.After == "", nil
}

// ascends reports whether the keys of this page come after the keys before. Keys are
// compared as bytes and ids are numbers, so they do not where an id gains a digit.
func ascends(r *run, found []row.Record) bool {
	ok := true
	for i := range found {
		id := string(found[i].ID)
		ok = ok && id > r.LastID
		r.LastID = id
	}
	return ok
}

// changed reads one page of an increment.
func (d deals) changed(ctx context.Context) (bool, error) {
	h, err := d.modified(ctx, d.view.Schema.Selection(), nil)
	if err != nil {
		return false, err
	}
	d.page.Deleted = slices.Clone(h.gone)
	defer d.mute(h.mute)
	return h.done, d.take(ctx, h.found)
}

// take puts deals on the page.
func (d deals) take(ctx context.Context, found []row.Record) error {
	if err := d.stillThere(ctx, found); err != nil {
		return err
	}
	if err := d.named(ctx, found); err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range found {
		if found[i].ID == "" {
			return d.api.Unreadable(api.ErrNoID)
		}
		there[string(found[i].ID)] = true
		o, err := d.view.Deal(&found[i])
		if err != nil {
			if err := d.leave(&found[i], len(found), err); err != nil {
				return err
			}
			continue
		}
		d.open.note(o.ID, !o.Closed)
		switch {
		case twinned(&o), !d.kept().closed(o.Closed, o.CloseDate):
			d.page.Opportunities = append(d.page.Opportunities, o)
			if len(o.Unclear) == 0 {
				d.remember(&found[i])
			} else {
				d.odd(o.ID)
			}
		case d.run.drops():
			d.page.Deleted = append(d.page.Deleted, o.ID)
		}
	}
	for i := range found {
		for _, id := range portal.Swallowed(&found[i]) {
			if there[id] {
				continue
			}
			d.page.Deleted = append(d.page.Deleted, id)
			if d.page.Merged == nil {
				d.page.Merged = map[string]string{}
			}
			d.page.Merged[id] = string(found[i].ID)
		}
	}
	slices.SortFunc(d.page.Deleted, row.ByNumber)
	d.page.Deleted = slices.Compact(d.page.Deleted)
	return nil
}

// freshEnough is the age up to which a description is kept when records contradict it.
const freshEnough = 5 * time.Minute

// stillThere describes the portal anew where a record lacks a property of the schema.
// An empty property is null; HubSpot leaves out a property that does not exist any
// more, without a word. Where the portal was described a moment ago, the values left out
// are unknown for now, and a later run describes the portal.
func (d deals) stillThere(ctx context.Context, found []row.Record) error {
	if d.view.Schema.Covers(found) {
		return nil
	}
	if d.cfg.Now().Sub(d.view.at) < freshEnough {
		d.survey.doubt()
		return nil
	}
	d.survey.forget()
	v, err := d.survey.look(ctx)
	if err != nil {
		return err
	}
	d.view = v
	d.run.narrow(v.Schema.Selection())
	return nil
}
