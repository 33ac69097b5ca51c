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

var _ crm.Recaller = (*Source)(nil)

// Recall reads certain deals with all that belongs to the deals.
func (s *Source) Recall(ctx context.Context, ids []string) ([]crm.Page, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !row.IsID(id) })
	if len(ids) == 0 {
		return nil, nil
	}
	v, err := s.survey.look(ctx)
	if err != nil {
		return nil, err
	}
	b, err := s.api.Read(ctx, "deals", ids, append(slices.Clip(v.Schema.Selection()), api.People), v.selection(crm.History))
	if err != nil {
		return nil, err
	}
	r := recall{s: s, view: v, read: b}
	for _, read := range []func(context.Context) error{r.deals, r.contacts, r.activities} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return r.pages, nil
}

// recall is one call of Recall.
type recall struct {
	s     *Source
	view  *view
	read  *api.Batch
	pages []crm.Page
}

// walk begins a page of a stream; keep adds the finished page to the pages.
func (r *recall) walk(name crm.Stream, object string) *walk {
	began := r.read.Asked.Unix()
	c := &cursor{Since: began, Run: &run{Began: began, Keep: r.s.cfg.Keep.of(name)}}
	return r.s.walk(r.view, c, object, &crm.Page{Stream: name, Recalled: true, AsOf: time.Unix(began, 0).UTC()})
}

func (r *recall) keep(w *walk) {
	r.s.memories.forget(w.page)
	r.pages = append(r.pages, *w.page)
}

func (r *recall) deals(ctx context.Context) error {
	w := r.walk(crm.Opportunities, "deals")
	w.page.Deleted = slices.Clone(r.read.Gone)
	w.mute(r.read.Silent)
	if err := (deals{w}).take(ctx, r.read.Found); err != nil {
		return err
	}
	r.keep(w)
	w = r.walk(crm.History, "deals")
	if err := (history{w}).take(r.read.Found); err != nil {
		return err
	}
	r.keep(w)
	return nil
}

func (r *recall) contacts(ctx context.Context) error {
	if r.view.hidden("contacts") || len(r.read.Found) == 0 {
		return nil
	}
	w := r.walk(crm.Contacts, "deals")
	open, people, err := contacts{w}.opened(r.read.Found)
	if err != nil {
		return err
	}
	if err := (contacts{w}).take(ctx, open, people); err != nil {
		return err
	}
	r.keep(w)
	return nil
}

func (r *recall) activities(ctx context.Context) error {
	for _, object := range portal.Activities {
		if r.view.hidden(object) {
			continue
		}
		links, err := r.s.api.Links(ctx, "deals", object, row.IDs(r.read.Found))
		if err != nil {
			return err
		}
		var all []row.Link
		for _, list := range links.Of {
			all = append(all, list...)
		}
		if len(links.Silent) > 0 {
			w := r.walk(crm.Activities, "deals")
			w.unlinked(object, links.Silent)
			r.keep(w)
		}
		for some := range slices.Chunk(row.LinkIDs(all), api.MaxLinks) {
			b, err := r.s.api.Read(ctx, object, some, portal.ActivityProperties[object], nil)
			if err != nil {
				return err
			}
			w := r.walk(crm.Activities, object)
			w.mute(b.Silent)
			if err := (activities{w}).take(ctx, b.Found); err != nil {
				return err
			}
			r.keep(w)
		}
	}
	return nil
}
