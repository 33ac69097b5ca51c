package hubspot

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// listDeals reads one page of the backfill.
func (s *Source) listDeals(ctx context.Context, w *walk) (bool, error) {
	names := w.view.Schema.Selection()
	joined, hydrate := strings.Join(names, ","), false
	if len(joined) > maxQuery {
		joined, hydrate = "hs_object_id", true
	}
	got, a, next, err := s.list(ctx, "deals", s.cfg.PageLimit, w.run, url.Values{"properties": {joined}, "archived": {"false"}})
	if err != nil {
		return false, err
	}
	w.cur.began(a)
	found := got.Results
	if hydrate {
		h, err := s.batch(ctx, "deals", row.IDs(found), names, nil)
		if err != nil {
			return false, err
		}
		found = h.found
	}
	w.page.Ascending = ascends(w.run, found)
	if err := s.takeDeals(ctx, w, found); err != nil {
		return false, err
	}
	w.run.After, w.run.Done = next, w.run.Done+len(got.Results)
	return next == "", nil
}

// ascends reports whether the keys of this page come after those before. Keys are
// compared as bytes, ids are numbers: they do not where a digit is gained.
func ascends(r *run, found []row.Record) bool {
	ok := true
	for i := range found {
		id := string(found[i].ID)
		ok = ok && id > r.LastID
		r.LastID = id
	}
	return ok
}

// changedDeals reads one page of an increment.
func (s *Source) changedDeals(ctx context.Context, w *walk) (bool, error) {
	h, err := s.changed(ctx, w, w.view.Schema.Selection(), nil)
	if err != nil {
		return false, err
	}
	w.page.Deleted = slices.Clone(h.gone)
	return h.done, s.takeDeals(ctx, w, h.found)
}

func (s *Source) takeDeals(ctx context.Context, w *walk, found []row.Record) error {
	if err := s.stillThere(ctx, w, found); err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range found {
		if found[i].ID == "" {
			return s.unreadable(errNoID)
		}
		there[string(found[i].ID)] = true
		o, err := w.view.Deal(&found[i])
		if err != nil {
			if err := s.leave(w, &found[i], len(found), err); err != nil {
				return err
			}
			continue
		}
		switch {
		case !w.closedBefore(o.Closed, o.CloseDate):
			w.page.Opportunities = append(w.page.Opportunities, o)
		case w.run.drops():
			w.page.Deleted = append(w.page.Deleted, o.ID)
		}
	}
	for i := range found {
		for _, id := range portal.Swallowed(&found[i]) {
			if !there[id] {
				w.page.Deleted = append(w.page.Deleted, id)
			}
		}
	}
	slices.SortFunc(w.page.Deleted, row.ByNumber)
	w.page.Deleted = slices.Compact(w.page.Deleted)
	return nil
}

// freshEnough is how long a description is believed when records contradict it.
const freshEnough = 5 * time.Minute

// stillThere looks whether the records have all properties that they were asked
// for. An empty one is null; HubSpot leaves out those that do not exist any more,
// without a word, and what is not there must not be taken for empty.
func (s *Source) stillThere(ctx context.Context, w *walk, found []row.Record) error {
	if len(found) == 0 || s.cfg.Now().Sub(w.view.at) < freshEnough || w.view.Schema.Covers(&found[0]) {
		return nil
	}
	s.forget()
	v, err := s.look(ctx)
	if err != nil {
		return err
	}
	w.view = v
	w.run.narrow(v.Schema.Selection())
	return nil
}

// archived reads one page of the recycle bin. Archiving leaves no trace that a
// search could find.
func (s *Source) archived(ctx context.Context, w *walk) (bool, error) {
	got, a, next, err := s.list(ctx, w.object, s.cfg.PageLimit, w.run, url.Values{"properties": {"hs_object_id"}, "archived": {"true"}})
	if err != nil {
		return false, err
	}
	w.cur.began(a)
	w.run.Pages++
	from := w.cur.binnedFrom(s.cfg.Overlap)
	for i := range got.Results {
		rec := &got.Results[i]
		at, err := row.ParseTime(string(rec.ArchivedAt))
		if rec.ID != "" && rec.Archived && (w.run.Full || err != nil || at.IsZero() || !at.Before(from)) {
			w.page.Deleted = append(w.page.Deleted, portal.Name(w.object, string(rec.ID)))
		}
	}
	w.run.After = next
	return next == "", nil
}

func (s *Source) listHistory(ctx context.Context, w *walk) (bool, error) {
	names := strings.Join(s.selection(crm.History, w.view), ",")
	got, a, next, err := s.list(ctx, "deals", s.historyLimit(), w.run,
		url.Values{"properties": {strings.Join(w.view.Schema.Closing(), ",")}, "propertiesWithHistory": {names}, "archived": {"false"}})
	if err != nil {
		return false, err
	}
	w.cur.began(a)
	w.run.After, w.run.Done = next, w.run.Done+len(got.Results)
	return next == "", s.takeChanges(w, got.Results)
}

func (s *Source) changedHistory(ctx context.Context, w *walk) (bool, error) {
	h, err := s.changed(ctx, w, w.view.Schema.Closing(), s.selection(crm.History, w.view))
	if err != nil {
		return false, err
	}
	return h.done, s.takeChanges(w, h.found)
}

func (s *Source) takeChanges(w *walk, found []row.Record) error {
	for i := range found {
		if found[i].ID == "" {
			return s.unreadable(errNoID)
		}
		if w.over(&found[i]) {
			continue
		}
		list, err := w.view.Changes(&found[i])
		if err != nil {
			if err := s.leave(w, &found[i], len(found), err); err != nil {
				return err
			}
			continue
		}
		w.page.Changes = append(w.page.Changes, list...)
	}
	return nil
}

// openContacts reads the contacts of all open deals: a link that comes or goes
// leaves no stamp on the deal.
func (s *Source) openContacts(ctx context.Context, w *walk) (bool, error) {
	h, err := s.searched(ctx, w, searchesOnce, filter{"hs_is_closed", "EQ", "false"})
	if err != nil {
		return false, err
	}
	if w.run.Total == 0 {
		w.run.Total = h.total
	}
	return h.done, s.takeContacts(ctx, w, h.ids)
}

// changedContacts reads the contacts of the deals that changed.
func (s *Source) changedContacts(ctx context.Context, w *walk) (bool, error) {
	h, err := s.hits(ctx, w, searchesOnce)
	if err != nil {
		return false, err
	}
	return h.done, s.takeContacts(ctx, w, h.ids)
}

func (s *Source) takeContacts(ctx context.Context, w *walk, ids []string) error {
	links, err := s.linked(ctx, "deals", "contacts", ids)
	if err != nil {
		return err
	}
	w.page.ContactsOf = ids
	for _, id := range ids {
		w.page.Contacts = append(w.page.Contacts, portal.Contacts(id, links[id])...)
	}
	return nil
}
