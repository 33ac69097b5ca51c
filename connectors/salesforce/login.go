package salesforce

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// token is one session. It holds a secret and is never printed.
type token struct {
	value      string
	instance   string // scheme and host of the API
	org, user  string // 18-character ids, "" where the reply did not tell
	session    string // our name for it, for cursors
	generation int64
}

// login owns the session: one exchange at a time, whoever asks for it.
type login struct {
	s    *Source
	turn chan struct{} // holds one element while nobody is exchanging

	tried atomic.Int64 // exchanges so far

	// Under turn:
	now      *token
	lastFail error // of the last exchange, nil if it worked
}

func newLogin(s *Source) *login {
	l := &login{s: s, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// token returns the session, logging in if there is none.
func (l *login) token(ctx context.Context) (*token, error) { return l.after(ctx, 0) }

// renew returns a session newer than the one that was refused. Of many callers
// that saw the same session end, one logs in and the others get what it got,
// the error included: hammering a login with a wrong secret locks it.
func (l *login) renew(ctx context.Context, refused *token) (*token, error) {
	return l.after(ctx, refused.generation)
}

func (l *login) after(ctx context.Context, generation int64) (*token, error) {
	before := l.tried.Load()
	select {
	case <-l.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { l.turn <- struct{}{} }()
	if l.now != nil && l.now.generation > generation {
		return l.now, nil
	}
	if l.tried.Load() != before && l.lastFail != nil {
		return nil, l.lastFail // tried while we waited
	}
	t, err := l.s.exchange(ctx)
	if ctx.Err() != nil && err != nil {
		return nil, err // says nothing about the login
	}
	generation = l.tried.Add(1)
	l.lastFail = err
	if err != nil {
		return nil, err
	}
	t.generation = generation
	l.now = t
	return t, nil
}

// exchange asks the token endpoint for a session.
func (s *Source) exchange(ctx context.Context) (*token, error) {
	secret, err := s.cfg.ClientSecret()
	if err != nil {
		return nil, &rest.ExplainedError{Where: s.where, What: "no client secret", Cause: err, Kind: crm.ErrAuth}
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.cfg.ClientID}, "client_secret": {secret}}
	resp, err := s.web.Do(ctx, &rest.Request{
		Method: http.MethodPost,
		URL:    s.cfg.URL + "/services/oauth2/token",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}},
		Body:   []byte(form.Encode()),
		// Asking twice opens at most a second session.
		Repeatable: true,
	})
	s.meter.count(resp, err)
	if err != nil {
		return nil, s.unreachable(ctx, err)
	}
	if resp.Status != http.StatusOK || rest.IsHTML(resp) {
		return nil, s.loginRefused(resp, secret)
	}
	var reply struct {
		AccessToken string `json:"access_token"`
		InstanceURL string `json:"instance_url"`
		ID          string `json:"id"`
	}
	if err := json.Unmarshal(resp.Body, &reply); err != nil || reply.AccessToken == "" {
		return nil, s.fail(crm.ErrBusy, "the token endpoint answered without a token", "try again later, and check that url is the org's My Domain address")
	}
	t := &token{value: reply.AccessToken, session: rand.Text()[:10]}
	if t.instance, err = s.instance(reply.InstanceURL); err != nil {
		return nil, err
	}
	t.org, t.user = identity(reply.ID)
	return t, nil
}

// instance checks where the token reply sends us: the token goes there with
// every call.
func (s *Source) instance(raw string) (string, error) {
	u, err := rest.CheckURL(raw)
	if err != nil {
		return "", s.fail(crm.ErrRefused, "the token reply names no usable instance_url", "check url")
	}
	own, _ := url.Parse(s.cfg.URL)
	switch host := strings.ToLower(u.Hostname()); {
	case host == strings.ToLower(own.Hostname()):
	case rest.Loopback(host) && rest.Loopback(own.Hostname()):
	case u.Scheme == "https" && (strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".force.com")):
	default:
		return "", s.fail(crm.ErrRefused, fmt.Sprintf("the token reply sends us to %.100q, which is no Salesforce host", host), "check url")
	}
	return u.Scheme + "://" + u.Host, nil
}

// identity reads org and user from the id URL, ".../id/<org>/<user>".
func identity(id string) (org, user string) {
	parts := strings.Split(id, "/")
	if len(parts) < 2 {
		return "", ""
	}
	org, _ = LongID(parts[len(parts)-2])
	user, _ = LongID(parts[len(parts)-1])
	return org, user
}
