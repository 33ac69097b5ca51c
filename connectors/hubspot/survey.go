package hubspot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// survey describes the portal and keeps the last view.
type survey struct {
	api    *api.Client
	where  string            // names the source in errors
	fields map[string]string // that the configuration points elsewhere
	now    func() time.Time

	turn chan struct{} // holds one element while nobody describes
	mu   sync.Mutex
	seen *view // the last view, nil before the first
}

func newSurvey(client *api.Client, cfg Config, where string) *survey {
	s := &survey{api: client, where: where, fields: cfg.Fields, now: cfg.Now, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// known is the last view, nil before the first.
func (s *survey) known() *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// look returns the view, and describes the portal anew when the view is old or of
// another token. Callers that come meanwhile wait for the new view.
func (s *survey) look(ctx context.Context) (*view, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", s.where, context.Cause(ctx))
	}
	defer func() { s.turn <- struct{}{} }()
	token, err := s.api.Identity()
	if err != nil {
		return nil, err
	}
	if v := s.known(); v != nil && v.token == token && s.now().Sub(v.at) < v.lasts() {
		return v, nil
	}
	v := &view{token: token, at: s.now(), refused: map[string]*api.ScopeError{}}
	if v.Portal, err = s.account(ctx); err != nil {
		return nil, err
	}
	if v.Schema, err = s.properties(ctx); err != nil {
		return nil, err
	}
	if err := s.tryAll(ctx, v); err != nil {
		return nil, err
	}
	list, _, _, err := s.stages(ctx, &v.Portal)
	if err != nil {
		return nil, err
	}
	v.Stages = portal.ByID(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = v
	return v, nil
}

// restaged puts stages that were read after the description into the view.
func (s *survey) restaged(list []crm.Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil {
		fresh := *s.seen
		fresh.Stages = portal.ByID(list)
		s.seen = &fresh
	}
}

// refuse hides a kind of object that a call was refused for although the token may read
// the list of its records. It reports whether the object was not hidden before.
func (s *survey) refuse(e *api.ScopeError) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil || !optional(e.Object) || s.seen.hidden(e.Object) {
		return false
	}
	fresh := *s.seen
	fresh.refused = maps.Clone(fresh.refused)
	fresh.refused[e.Object] = e
	s.seen = &fresh
	return true
}

// optional reports whether the rest is read without an object.
func optional(object string) bool {
	return object == "contacts" || slices.Contains(portal.Activities, object)
}

// forget makes the next look describe the portal anew.
func (s *survey) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil {
		old := *s.seen
		old.at = time.Time{}
		s.seen = &old
	}
}

// doubt makes a look describe the portal anew as soon as the view is not fresh any more:
// an answer has contradicted the view.
func (s *survey) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil && !s.seen.doubted {
		doubted := *s.seen
		doubted.doubted = true
		s.seen = &doubted
	}
}

// account reads which portal this is, and tells the client in which zone the portal's
// day begins.
func (s *survey) account(ctx context.Context) (portal.Portal, error) {
	var d struct {
		api.Envelope
		portal.Details
	}
	_, err := s.api.Account(ctx, &d)
	if err != nil {
		return portal.Portal{}, err
	}
	p, err := portal.New(d.Details)
	if err != nil {
		return portal.Portal{}, s.api.Unreadable(err)
	}
	s.api.In(p.Zone)
	return p, nil
}

// properties reads which properties deals have.
func (s *survey) properties(ctx context.Context) (*portal.Schema, error) {
	var list api.List[portal.Property]
	q := api.Request{Path: "/crm/properties/" + api.Version + "/deals", What: "the properties of deals", Scope: api.Scopes["deals"]}
	if _, err := s.api.Get(ctx, q, &list); err != nil {
		return nil, err
	}
	if len(list.Results) == 0 {
		return nil, s.api.Unreadable(errors.New("deals have no property"))
	}
	return portal.Join(s.fields, list.Results), nil
}

// tryAll reads one record of each kind: some kinds of activity come with the scope of
// contacts, and only an attempt shows what the token may read.
func (s *survey) tryAll(ctx context.Context, v *view) error {
	last := s.known()
	for _, object := range append([]string{"deals", "contacts"}, portal.Activities...) {
		err := s.api.Try(ctx, object)
		// What was refused last time is asked for again, so that a kind that is still hidden
		// does not come back only to be refused in the middle of a reading.
		if err == nil && last != nil && last.hidden(object) {
			err = s.api.TryAgain(ctx, last.refused[object])
		}
		var scope *api.ScopeError
		switch {
		case errors.As(err, &scope) && object != "deals":
			v.refused[object] = scope
		case err != nil:
			return err
		}
	}
	return nil
}

// stages reads all stages of all pipelines. Nameless is how many pipelines and stages have no
// id, and are not in the list. Of is the portal as it was described; nil is not yet.
func (s *survey) stages(ctx context.Context, of *portal.Portal) (list []crm.Stage, nameless int, asked time.Time, err error) {
	var got api.List[portal.Pipeline]
	asked, err = s.api.Get(ctx, api.Request{Path: "/crm/pipelines/" + api.Version + "/deals", What: "the pipelines of deals", Scope: api.Scopes["deals"]}, &got)
	if err != nil {
		return nil, 0, time.Time{}, err
	}
	if len(got.Results) == 0 {
		return nil, 0, time.Time{}, s.api.Unreadable(errors.New("deals have no pipeline"))
	}
	rows := 0
	for i := range got.Results {
		n, of := got.Results[i].Identify()
		nameless, rows = nameless+n, rows+of
	}
	if api.TooMany(nameless, rows) {
		return nil, 0, time.Time{}, s.api.Unreadable(api.ErrNoID)
	}
	for i := range got.Results {
		if err := got.Results[i].Whole(); err != nil {
			return nil, 0, time.Time{}, s.api.Unreadable(err)
		}
		list = append(list, got.Results[i].Normalise()...)
	}
	if nameless > 0 && len(list) == 0 {
		return nil, 0, time.Time{}, s.api.Unreadable(api.ErrNoID)
	}
	return append(list, s.unlisted(list, of)...), nameless, asked, nil
}
