package hubspot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// view is what a description of the portal said: for one token, for some time.
type view struct {
	portal.Portal

	token   string // identity of the credential; never printed
	at      time.Time
	refused map[string]*scopeError // by object: why the token may not read it
}

// scopes are what the token needs for each object.
var scopes = map[string]string{
	"deals": "crm.objects.deals.read", "contacts": "crm.objects.contacts.read", "owners": "crm.objects.owners.read",
	"calls": "crm.objects.contacts.read", "meetings": "crm.objects.contacts.read", "notes": "crm.objects.contacts.read",
	"tasks": "crm.objects.contacts.read", "emails": "sales-email-read",
}

func (v *view) hidden(object string) bool { return v.refused[object] != nil }

// blocked says why nothing of a stream can be read; nil is that something can.
func (v *view) blocked(name crm.Stream) error {
	switch name {
	case crm.Contacts:
		if err := v.refused["contacts"]; err != nil {
			return err
		}
	case crm.Activities:
		for _, object := range portal.Activities {
			if !v.hidden(object) {
				return nil
			}
		}
		return v.refused[portal.Activities[0]]
	}
	return nil
}

// why says which of the objects the token may not read, what it lacks for them and
// what to do; "" is that it may read them all.
func (v *view) why(remedy string, objects ...string) string {
	var lacks []string // in the order of the objects
	whats := map[string][]string{}
	for _, object := range objects {
		if e := v.refused[object]; e != nil {
			if whats[e.lacks] == nil {
				lacks = append(lacks, e.lacks)
			}
			whats[e.lacks] = append(whats[e.lacks], object)
		}
	}
	if len(lacks) == 0 {
		return ""
	}
	var words []string
	for _, l := range lacks {
		words = append(words, unscoped(strings.Join(whats[l], ", "), l))
	}
	return strings.Join(words, "; ") + "; " + remedy
}

// known is the last view, nil before the first.
func (s *Source) known() *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// look returns the view, asking anew when it is old or was another token's.
// Callers that come meanwhile wait for the answer.
func (s *Source) look(ctx context.Context) (*view, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", s.where, context.Cause(ctx))
	}
	defer func() { s.turn <- struct{}{} }()
	token, err := s.identity()
	if err != nil {
		return nil, err
	}
	if v := s.known(); v != nil && v.token == token && s.cfg.Now().Sub(v.at) < v.lasts(s.cfg.DescribeEvery) {
		return v, nil
	}
	v := &view{token: token, at: s.cfg.Now(), refused: map[string]*scopeError{}}
	if v.Portal, err = s.account(ctx); err != nil {
		return nil, err
	}
	s.meter.In(v.Zone)
	if v.Schema, err = s.properties(ctx); err != nil {
		return nil, err
	}
	if err := s.probe(ctx, v); err != nil {
		return nil, err
	}
	list, _, err := s.pipelines(ctx)
	if err != nil {
		return nil, err
	}
	v.Stages = portal.ByID(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = v
	return v, nil
}

// retryEvery is how often is asked again for what the token may not read, or the
// portal does not have: somebody may be at work on it.
const retryEvery = time.Hour

// lasts is how long the description is believed. A right or a property that is
// lost meanwhile makes itself known; one that is gained does not.
func (v *view) lasts(whole time.Duration) time.Duration {
	if len(v.refused) > 0 || len(v.Schema.Missing()) > 0 {
		return min(retryEvery, whole)
	}
	return whole
}

// restaged takes over the stages that were read after the description.
func (s *Source) restaged(list []crm.Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil {
		fresh := *s.seen
		fresh.Stages = portal.ByID(list)
		s.seen = &fresh
	}
}

// forget makes the next look ask anew.
func (s *Source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil {
		old := *s.seen
		old.at = time.Time{}
		s.seen = &old
	}
}

// probe asks for one record of each kind: the scopes of activities ride on those
// of contacts, and nothing but an attempt tells.
func (s *Source) probe(ctx context.Context, v *view) error {
	for _, object := range append([]string{"deals", "contacts"}, portal.Activities...) {
		err := s.try(ctx, object)
		var scope *scopeError
		switch {
		case errors.As(err, &scope) && object != "deals":
			v.refused[object] = scope
		case err != nil:
			return err
		}
	}
	return nil
}

// try asks for one record of a kind.
func (s *Source) try(ctx context.Context, object string) error {
	path := objectPath(object, "") + "?limit=1"
	if object == "owners" {
		path = "/crm/owners/" + version + "?limit=1"
	}
	var none struct{}
	_, err := s.get(ctx, request{pace: s.calls, path: path, what: object, scope: scopes[object]}, &none)
	return err
}

// objectPath is /crm/objects/2026-09/deals and what comes after it.
func objectPath(object, more string) string { return "/crm/objects/" + version + "/" + object + more }

// account asks which portal this is.
func (s *Source) account(ctx context.Context) (portal.Portal, error) {
	var d portal.Details
	_, err := s.get(ctx, request{pace: s.calls, path: "/account-info/" + version + "/details", what: "the account's details", scope: "oauth"}, &d)
	if err != nil {
		return portal.Portal{}, err
	}
	p, err := portal.New(d)
	if err != nil {
		return portal.Portal{}, s.unreadable(err)
	}
	return p, nil
}

// properties asks which properties deals have.
func (s *Source) properties(ctx context.Context) (*portal.Schema, error) {
	var list struct {
		Results []portal.Property `json:"results"`
	}
	q := request{pace: s.calls, path: "/crm/properties/" + version + "/deals", what: "the properties of deals", scope: scopes["deals"]}
	if _, err := s.get(ctx, q, &list); err != nil {
		return nil, err
	}
	if len(list.Results) == 0 {
		return nil, s.unreadable(errors.New("deals have no property"))
	}
	return portal.Join(s.cfg.Fields, list.Results), nil
}
