package hubspot

import (
	"context"
	"net/url"
	"strconv"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
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
			Results []portal.Owner `json:"results"`
			Paging  paging         `json:"paging"`
		}
		a, err := s.get(ctx, request{pace: s.calls, path: "/crm/owners/" + version + "?" + q.Encode(), what: "owners", scope: scopes["owners"]}, &got)
		if err != nil {
			return false, err
		}
		w.cur.began(a)
		for i := range got.Results {
			w.page.Users = append(w.page.Users, got.Results[i].User(active))
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
		Results []portal.Pipeline `json:"results"`
	}
	a, err := s.get(ctx, request{pace: s.calls, path: "/crm/pipelines/" + version + "/deals", what: "the pipelines of deals", scope: scopes["deals"]}, &got)
	if err != nil {
		return nil, nil, err
	}
	var list []crm.Stage
	for i := range got.Results {
		list = append(list, got.Results[i].Normalise()...)
	}
	return list, a, nil
}

func (s *Source) allStages(ctx context.Context, w *walk) (bool, error) {
	list, a, err := s.pipelines(ctx)
	if err != nil {
		return false, err
	}
	w.cur.began(a)
	s.restaged(list)
	w.page.Stages = list
	w.run.Done += len(list)
	return true, nil
}
