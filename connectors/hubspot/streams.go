package hubspot

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// owners reads the owners that are active, or those that were deactivated.
func (s *Source) owners(active bool) func(context.Context, *walk) (bool, error) {
	return func(ctx context.Context, w *walk) (bool, error) {
		q := url.Values{"limit": {strconv.Itoa(s.cfg.PageLimit)}, "archived": {strconv.FormatBool(!active)}}
		if w.run.After != "" {
			q.Set("after", w.run.After)
		}
		var got struct {
			Results []owner `json:"results"`
			Paging  paging  `json:"paging"`
		}
		a, err := s.get(ctx, request{pace: s.calls, path: "/crm/owners/" + version + "?" + q.Encode(), what: "owners", scope: scopes["owners"]}, &got)
		if err != nil {
			return false, err
		}
		w.cur.began(a)
		for i := range got.Results {
			w.page.Users = append(w.page.Users, got.Results[i].user(active))
		}
		w.run.Done += len(got.Results)
		next := string(got.Paging.Next.After)
		if next != "" && next == w.run.After {
			return false, s.unreadable(errLoop)
		}
		w.run.After = next
		return next == "", nil
	}
}

// pipelines reads all stages of all pipelines.
func (s *Source) pipelines(ctx context.Context) ([]crm.Stage, *reply, error) {
	var got struct {
		Results []pipeline `json:"results"`
	}
	a, err := s.get(ctx, request{pace: s.calls, path: "/crm/pipelines/" + version + "/deals", what: "the pipelines of deals", scope: scopes["deals"]}, &got)
	if err != nil {
		return nil, nil, err
	}
	var list []crm.Stage
	for i := range got.Results {
		list = append(list, got.Results[i].stages()...)
	}
	return list, a, nil
}

func (s *Source) allStages(ctx context.Context, w *walk) (bool, error) {
	list, a, err := s.pipelines(ctx)
	if err != nil {
		return false, err
	}
	w.cur.began(a)
	w.page.Stages = list
	w.run.Done += len(list)
	return true, nil
}

// listDeals reads one page of the backfill.
func (s *Source) listDeals(ctx context.Context, w *walk) (bool, error) {
	names := w.view.mapping.selection()
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
		if found, _, err = s.batch(ctx, "deals", recordIDs(found), names, nil); err != nil {
			return false, err
		}
	}
	w.page.Ascending = ascends(w.run, found)
	if err := s.takeDeals(ctx, w, found); err != nil {
		return false, err
	}
	w.run.After, w.run.Done = next, w.run.Done+len(got.Results)
	return next == "", nil
}

func recordIDs(list []record) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = string(list[i].ID)
	}
	return out
}

// ascends reports whether the keys of this page come after those before. Keys are
// compared as bytes, ids are numbers: they do not where a digit is gained.
func ascends(r *run, found []record) bool {
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
	found, gone, done, err := s.changed(ctx, w, s.cfg.PageLimit, w.view.mapping.selection(), nil, stamped(w.cur.from(s.cfg.Overlap)))
	if err != nil {
		return false, err
	}
	w.page.Deleted = gone
	return done, s.takeDeals(ctx, w, found)
}

// changed searches for ids and reads their records.
func (s *Source) changed(ctx context.Context, w *walk, limit int, names, history []string, filters ...filter) (found []record, gone []string, done bool, err error) {
	ids, _, done, a, err := s.search(ctx, w.object, limit, w.run.LastID, filters...)
	if err != nil {
		return nil, nil, false, err
	}
	w.cur.began(a)
	if found, gone, err = s.batch(ctx, w.object, ids, names, history); err != nil {
		return nil, nil, false, err
	}
	w.run.Done += len(ids)
	if len(ids) > 0 {
		w.run.LastID = ids[len(ids)-1]
	}
	return found, gone, done, nil
}

func (s *Source) takeDeals(ctx context.Context, w *walk, found []record) error {
	if err := s.stillThere(ctx, w, found); err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range found {
		if found[i].ID == "" {
			return s.unreadable(errNoID)
		}
		there[string(found[i].ID)] = true
		o, err := w.view.deal(&found[i])
		if err != nil {
			return s.unreadable(err)
		}
		w.page.Opportunities = append(w.page.Opportunities, o)
	}
	for i := range found {
		for _, id := range swallowed(&found[i]) {
			if !there[id] {
				w.page.Deleted = append(w.page.Deleted, id)
			}
		}
	}
	slices.SortFunc(w.page.Deleted, byNumber)
	w.page.Deleted = slices.Compact(w.page.Deleted)
	return nil
}

// freshEnough is how long a description is believed when records contradict it.
const freshEnough = 5 * time.Minute

// stillThere looks whether the records have all properties that they were asked
// for. An empty one is null; HubSpot leaves out those that do not exist any more,
// without a word, and what is not there must not be taken for empty.
func (s *Source) stillThere(ctx context.Context, w *walk, found []record) error {
	if len(found) == 0 || s.cfg.Now().Sub(w.view.at) < freshEnough {
		return nil
	}
	for _, p := range w.view.mapping.from {
		if p == nil {
			continue
		}
		if _, ok := found[0].Properties[p.Name]; ok {
			continue
		}
		s.forget()
		v, err := s.look(ctx)
		if err != nil {
			return err
		}
		w.view = v
		w.run.narrow(v.mapping.selection())
		return nil
	}
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
	from := w.cur.from(s.cfg.Overlap)
	for i := range got.Results {
		rec := &got.Results[i]
		at, err := parseTime(string(rec.ArchivedAt))
		if rec.ID != "" && rec.Archived && (w.run.Full || err != nil || at.IsZero() || !at.Before(from)) {
			w.page.Deleted = append(w.page.Deleted, name(w.object, string(rec.ID)))
		}
	}
	w.run.After = next
	return next == "", nil
}

// historyLimit is the smaller page that HubSpot allows with histories.
func (s *Source) historyLimit() int { return min(s.cfg.PageLimit, maxHistoryPage) }

func (s *Source) listHistory(ctx context.Context, w *walk) (bool, error) {
	names := strings.Join(s.selection(crm.History, w.view), ",")
	got, a, next, err := s.list(ctx, "deals", s.historyLimit(), w.run,
		url.Values{"properties": {"hs_object_id"}, "propertiesWithHistory": {names}, "archived": {"false"}})
	if err != nil {
		return false, err
	}
	w.cur.began(a)
	w.run.After, w.run.Done = next, w.run.Done+len(got.Results)
	return next == "", s.takeChanges(w, got.Results)
}

func (s *Source) changedHistory(ctx context.Context, w *walk) (bool, error) {
	found, _, done, err := s.changed(ctx, w, s.historyLimit(), []string{"hs_object_id"}, s.selection(crm.History, w.view), stamped(w.cur.from(s.cfg.Overlap)))
	if err != nil {
		return false, err
	}
	return done, s.takeChanges(w, found)
}

func (s *Source) takeChanges(w *walk, found []record) error {
	for i := range found {
		if found[i].ID == "" {
			return s.unreadable(errNoID)
		}
		list, err := w.view.changes(&found[i])
		if err != nil {
			return s.unreadable(err)
		}
		w.page.Changes = append(w.page.Changes, list...)
	}
	return nil
}

// listsAtOnce is how many pages of a list share one call for their deals.
const listsAtOnce = 5

func (s *Source) listActivities(ctx context.Context, w *walk) (bool, error) {
	more := url.Values{"properties": {strings.Join(activityFields[w.object], ",")}, "archived": {"false"}}
	var found []record
	for range listsAtOnce {
		got, a, next, err := s.list(ctx, w.object, s.cfg.PageLimit, w.run, more)
		if err != nil {
			return false, err
		}
		w.cur.began(a)
		found = append(found, got.Results...)
		w.run.After, w.run.Done = next, w.run.Done+len(got.Results)
		if next == "" {
			break
		}
	}
	return w.run.After == "", s.takeActivities(ctx, w, found)
}

func (s *Source) changedActivities(ctx context.Context, w *walk) (bool, error) {
	return s.changedBy(ctx, w, stamped(w.cur.from(s.cfg.Overlap)))
}

// endedMeetings reads the meetings that ended since the last run: a meeting takes
// place without anybody touching its record.
func (s *Source) endedMeetings(ctx context.Context, w *walk) (bool, error) {
	return s.changedBy(ctx, w,
		filter{"hs_meeting_end_time", "GTE", millis(w.cur.Since)}, filter{"hs_meeting_end_time", "LT", millis(w.run.Began)})
}

func millis(unix int64) string { return strconv.FormatInt(unix*1000, 10) }

func (s *Source) changedBy(ctx context.Context, w *walk, filters ...filter) (bool, error) {
	found, gone, done, err := s.changed(ctx, w, s.cfg.PageLimit, activityFields[w.object], nil, filters...)
	if err != nil {
		return false, err
	}
	for _, id := range gone {
		w.page.Deleted = append(w.page.Deleted, name(w.object, id))
	}
	return done, s.takeActivities(ctx, w, found)
}

// takeActivities reads the deals of activities and keeps both. Those of no deal
// are left out of the first backfill only: later ones may have lost theirs.
func (s *Source) takeActivities(ctx context.Context, w *walk, found []record) error {
	if len(found) == 0 {
		return nil
	}
	for i := range found {
		if found[i].ID == "" {
			return s.unreadable(errNoID)
		}
	}
	deals, err := s.linked(ctx, w.object, "deals", recordIDs(found))
	if err != nil {
		return err
	}
	asOf := time.Unix(w.run.Began, 0).UTC()
	for i := range found {
		of := linkIDs(deals[string(found[i].ID)])
		if len(of) == 0 && w.run.Full && !w.run.Again {
			continue
		}
		a, err := w.view.activity(w.object, &found[i], of, asOf)
		if err != nil {
			return s.unreadable(err)
		}
		w.page.Activities = append(w.page.Activities, a)
	}
	return nil
}

const (
	maxSearch    = 200
	searchesOnce = 5 // whose deals share one call for their contacts
)

// openContacts reads the contacts of open deals, of all of them in each run: a link
// that comes or goes leaves no stamp on the deal.
func (s *Source) openContacts(ctx context.Context, w *walk) (bool, error) {
	var ids []string
	done := false
	for range searchesOnce {
		more, total, last, a, err := s.search(ctx, "deals", maxSearch, w.run.LastID, filter{"hs_is_closed", "EQ", "false"})
		if err != nil {
			return false, err
		}
		w.cur.began(a)
		if w.run.LastID == "" {
			w.run.Total = max(total, 0)
		}
		ids = append(ids, more...)
		if len(more) > 0 {
			w.run.LastID = more[len(more)-1]
		}
		if done = last; done {
			break
		}
	}
	w.run.Done += len(ids)
	if len(ids) == 0 {
		return done, nil
	}
	links, err := s.linked(ctx, "deals", "contacts", ids)
	if err != nil {
		return false, err
	}
	w.page.ContactsOf = ids
	for _, id := range ids {
		w.page.Contacts = append(w.page.Contacts, contacts(id, links[id])...)
	}
	return done, nil
}
