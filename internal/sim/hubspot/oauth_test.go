package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
)

// token requests an access token.
func (p *portalClient) token(version string, change func(url.Values)) (int, map[string]any) {
	p.t.Helper()
	app := p.Options().OAuth
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "refresh_token": {app.RefreshToken}}
	if change != nil {
		change(form)
	}
	resp, err := http.PostForm(p.url+"/oauth/"+version+"/token?client_secret="+app.ClientSecret, form) // a secret in the address is ignored
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, out
}

// as lists deals with another token.
func (p *portalClient) as(token string) (int, http.Header, map[string]any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/crm/objects/2026-09/deals?limit=1", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	var out map[string]any
	if err := json.Unmarshal(body, &out); err != nil {
		out = map[string]any{"text": string(body)}
	}
	return resp.StatusCode, resp.Header, out
}

func TestHubSpotOAuth(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for _, version := range []string{"v1", "v3", "2026-03", "2026-09"} {
		status, got := p.token(version, nil)
		token, _ := got["access_token"].(string)
		if status != 200 || token == "" || got["expires_in"] != 1800.0 || got["refresh_token"] != p.Options().OAuth.RefreshToken || got["token_type"] != "bearer" || (got["hub_id"] == 149063119.0) != (version != "v1") {
			t.Errorf("%s: %d %v", version, status, got)
		}
		status, header, _ := p.as(token)
		if status != 200 || header.Get("X-HubSpot-RateLimit-Daily")+header.Get("X-HubSpot-RateLimit-Daily-Remaining") != "" || header.Get("X-HubSpot-RateLimit-Max") != "110" {
			t.Errorf("%s: %d %v", version, status, header)
		}
	}
	if status, _, _ := p.do(http.MethodPost, "/oauth/2025-01/token", nil); status != 404 {
		t.Errorf("unknown version: %d", status)
	}
	for _, c := range p.Calls() {
		if strings.Contains(c.Query+c.Path, p.Options().OAuth.ClientSecret) {
			t.Errorf("a call kept the secret: %v", c)
		}
	}
}

// A token ends after thirty minutes by the portal's clock, and the refusal says when
// the token ended.
func TestHubSpotOAuthExpires(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	_, got := p.token("2026-03", nil)
	token := got["access_token"].(string)
	p.c.SetNow(p.c.Now().Add(30*time.Minute - time.Second))
	if status, _, body := p.as(token); status != 200 {
		t.Errorf("a second before the end: %d %v", status, body)
	}
	p.c.SetNow(p.c.Now().Add(76 * time.Second))
	status, _, body := p.as(token)
	if status != 401 || body["category"] != "EXPIRED_AUTHENTICATION" || body["message"] != "The OAuth token used to make this call expired 75 second(s) ago." || at(body, "context", "expire time", 0) != "2026-11-24T16:42:00Z" || len(body["correlationId"].(string)) != 36 {
		t.Errorf("after the end: %d %v", status, body)
	}
	_, got = p.token("2026-03", nil)
	if status, _, _ := p.as(got["access_token"].(string)); status != 200 {
		t.Errorf("the next token: %d", status)
	}
	p.ExpireTokens()
	if status, _, body := p.as(got["access_token"].(string)); status != 401 || body["category"] != "EXPIRED_AUTHENTICATION" {
		t.Errorf("the token ended too early: %d %v", status, body)
	}
	p.get("/crm/owners/2026-09") // the static token has no end
}

func TestHubSpotOAuthRefuses(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	set := func(name, value string) func(url.Values) { return func(v url.Values) { v.Set(name, value) } }
	for _, tt := range []struct {
		form         func(url.Values)
		app          func(*hubspot.OAuth)
		status, code string
	}{
		{form: set("grant_type", "password"), status: "BAD_GRANT_TYPE", code: "unsupported_grant_type"},
		{form: set("client_id", "x"), status: "BAD_CLIENT_ID", code: "invalid_client"},
		{form: set("client_secret", ""), status: "BAD_CLIENT_SECRET", code: "invalid_client"},
		{form: set("refresh_token", "x"), status: "BAD_REFRESH_TOKEN", code: "invalid_grant"},
		{app: func(o *hubspot.OAuth) { o.Revoked = true }, status: "BAD_REFRESH_TOKEN", code: "invalid_grant"},
		{app: func(o *hubspot.OAuth) { o.NoPortal = true }, status: "BAD_HUB", code: "access_denied"},
	} {
		if tt.app != nil {
			p.Set(func(o *hubspot.Options) { tt.app(&o.OAuth) })
		}
		if status, got := p.token("2026-03", tt.form); status != 400 || got["status"] != tt.status || got["error"] != tt.code || got["message"] == "" || got["access_token"] != nil {
			t.Errorf("want %s, got %d %v", tt.status, status, got)
		}
	}
}

func TestHubSpotOAuthRotates(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.OAuth.Rotate = true })
	old := p.Options().OAuth.RefreshToken
	_, got := p.token("v3", nil)
	if got["refresh_token"] == old || got["refresh_token"] != p.Options().OAuth.RefreshToken {
		t.Errorf("got %v", got)
	}
	if status, got := p.token("v3", func(v url.Values) { v.Set("refresh_token", old) }); status != 400 || got["status"] != "BAD_REFRESH_TOKEN" {
		t.Errorf("the old refresh token: %d %v", status, got)
	}
	if status, _ := p.token("v3", nil); status != 200 {
		t.Errorf("the new refresh token: %d", status)
	}
}

// A text that is no token is refused, with 530 even before the portal is reached.
func TestHubSpotTokenThatIsNone(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	if status, _, body := p.as("$HUBSPOT_TOKEN"); status != 401 || at(body, "context", "expire time", 0) != "1970-01-01T00:00:00Z" {
		t.Errorf("%d %v", status, body)
	}
	p.Set(func(o *hubspot.Options) { o.Status530 = true })
	if status, header, body := p.as("$HUBSPOT_TOKEN"); status != 530 || body["text"] != "error code: 1016" || header.Get("Content-Type") != "text/plain; charset=UTF-8" {
		t.Errorf("%d %v", status, body)
	}
	if status, _, _ := p.as("pat-na1-other"); status != 401 {
		t.Errorf("another portal's token: %d", status)
	}
}
