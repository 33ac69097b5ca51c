package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Auth says how to sign in as an OAuth app that is installed in the portal.
type Auth struct {
	ClientID     string        `yaml:"client_id,required" doc:"Client id of the app." example:"7fff1e36-2d40-4ae1-bbb1-5266d59564fb"`
	ClientSecret secret.Secret `yaml:"client_secret,required" doc:"Client secret of the app." example:"{env: HUBSPOT_CLIENT_SECRET}"`
	RefreshToken secret.Secret `yaml:"refresh_token,required" doc:"The token that installing the app gave, in a file. Should HubSpot give another, it is kept in the directory tokens of data_dir; a new token in the file replaces it." example:"{file: /run/secrets/hubspot-refresh}"`
}

// TokenPath is where access tokens come from.
const TokenPath = "/oauth/2026-03/token" //nolint:gosec // an address

// How long an access token is used: HubSpot says for how long the token holds, and
// advises not to wait until the token is refused.
const (
	usualLife = 30 * time.Minute // where HubSpot does not say
	maxMargin = 5 * time.Minute
)

// kept is what the vault keeps: the refresh token to use next, and the seed of the
// configured token that it descends from. HubSpot gives the same refresh token back
// each time, but does not promise to.
type kept struct {
	Seed  string `json:"seed"`
	Token string `json:"token"`
}

// grant turns a refresh token into access tokens, one at a time.
type grant struct {
	c    *Client
	turn chan struct{} // holds one element while nobody renews the token

	seed    string // of the configured token that access comes from
	access  string // "" is none
	until   time.Time
	unsaved *kept // a successor that the vault could not save
}

func newGrant(c *Client) *grant {
	g := &grant{c: c, turn: make(chan struct{}, 1)}
	g.turn <- struct{}{}
	return g
}

// token returns the present access token, and renews an old one. Callers that come
// during a renewal get the new token.
func (g *grant) token(ctx context.Context) (string, error) {
	select {
	case <-g.turn:
	case <-ctx.Done():
		return "", fmt.Errorf("%s: %w", g.c.where, context.Cause(ctx))
	}
	defer func() { g.turn <- struct{}{} }()
	configured, err := g.configured()
	if err != nil {
		return "", err
	}
	if g.access != "" && g.seed == seedOf(configured) && g.c.cfg.Now().Before(g.until) {
		return g.access, nil
	}
	if err := g.renew(ctx, configured); err != nil {
		return "", err
	}
	return g.access, nil
}

// refused ends the use of an access token, unless a new token has taken its place.
func (g *grant) refused(access string) {
	<-g.turn
	if g.access == access {
		g.access = ""
	}
	g.turn <- struct{}{}
}

func (g *grant) configured() (string, error) {
	return g.c.secret("refresh token", "put the refresh token that the app's installation gave where auth.refresh_token says", g.c.cfg.Auth.RefreshToken)
}

func seedOf(configured string) string {
	sum := sha256.Sum256([]byte(configured))
	return hex.EncodeToString(sum[:])
}

// renew gets a new access token.
func (g *grant) renew(ctx context.Context, configured string) error {
	g.access = ""
	k, err := g.load(configured)
	if err != nil {
		return err
	}
	got, err := g.exchange(ctx, k.Token)
	if err != nil {
		return err
	}
	if next := strings.TrimSpace(got.Refresh); next != "" && next != k.Token {
		if err := g.save(kept{k.Seed, next}); err != nil {
			return err
		}
	}
	life := time.Duration(min(max(got.Expires, 0), 86400)) * time.Second
	if life == 0 {
		life = usualLife
	}
	g.seed, g.access = k.Seed, got.Access
	g.until = g.c.cfg.Now().Add(life - min(maxMargin, life/10))
	return nil
}

// load returns the refresh token to use: the one in the vault, or the configured token
// where the one in the vault descends from another, since the app was installed anew.
func (g *grant) load(configured string) (kept, error) {
	fresh := kept{seedOf(configured), configured}
	if g.unsaved != nil && g.unsaved.Seed == fresh.Seed {
		k := *g.unsaved
		return k, g.save(k)
	}
	if g.c.cfg.Vault == nil {
		return fresh, nil
	}
	text, err := g.c.cfg.Vault.Load(g.c.cfg.Name)
	if err != nil {
		return kept{}, g.vaultFails(err)
	}
	var k kept
	if json.Unmarshal([]byte(text), &k) == nil && k.Seed == fresh.Seed && k.Token != "" {
		return k, nil
	}
	return fresh, nil
}

// save puts a successor into the vault before the successor is used. A successor that
// the vault cannot save stays in memory, and load tries to save it first.
func (g *grant) save(k kept) error {
	g.unsaved = &k
	if g.c.cfg.Vault == nil {
		return nil
	}
	text, err := json.Marshal(k)
	if err == nil {
		err = g.c.cfg.Vault.Save(g.c.cfg.Name, string(text))
	}
	if err != nil {
		return g.vaultFails(err)
	}
	g.unsaved = nil
	return nil
}

func (g *grant) vaultFails(err error) error {
	return &rest.ExplainedError{
		Where: g.c.where, What: "the refresh token cannot be kept", Cause: err, Kind: crm.ErrBusy,
		Remedy: "nothing is read until the token is kept, because without a refresh token the app must be installed again; check that data_dir can be read and written; the next run tries again",
	}
}

// answered is what the token endpoint says, for better or worse.
type answered struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"`

	Code    string `json:"error"`
	Status  string `json:"status"`
	Message string `json:"message"`

	Description string `json:"error_description"`
}

// tokenMaxBody bounds the answer that holds a token, in bytes.
const tokenMaxBody = 1 << 20

// exchange makes one call for an access token.
func (g *grant) exchange(ctx context.Context, refresh string) (*answered, error) {
	c := g.c
	secret, err := c.secret("client secret", "put the app's client secret where auth.client_secret says", c.cfg.Auth.ClientSecret)
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {c.cfg.Auth.ClientID}, "client_secret": {secret}, "refresh_token": {refresh}}
	if err := c.calls.Wait(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", c.where, err)
	}
	resp, err := c.web.Do(ctx, &rest.Request{
		Method: http.MethodPost, URL: c.cfg.URL + TokenPath, Body: []byte(form.Encode()), Repeatable: true, // the same token may be sent again
		Header:   http.Header{"Accept": {"application/json"}, "Content-Type": {"application/x-www-form-urlencoded"}},
		Classify: classifyToken,
		MaxBody:  tokenMaxBody,
	})
	c.meter.Count(resp, err)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	var got answered
	if rest.IsHTML(resp) || json.Unmarshal(resp.Body, &got) != nil {
		got = answered{}
	}
	if resp.Status == http.StatusOK && got.Access != "" && printable(got.Access) {
		return &got, nil
	}
	said := got.Code + ": " + cmp.Or(got.Message, got.Description)
	for _, hidden := range []string{secret, refresh, got.Access, got.Refresh} {
		said = rest.Clean(said, hidden)
	}
	err = g.notGranted(resp.Status, &got, strings.TrimRight(strings.Trim(said, ": "), "."))
	return nil, crm.Later(err, rest.Until(resp.Header, c.cfg.Now()))
}

// notGranted explains why there is no access token.
func (g *grant) notGranted(status int, got *answered, said string) error {
	const again = "install the app in the portal again and put the new refresh token where auth.refresh_token says"
	if said == "" {
		said = fmt.Sprintf("HTTP %d", status)
	}
	switch {
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || got.Code == "" && got.Status == "":
		return g.c.Fail(crm.ErrBusy, "no access token is given at the moment ("+said+")", "the next run tries again; if it stays, check url and look at status.hubspot.com")
	case got.passing():
		return g.c.Fail(crm.ErrBusy, "HubSpot gives no access token at the moment ("+said+")", "the next run tries again; the app and its tokens are not refused")
	case got.inactive():
		return g.c.Fail(crm.ErrAuth, "the account that the app is installed in is not active ("+said+")",
			"ask the HubSpot administrator to make the account active again; the app need not be installed anew")
	case got.Status == "BAD_HUB":
		return g.c.Fail(crm.ErrAuth, "the portal that the app was installed in is not there any more ("+said+")", again)
	case got.Code == "invalid_client", strings.HasPrefix(got.Status, "BAD_CLIENT"):
		return g.c.Fail(crm.ErrAuth, "HubSpot does not know the app ("+said+")", "check auth.client_id and auth.client_secret against the app's page in HubSpot")
	case got.Status == "BAD_REFRESH_TOKEN", got.Code == "invalid_grant":
		return g.c.Fail(crm.ErrAuth, "the refresh token is refused: the app was uninstalled, or the token is of another app ("+said+")", again)
	}
	return g.c.Fail(crm.ErrAuth, "no access token is given ("+said+")", again)
}

// classifyToken has the token endpoint's passing refusals tried again at once.
func classifyToken(resp *rest.Response) rest.Class {
	var got answered
	if resp.Status >= 400 && resp.Status < 500 && json.Unmarshal(resp.Body, &got) == nil && got.passing() {
		return rest.Retry
	}
	return rest.ByStatus(resp)
}

// passing reports whether the refusal is of the moment: some come with the status of a
// refusal for good, and only their words tell.
func (a *answered) passing() bool {
	said := strings.ToLower(a.Message + " " + a.Description)
	for _, words := range []string{"retry your request", "try again", "already being processed", "temporarily unavailable"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	switch a.Code {
	case "unknown_error", "server_error", "temporarily_unavailable":
		return true
	}
	return false
}

// inactive reports whether the account is asleep: its tokens are good.
func (a *answered) inactive() bool {
	said := strings.ToLower(a.Message + " " + a.Description)
	for _, words := range []string{"inactive organization", "inactive account", "account is inactive", "hub is inactive", "portal is inactive"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return a.Code == "inactive_org"
}
