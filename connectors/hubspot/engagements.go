package hubspot

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// listsAtOnce is how many pages of a list share one call for their deals.
const listsAtOnce = 5

func (s *Source) listActivities(ctx context.Context, w *walk) (bool, error) {
	more := url.Values{"properties": {strings.Join(portal.ActivityProperties[w.object], ",")}, "archived": {"false"}}
	var found []row.Record
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
	return s.activitiesBy(ctx, w, stamped(w.cur.from(s.cfg.Overlap)))
}

// endedMeetings reads the meetings that ended since the last run: a meeting takes
// place without anybody touching its record.
func (s *Source) endedMeetings(ctx context.Context, w *walk) (bool, error) {
	return s.activitiesBy(ctx, w,
		filter{"hs_meeting_end_time", "GTE", millis(w.cur.Since)}, filter{"hs_meeting_end_time", "LT", millis(w.run.Began)})
}

func millis(unix int64) string { return strconv.FormatInt(unix*1000, 10) }

func (s *Source) activitiesBy(ctx context.Context, w *walk, filters ...filter) (bool, error) {
	h, err := s.searched(ctx, w, searchesOnce, filters...)
	if err != nil {
		return false, err
	}
	if err := s.readHits(ctx, w.object, h, portal.ActivityProperties[w.object], nil); err != nil {
		return false, err
	}
	for _, id := range h.gone {
		w.page.Deleted = append(w.page.Deleted, portal.Name(w.object, id))
	}
	return h.done, s.takeActivities(ctx, w, h.found)
}

// takeActivities reads the deals of activities and keeps both. Those of no deal
// are left out of the first backfill only: later ones may have lost theirs.
func (s *Source) takeActivities(ctx context.Context, w *walk, found []row.Record) error {
	if len(found) == 0 {
		return nil
	}
	for i := range found {
		if found[i].ID == "" {
			return s.unreadable(errNoID)
		}
	}
	asOf := time.Unix(w.run.Began, 0).UTC()
	var kept []crm.Activity
	var ids []string
	for i := range found {
		a, err := w.view.Activity(w.object, &found[i], nil, asOf)
		switch {
		case err != nil:
			if err := s.leave(w, &found[i], len(found), err); err != nil {
				return err
			}
		case !w.endedBefore(&a):
			kept, ids = append(kept, a), append(ids, string(found[i].ID))
		case w.run.drops():
			w.page.Deleted = append(w.page.Deleted, a.ID)
		}
	}
	deals, err := s.linked(ctx, w.object, "deals", ids)
	if err != nil {
		return err
	}
	for i := range kept {
		kept[i].OpportunityIDs = row.LinkIDs(deals[ids[i]])
		if len(kept[i].OpportunityIDs) > 0 || w.run.drops() {
			w.page.Activities = append(w.page.Activities, kept[i])
		}
	}
	return nil
}
