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
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// loginTimeout bounds one attempt at a login.
const loginTimeout = 30 * time.Second

// token is one session. It holds a secret and is never printed.
type token struct {
	value      string
	instance   string // scheme and host of the API
	org, user  string // 18-character ids, "" where the reply did not tell
	session    string // our name for it, for cursors
	generation int64
	instead    bool        // of one that was refused
	worked     atomic.Bool // an answer has come for it
}

// login owns the session: one exchange at a time, whoever asks for it.
type login struct {
	s    *Source
	turn chan struct{} // holds one element while nobody is exchanging

	tried atomic.Int64 // exchanges so far

	// Under turn:
	now      *token
	lastFail error // of the last exchange, nil if it worked
	org      string
	ahead    time.Duration // the server's clock − ours, as the last answer had it
	sent     bool          // the last request may have arrived
	unsaved  *kept         // what the vault did not take
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
	if err := l.s.allow(); err != nil {
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
func (l *login) exchange(ctx context.Context) (*token, error) {
	flow := l.withSecret
	switch l.s.cfg.Flow {
	case JWTBearer:
		flow = l.withKey
	case RefreshToken:
		flow = l.withToken
	}
	g, err := flow(ctx)
	if err != nil {
		return nil, err // whatever else came with it
	}
	t := &token{value: g.AccessToken, session: rand.Text()[:10]}
	if t.instance, err = l.s.instance(g.InstanceURL); err != nil {
		return nil, err
	}
	t.org, t.user = identity(g.ID)
	if l.org != "" && t.org != "" && t.org != l.org {
		return nil, l.s.fail(crm.ErrAccount, fmt.Sprintf("the credentials now lead to org %s, until now they led to %s", t.org, l.org),
			"put the former credentials back, or give the other org a source of its own")
	}
	if t.org != "" {
		l.org = t.org
	}
	return t, nil
}

// withSecret is the client-credentials flow.
func (l *login) withSecret(ctx context.Context) (*grant, error) {
	secret, err := l.s.cfg.ClientSecret()
	if err != nil {
		return nil, l.s.noSecret("client secret", err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {l.s.cfg.ClientID}, "client_secret": {secret}}
	// Asking twice opens at most a second session.
	g, err := l.ask(ctx, form, true, secret)
	if err != nil {
		return nil, err
	}
	if g.refused() {
		return nil, l.s.loginRefused(g)
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
func (l *login) ask(ctx context.Context, form url.Values, repeatable bool, secrets ...string) (*grant, error) {
	s := l.s
	resp, err := s.web.Do(ctx, &rest.Request{
		Method:     http.MethodPost,
		URL:        s.cfg.URL + "/services/oauth2/token",
		Header:     http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}},
		Body:       []byte(form.Encode()),
		Repeatable: repeatable,
		Timeout:    loginTimeout,
	})
	s.meter.Count(resp, err)
	l.sent = !rest.NotSent(err)
	if err != nil {
		return nil, s.unreachable(ctx, err)
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		l.ahead = date.Sub(s.now())
	}
	var g grant
	if resp.Status != http.StatusOK || rest.IsHTML(resp) {
		if rest.IsHTML(resp) || json.Unmarshal(resp.Body, &g) != nil || g.Error == "" {
			return nil, s.noLogin(resp)
		}
		g.AccessToken = ""
		g.said = rest.Clean(g.Error+": "+g.Description, secrets...)
		if resp.Status >= http.StatusInternalServerError || g.Error == "server_error" || g.Error == "temporarily_unavailable" {
			return nil, s.fail(crm.ErrBusy, "login is not possible at the moment ("+g.said+")", "try again later")
		}
		return &g, nil
	}
	if err := json.Unmarshal(resp.Body, &g); err != nil || g.AccessToken == "" {
		return nil, s.fail(crm.ErrBusy, "the token endpoint answered without a token", "try again later, and check that url is the org's My Domain address")
	}
	return &g, nil
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
	case loginHost(own.Hostname()):
		// Everybody's: it has no API of its own, and sends each to their org.
		if u.Scheme != "https" || !strings.HasSuffix(host, ".my.salesforce.com") {
			return "", s.elsewhere(host)
		}
	case host == strings.ToLower(own.Hostname()):
	case rest.Loopback(host) && rest.Loopback(own.Hostname()):
	case u.Scheme == "https" && (strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".force.com")):
	default:
		return "", s.elsewhere(host)
	}
	return u.Scheme + "://" + u.Host, nil
}

func (s *Source) elsewhere(host string) error {
	return s.fail(crm.ErrRefused, fmt.Sprintf("the token reply sends us to %.100q, which is no Salesforce host", host), "check url")
}

// loginHost reports whether host signs in people of all orgs.
func loginHost(host string) bool {
	return strings.EqualFold(host, "login.salesforce.com") || strings.EqualFold(host, "test.salesforce.com")
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
