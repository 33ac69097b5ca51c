package hubspot_test

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// vault is a crm.Vault in memory.
type vault struct {
	mu    sync.Mutex
	saved map[string]string
	fails error
	saves int
}

func (v *vault) Load(name string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.saved[name], nil
}

func (v *vault) Save(name, token string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fails != nil {
		return v.fails
	}
	v.saves++
	next := maps.Clone(v.saved)
	if next == nil {
		next = map[string]string{}
	}
	next[name] = token
	v.saved = next
	return nil
}

const (
	appSecret = "the-secret-of-the-app"
	appToken  = "na1-refresh-token-of-the-installation"
)

// installed returns an account that is read as an OAuth app.
func installed(t *testing.T, change func(*sim.HubSpotOAuth)) (*account, *vault) {
	t.Helper()
	a := newAccount(t, sim.Options{Deals: 60})
	a.portal.Set(func(o *sim.HubSpotOptions) {
		o.OAuth = sim.HubSpotOAuth{ClientID: "app-1", ClientSecret: appSecret, RefreshToken: appToken}
		change(&o.OAuth)
	})
	v := &vault{}
	a.cfg.Token = secret.Secret{}
	a.cfg.Now = a.company.Now
	a.cfg.Vault = v
	a.cfg.Auth = &hubspot.Auth{
		ClientID: "app-1", ClientSecret: connectortest.Secret(t, appSecret), RefreshToken: connectortest.Secret(t, appToken),
	}
	return a, v
}

func (a *account) tokens() int { return a.portal.Tally().Calls["token"] }

// oauthAccount is an account for the suite of every source, read as an OAuth app.
type oauthAccount struct{ *account }

func (a oauthAccount) Secrets() []string {
	return []string{appSecret, appToken, "CKsim", "Bearer", "na1-5e0d4c1a"}
}

func (a oauthAccount) Refuse(*testing.T) {
	a.portal.Set(func(o *sim.HubSpotOptions) { o.OAuth.Revoked = true })
	a.portal.ExpireTokens()
}

func TestOAuthSource(t *testing.T) {
	t.Parallel()
	connectortest.TestSource(t, func(t *testing.T) connectortest.Account {
		a, _ := installed(t, func(o *sim.HubSpotOAuth) { o.Rotate = true })
		return oauthAccount{a}
	})
}

// TestTokensAreRenewed lets time pass: a token is replaced before its end, and once more
// when HubSpot refuses the token before that.
func TestTokensAreRenewed(t *testing.T) {
	a, v := installed(t, func(*sim.HubSpotOAuth) {})
	src := a.Source(t)
	at := crm.Cursor("")
	read := func(what string, wantTokens int) {
		t.Helper()
		p := joined(toEnd(t, src, crm.Opportunities, at))
		at = p.Next
		if got := a.tokens(); got != wantTokens {
			t.Errorf("%s: %d tokens were asked for, want %d", what, got, wantTokens)
		}
	}
	refused := func() (n int) {
		for _, c := range a.portal.Calls() {
			if c.Status == http.StatusUnauthorized {
				n++
			}
		}
		return n
	}
	read("first", 1)
	a.later(26 * time.Minute)
	read("while it holds", 1)
	a.later(2 * time.Minute) // 2 of 30 minutes before its end
	read("soon before its end", 2)
	if refused() != 0 {
		t.Error("a call was made with a token at its end")
	}
	a.portal.ExpireTokens()
	read("ended early", 3)
	if refused() != 1 {
		t.Errorf("%d calls were refused, want one", refused())
	}
	if n := a.portal.Tally().Calls["account"]; n != 1 {
		t.Errorf("the portal was described %d times, want once for all tokens", n)
	}
	if v.saves != 0 {
		t.Error("the vault got a token that was configured")
	}
}

// TestOneRenewal makes many calls at once with a token that has ended: the token is
// renewed once.
func TestOneRenewal(t *testing.T) {
	a, _ := installed(t, func(*sim.HubSpotOAuth) {})
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.portal.ExpireTokens()
	var wg sync.WaitGroup
	for _, s := range src.Streams() {
		wg.Go(func() {
			if _, err := src.Fetch(t.Context(), s, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := a.tokens(); n != 2 {
		t.Errorf("%d tokens were asked for, want one for all", n-1)
	}
}

// TestSuccessors keeps the refresh token that comes back, uses that token after a
// restart, and goes back to the configured token when the configured token changes.
func TestSuccessors(t *testing.T) {
	a, v := installed(t, func(o *sim.HubSpotOAuth) { o.Rotate = true })
	describe := func(src crm.Source) error { _, err := src.Describe(t.Context()); return err }
	if err := describe(a.Source(t)); err != nil {
		t.Fatal(err)
	}
	if err := describe(a.Source(t)); err != nil {
		t.Fatalf("after a restart: %v", err)
	}
	kept := v.saved[a.cfg.Name]
	if now := a.portal.Options().OAuth.RefreshToken; !strings.Contains(kept, now) || strings.Contains(kept, appToken) {
		t.Errorf("the vault holds %s, the next token is %s", kept, now)
	}
	const configured = "na1-of-a-new-installation"
	if err := os.WriteFile(a.cfg.Auth.RefreshToken.File, []byte(configured), 0o600); err != nil {
		t.Fatal(err)
	}
	a.portal.Set(func(o *sim.HubSpotOptions) { o.OAuth.RefreshToken = configured })
	if err := describe(a.Source(t)); err != nil {
		t.Fatalf("installed anew: %v", err)
	}
	// The vault fails: nothing is read, and the successor is not lost.
	v.fails = errors.New("the disk is full")
	src := a.Source(t)
	if err := describe(src); !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "cannot be kept: the disk is full") {
		t.Fatalf("got %v", err)
	}
	if len(a.portal.Calls()) == 0 || a.portal.Calls()[len(a.portal.Calls())-1].Path != "/oauth/2026-03/token" {
		t.Error("a token was used before it was kept")
	}
	v.fails = nil
	if err := describe(src); err != nil {
		t.Errorf("when the vault works again: %v", err)
	}
}

// TestNotGranted lists what the token endpoint may say instead of a token.
func TestNotGranted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*account)
		kind   error
		want   string
	}{
		"uninstalled": {func(a *account) { a.portal.Set(func(o *sim.HubSpotOptions) { o.OAuth.Revoked = true }) }, crm.ErrAuth,
			"the refresh token is refused: the app was uninstalled, or the token is of another app (invalid_grant: missing or invalid refresh token); install the app in the portal again and put the new refresh token where auth.refresh_token says"},
		"no portal": {func(a *account) { a.portal.Set(func(o *sim.HubSpotOptions) { o.OAuth.NoPortal = true }) }, crm.ErrAuth,
			"the portal that the app was installed in is not there any more (access_denied: missing or unknown hub id); install the app"},
		"another app": {func(a *account) { a.cfg.Auth.ClientID = "app-2" }, crm.ErrAuth,
			"HubSpot does not know the app (invalid_client: missing or unknown client id); check auth.client_id and auth.client_secret"},
		"gateway": {func(a *account) {
			a.portal.Fault(sim.Fault{Path: "/oauth/", Status: 502, Body: "<html>502</html>", Times: -1})
		}, crm.ErrBusy, "no access token is given at the moment (HTTP 502); the next run tries again"},
		"internal": {func(a *account) {
			a.portal.Fault(sim.Fault{Path: "/oauth/", Status: 500, Body: `{"status":"error","message":"internal error"}`, Times: -1})
		}, crm.ErrBusy, "no access token is given at the moment (internal error)"},
		"a page": {func(a *account) {
			a.portal.Fault(sim.Fault{Path: "/oauth/", Status: 200, Body: "<html>hello</html>", Times: -1})
		}, crm.ErrBusy, "no access token is given at the moment (HTTP 200)"},
		"echoes": {func(a *account) {
			a.portal.Fault(sim.Fault{Path: "/oauth/", Status: 400, Body: `{"error":"x","message":"got ` + appSecret + ` and ` + appToken + `"}`, Times: -1})
		}, crm.ErrAuth, "no access token is given (x: got *** and ***); install"},
		"no client secret": {func(a *account) {
			a.cfg.Auth.ClientSecret = secret.Secret{File: "no-such-file"}
		}, crm.ErrAuth, "the client secret cannot be read: secret file no-such-file does not exist; create it with mode 0600; put the app's client secret where auth.client_secret says"},
		"refused all the same": {func(a *account) { a.portal.Set(func(o *sim.HubSpotOptions) { o.Expired = true }) }, crm.ErrAuth,
			"an access token that was just given is refused (EXPIRED_AUTHENTICATION: The OAuth token used to make this call expired 75 second(s) ago); check in HubSpot, under Settings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := installed(t, func(*sim.HubSpotOAuth) {})
			c.change(a)
			s, err := hubspot.New(a.cfg, rest.New(rest.Config{Attempts: 1}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Describe(t.Context())
			if err == nil || !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestUnknownDay proves that an app's calls are counted although HubSpot does not
// tell the limit of the day.
func TestUnknownDay(t *testing.T) {
	a, _ := installed(t, func(*sim.HubSpotOAuth) {})
	a.cfg.Budget = 0.0001
	src := a.Source(t)
	toEnd(t, src, crm.Opportunities, "")
	if u := src.(crm.Meter).Usage(); u.Limit != 0 || u.Calls == 0 {
		t.Errorf("the usage is %+v", u)
	}
}
