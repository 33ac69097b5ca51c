package hubspot

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// owners reads the people of the portal.
type owners struct{ *walk }

func (o owners) active(ctx context.Context) (bool, error) { return o.list(ctx, true) }

func (o owners) deactivated(ctx context.Context) (bool, error) { return o.list(ctx, false) }

func (o owners) list(ctx context.Context, active bool) (bool, error) {
	q := url.Values{"limit": {strconv.Itoa(o.cfg.PageLimit)}, "archived": {strconv.FormatBool(!active)}}
	if o.run.After != "" {
		q.Set("after", o.run.After)
	}
	var got api.List[portal.Owner]
	asked, err := o.api.Get(ctx, api.Request{Path: "/crm/owners/" + api.Version + "?" + q.Encode(), What: "owners", Scope: api.Scopes["owners"]}, &got)
	if err != nil {
		return false, err
	}
	o.cur.began(asked)
	first := active && o.run.After == ""
	var ids []string
	rows := len(got.Results)
	got.Results = slices.DeleteFunc(got.Results, func(one portal.Owner) bool { return one.ID == "" })
	if err := o.nameless(rows-len(got.Results), rows); err != nil {
		return false, err
	}
	for i := range got.Results {
		ids = append(ids, string(got.Results[i].ID))
		o.page.Users = append(o.page.Users, got.Results[i].User(active))
	}
	o.run.Done += len(got.Results)
	next, err := got.Paging.After(o.run.After)
	if err != nil {
		return false, o.api.Unreadable(err)
	}
	o.run.After = next
	if !active && next == "" && o.run.Done == 0 {
		return false, o.api.Unreadable(errors.New("the portal has no owner"))
	}
	o.names.read(crm.Users, ids, first, next == "" && !active, o.run.Began)
	return next == "", nil
}

// stages reads all stages of all pipelines, and puts them into the view too.
func (w *walk) stages(ctx context.Context) (bool, error) {
	list, nameless, asked, err := w.survey.stages(ctx, &w.view.Portal)
	if err != nil {
		return false, err
	}
	w.run.Nameless += nameless
	w.cur.began(asked)
	w.survey.restaged(list)
	w.page.Stages = list
	ids := make([]string, len(list))
	for i, st := range list {
		ids[i] = stageName(st.Pipeline, st.ID)
	}
	w.names.read(crm.Stages, ids, true, true, w.run.Began)
	w.run.Done += len(list)
	return true, nil
}
