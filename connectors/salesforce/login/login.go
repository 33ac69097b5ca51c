// Package login opens the sessions of a Salesforce org by the OAuth flow that the
// configuration names. If the org refuses a login, the error says what to do. If the
// org replaces a refresh token, the successor is saved in a vault before the session
// that came with it is used.
//
// Only package api uses sessions: it makes the calls, and renews the session here when
// the session has ended. A newcomer opens [Login.Session] and [Login.Renew] first.
package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// loginTimeout and loginMaxBody, in bytes, bound one attempt at a login.
const (
	loginTimeout = 30 * time.Second
	loginMaxBody = 1 << 20
)

// Budget is our share of the org's calls.
type Budget interface {
	// Allow returns an error when no call is left.
	Allow() error
	// Count notes the calls that a request took.
	Count(resp *rest.Response, err error)
}

// Login owns the session of an org. Many goroutines may use a Login at once; it makes
// one exchange with the token endpoint at a time.
type Login struct {
	cfg    Config
	web    *rest.Client
	where  refusal.Where
	budget Budget
	turn   chan struct{} // holds one element while there is no exchange

	tried atomic.Int64 // exchanges so far

	// Only the goroutine that has the turn reads or writes these:
	now      *Session
	lastFail error         // of the last exchange, nil if the exchange worked
	org      string        // id of the org of all sessions
	ahead    time.Duration // the server's clock − ours, at the last answer
	sent     bool          // the last request may have arrived
	unsaved  *kept         // what could not be saved in the vault
}

// New returns a login without a session; where names the source in errors.
func New(cfg Config, web *rest.Client, where refusal.Where, b Budget) *Login {
	l := &Login{cfg: cfg, web: web, where: where, budget: b, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// Session returns the open session, and logs in if there is none.
func (l *Login) Session(ctx context.Context) (*Session, error) { return l.after(ctx, 0) }

// Renew returns a newer session than the refused one. When many callers saw the same
// session end, one of them logs in and all get the same session or the same error:
// repeated logins with a wrong secret would lock the user.
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
		return nil, l.lastFail // of an exchange that was made while this caller waited
	}
	if err := l.budget.Allow(); err != nil {
		return nil, err // no call is left to use a session for
	}
	t, err := l.exchange(ctx)
	if ctx.Err() != nil && err != nil {
		return nil, err // the caller stopped, so the error says nothing about the login
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

// exchange opens a session by the flow of the configuration. The host of the API and
// the id of the org are taken from each reply anew.
func (l *Login) exchange(ctx context.Context) (*Session, error) {
	flow := l.withSecret
	switch l.cfg.Auth.Flow {
	case JWTBearer:
		flow = l.withKey
	case RefreshToken:
		flow = l.withToken
	case Password:
		flow = l.withPassword
	}
	g, err := flow(ctx)
	if err != nil {
		return nil, err // even if a grant came with the error
	}
	t := &Session{value: g.AccessToken, Name: rand.Text()[:10]}
	if t.Instance, err = l.instance(g); err != nil {
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
	// Repeating the request opens at most a second session.
	g, err := l.call(ctx, form, true, secret)
	if err != nil {
		return nil, err
	}
	if g.refused() {
		return nil, l.refused(g)
	}
	return g, nil
}

// grant is an answer of the token endpoint: a session or a refusal.
type grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`

	said    string    // the refusal without secrets
	until   time.Time // when the org wants the next login; zero is not said
	secrets []string  // that went with the request, and are not repeated
}

func (g *grant) refused() bool { return g.AccessToken == "" }

// call makes one call to the token endpoint. An error says that neither a session nor
// a clear refusal came. No error holds any of secrets, even if the server repeats them.
func (l *Login) call(ctx context.Context, form url.Values, repeatable bool, secrets ...string) (*grant, error) {
	resp, err := l.web.Do(ctx, &rest.Request{
		Method:     http.MethodPost,
		URL:        l.cfg.URL + "/services/oauth2/token",
		Header:     http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}},
		Body:       []byte(form.Encode()),
		Repeatable: repeatable,
		Timeout:    loginTimeout,
		MaxBody:    loginMaxBody,
	})
	l.budget.Count(resp, err)
	l.sent = !rest.NotSent(err)
	if err != nil {
		return nil, l.where.Unreachable(ctx, err)
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		l.ahead = date.Sub(l.cfg.Now())
	}
	g := grant{until: l.until(resp), secrets: secrets}
	if resp.Status != http.StatusOK || rest.IsHTML(resp) {
		if rest.IsHTML(resp) || json.Unmarshal(resp.Body, &g) != nil || g.Error == "" {
			return nil, l.noLogin(resp)
		}
		g.AccessToken = ""
		g.said = rest.Clean(g.Error+": "+g.Description, secrets...)
		if resp.Status >= http.StatusInternalServerError || resp.Status == http.StatusTooManyRequests {
			return nil, crm.Later(l.where.Fail(crm.ErrBusy, "login is not possible at the moment ("+g.said+")", "try again later"), g.until)
		}
		return &g, nil
	}
	if err := json.Unmarshal(resp.Body, &g); err != nil || g.AccessToken == "" {
		return nil, l.where.Fail(crm.ErrBusy, "the token endpoint answered without a token", "try again later, and check that url is the org's My Domain address")
	}
	return &g, nil
}

// instance checks the host that the token reply names: every call sends the token to
// this host.
func (l *Login) instance(g *grant) (string, error) {
	u, err := rest.CheckURL(g.InstanceURL)
	if err != nil {
		return "", l.where.Fail(crm.ErrRefused, "the token reply names no usable instance_url", "check that url is the org's My Domain address")
	}
	own, _ := url.Parse(l.cfg.URL)
	switch host := strings.ToLower(u.Hostname()); {
	case isLoginHost(own.Hostname()):
		// The login host of all orgs has no API: each user is sent to the user's org.
		if u.Scheme != "https" || !strings.HasSuffix(host, ".my.salesforce.com") {
			return "", l.elsewhere(host, g.secrets)
		}
	case host == strings.ToLower(own.Hostname()):
	case rest.Loopback(host) && rest.Loopback(own.Hostname()):
	case u.Scheme == "https" && !rest.Loopback(host) && rest.CheckHost(g.InstanceURL, "Salesforce", Domains(), l.cfg.AllowHosts) == nil:
	default:
		return "", l.elsewhere(host, g.secrets)
	}
	return u.Scheme + "://" + u.Host, nil
}

// elsewhere names the host, unless that may be a secret which the server repeats.
func (l *Login) elsewhere(host string, secrets []string) error {
	named := fmt.Sprintf("%.100q", host)
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.:-") != "" || slices.ContainsFunc(secrets, func(s string) bool {
		return len(s) >= 4 && strings.Contains(host, strings.ToLower(s))
	}) {
		named = "a name"
	}
	return l.where.Fail(crm.ErrRefused, "the token reply sends us to "+named+", which is no Salesforce host", "check that url is the org's My Domain address")
}

// isLoginHost reports whether host signs in the users of all orgs.
func isLoginHost(host string) bool {
	return strings.EqualFold(host, "login.salesforce.com") || strings.EqualFold(host, "test.salesforce.com")
}

// identity takes the ids of org and user from the id URL, ".../id/<org>/<user>".
func identity(id string) (org, user string) {
	parts := strings.Split(id, "/")
	if len(parts) < 2 {
		return "", ""
	}
	org, _ = row.LongID(parts[len(parts)-2])
	user, _ = row.LongID(parts[len(parts)-1])
	return org, user
}
