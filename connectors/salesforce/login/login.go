// Package login opens the sessions of a Salesforce org, by the OAuth flow that the
// configuration names, and says what to do when the org refuses one. A refresh
// token that the org replaces is kept in a vault before its successor is used.
//
// Calls are made by package api; it says here when a session has ended.
package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// loginTimeout bounds one attempt at a login.
const loginTimeout = 30 * time.Second

// Budget is our share of the org's calls.
type Budget interface {
	// Allow returns an error when nothing may be spent.
	Allow() error
	// Count notes what a request cost.
	Count(resp *rest.Response, err error)
}

// Login owns the session: one exchange at a time, whoever asks for it.
type Login struct {
	cfg    Config
	web    *rest.Client
	where  refusal.Where
	budget Budget
	turn   chan struct{} // holds one element while nobody is exchanging

	tried atomic.Int64 // exchanges so far

	// Under turn:
	now      *Session
	lastFail error // of the last exchange, nil if it worked
	org      string
	ahead    time.Duration // the server's clock − ours, as the last answer had it
	sent     bool          // the last request may have arrived
	unsaved  *kept         // what the vault did not take
}

// New returns a login that has no session yet; where names the source in errors.
func New(cfg Config, web *rest.Client, where refusal.Where, b Budget) *Login {
	l := &Login{cfg: cfg, web: web, where: where, budget: b, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// Session returns the session, logging in if there is none.
func (l *Login) Session(ctx context.Context) (*Session, error) { return l.after(ctx, 0) }

// Renew returns a session newer than the one that was refused. Of many callers
// that saw the same session end, one logs in and the others get what it got,
// the error included: hammering a login with a wrong secret locks it.
func (l *Login) Renew(ctx context.Context, refused *Session) (*Session, error) {
	return l.after(ctx, refused.generation)
}

func (l *Login) after(ctx context.Context, generation int64) (*Session, error) {
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
	if err := l.budget.Allow(); err != nil {
		return nil, err // a session would be good for nothing
	}
	t, err := l.exchange(ctx)
	if ctx.Err() != nil && err != nil {
		return nil, err // says nothing about the login
	}
	made := l.tried.Add(1)
	l.lastFail = err
	if err != nil {
		return nil, err
	}
	t.generation, t.instead = made, generation > 0
	l.now = t
	return t, nil
}

// exchange gets a session by the flow of the configuration. Where the API is,
// and which org answers, is taken from each reply anew.
func (l *Login) exchange(ctx context.Context) (*Session, error) {
	flow := l.withSecret
	switch l.cfg.Auth.Flow {
	case JWTBearer:
		flow = l.withKey
	case RefreshToken:
		flow = l.withToken
	}
	g, err := flow(ctx)
	if err != nil {
		return nil, err // whatever else came with it
	}
	t := &Session{value: g.AccessToken, Name: rand.Text()[:10]}
	if t.Instance, err = l.instance(g.InstanceURL); err != nil {
		return nil, err
	}
	t.Org, t.User = identity(g.ID)
	if l.org != "" && t.Org != "" && t.Org != l.org {
		return nil, l.where.Fail(crm.ErrAccount, fmt.Sprintf("the credentials now lead to org %s, until now they led to %s", t.Org, l.org),
			"put the former credentials back, or give the other org a source of its own")
	}
	if t.Org != "" {
		l.org = t.Org
	}
	return t, nil
}

// withSecret is the client-credentials flow.
func (l *Login) withSecret(ctx context.Context) (*grant, error) {
	secret, err := l.cfg.Auth.ClientSecret.Value()
	if err != nil {
		return nil, l.noSecret("client secret", err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {l.cfg.Auth.ClientID}, "client_secret": {secret}}
	// Asking twice opens at most a second session.
	g, err := l.ask(ctx, form, true, secret)
	if err != nil {
		return nil, err
	}
	if g.refused() {
		return nil, l.refused(g)
	}
	return g, nil
}

// grant is what the token endpoint answers: a session, or why there is none.
type grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`

	said string // the refusal without secrets
}

func (g *grant) refused() bool { return g.AccessToken == "" }

// ask makes one exchange. An error says that neither a session nor a clear
// refusal came. What the server said is never repeated with any of secrets.
func (l *Login) ask(ctx context.Context, form url.Values, repeatable bool, secrets ...string) (*grant, error) {
	resp, err := l.web.Do(ctx, &rest.Request{
		Method:     http.MethodPost,
		URL:        l.cfg.URL + "/services/oauth2/token",
		Header:     http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}},
		Body:       []byte(form.Encode()),
		Repeatable: repeatable,
		Timeout:    loginTimeout,
	})
	l.budget.Count(resp, err)
	l.sent = !rest.NotSent(err)
	if err != nil {
		return nil, l.where.Unreachable(ctx, err)
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		l.ahead = date.Sub(l.cfg.Now())
	}
	var g grant
	if resp.Status != http.StatusOK || rest.IsHTML(resp) {
		if rest.IsHTML(resp) || json.Unmarshal(resp.Body, &g) != nil || g.Error == "" {
			return nil, l.noLogin(resp)
		}
		g.AccessToken = ""
		g.said = rest.Clean(g.Error+": "+g.Description, secrets...)
		if resp.Status >= http.StatusInternalServerError || g.Error == "server_error" || g.Error == "temporarily_unavailable" {
			return nil, l.where.Fail(crm.ErrBusy, "login is not possible at the moment ("+g.said+")", "try again later")
		}
		return &g, nil
	}
	if err := json.Unmarshal(resp.Body, &g); err != nil || g.AccessToken == "" {
		return nil, l.where.Fail(crm.ErrBusy, "the token endpoint answered without a token", "try again later, and check that url is the org's My Domain address")
	}
	return &g, nil
}

// instance checks where the token reply sends us: the token goes there with
// every call.
func (l *Login) instance(raw string) (string, error) {
	u, err := rest.CheckURL(raw)
	if err != nil {
		return "", l.where.Fail(crm.ErrRefused, "the token reply names no usable instance_url", "check url")
	}
	own, _ := url.Parse(l.cfg.URL)
	switch host := strings.ToLower(u.Hostname()); {
	case isLoginHost(own.Hostname()):
		// Everybody's: it has no API of its own, and sends each to their org.
		if u.Scheme != "https" || !strings.HasSuffix(host, ".my.salesforce.com") {
			return "", l.elsewhere(host)
		}
	case host == strings.ToLower(own.Hostname()):
	case rest.Loopback(host) && rest.Loopback(own.Hostname()):
	case u.Scheme == "https" && (strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".force.com")):
	default:
		return "", l.elsewhere(host)
	}
	return u.Scheme + "://" + u.Host, nil
}

func (l *Login) elsewhere(host string) error {
	return l.where.Fail(crm.ErrRefused, fmt.Sprintf("the token reply sends us to %.100q, which is no Salesforce host", host), "check url")
}

// isLoginHost reports whether host signs in people of all orgs.
func isLoginHost(host string) bool {
	return strings.EqualFold(host, "login.salesforce.com") || strings.EqualFold(host, "test.salesforce.com")
}

// identity reads org and user from the id URL, ".../id/<org>/<user>".
func identity(id string) (org, user string) {
	parts := strings.Split(id, "/")
	if len(parts) < 2 {
		return "", ""
	}
	org, _ = row.LongID(parts[len(parts)-2])
	user, _ = row.LongID(parts[len(parts)-1])
	return org, user
}
