package hubspot

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// apps are the apps that may call, with their access tokens.
type apps struct {
	*shared
	access map[string]time.Time // when each OAuth access token ends, by the company's clock
}

// tokenVersions are the versions of the token endpoint.
var tokenVersions = []string{"v1", "v3", "2026-03", "2026-09"}

// tokenVersion reads /oauth/VERSION/token.
func tokenVersion(path string) (string, bool) {
	version, ok := strings.CutPrefix(path, "/oauth/")
	if ok {
		version, ok = strings.CutSuffix(version, "/token")
	}
	return version, ok && slices.Contains(tokenVersions, version)
}

// refuseToken is a refusal in the form of the token endpoint.
func refuseToken(status, message, code string) error {
	return &apiError{http.StatusBadRequest, map[string]any{"status": status, "message": message, "error": code, "error_description": message}}
}

// answerToken refreshes an access token. Parameters in the address are ignored: only
// the form is read.
func (h *apps) answerToken(r *http.Request, version string) (int, any, error) {
	if r.Method != http.MethodPost {
		return 0, nil, fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "a token is asked for with POST")
	}
	if err := r.ParseForm(); err != nil {
		return 0, nil, refuseToken("BAD_REQUEST", "the form cannot be read", "invalid_request")
	}
	now := h.portal.Now()
	h.lock.Lock()
	defer h.lock.Unlock()
	app := &h.opt.OAuth
	form := r.PostForm
	switch {
	case form.Get("grant_type") != "refresh_token":
		return 0, nil, refuseToken("BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type")
	case form.Get("client_id") != app.ClientID:
		return 0, nil, refuseToken("BAD_CLIENT_ID", "missing or unknown client id", "invalid_client")
	case form.Get("client_secret") != app.ClientSecret:
		return 0, nil, refuseToken("BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client")
	case app.NoPortal:
		return 0, nil, refuseToken("BAD_HUB", "missing or unknown hub id", "access_denied")
	case app.Revoked || form.Get("refresh_token") != app.RefreshToken:
		return 0, nil, refuseToken("BAD_REFRESH_TOKEN", "missing or invalid refresh token", "invalid_grant")
	}
	life := app.Life
	if life == 0 {
		life = 30 * time.Minute
	}
	token := fmt.Sprintf("CKsim%06dEgcAAABQ", len(h.access)+1)
	h.access[token] = now.Add(life)
	if app.Rotate {
		app.RefreshToken = fmt.Sprintf("na1-5e0d4c1a-0000-4000-8000-%012d", len(h.access)+1)
	}
	body := map[string]any{"access_token": token, "refresh_token": app.RefreshToken, "expires_in": int(life.Seconds()), "token_type": "bearer"}
	if version != "v1" {
		body["token_use"], body["hub_id"], body["user_id"], body["scopes"] = "access_token", h.opt.PortalID, 9_586_504, append([]string{}, h.opt.Scopes...)
	}
	return http.StatusOK, body, nil
}

// ExpireTokens ends all access tokens so far; refresh tokens stay valid.
func (h *apps) ExpireTokens() {
	now := h.portal.Now()
	h.lock.Lock()
	defer h.lock.Unlock()
	for token, until := range h.access {
		if until.After(now) {
			h.access[token] = now
		}
	}
}

// authenticate checks the caller's token and reports whether the caller is an OAuth
// app.
func (h *apps) authenticate(r *http.Request) (oauth bool, err error) {
	now := h.now()
	h.lock.Lock()
	o := h.opt
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	until, oauth := h.access[token]
	h.lock.Unlock()
	switch {
	case !strings.EqualFold(scheme, "Bearer") || strings.HasPrefix(token, "pat-") && token != o.Token:
		return false, fail(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview")
	case o.Expired && (oauth || token == o.Token):
		return false, expired(now, now.Add(-75*time.Second))
	case oauth && !now.Before(until.Add(o.Skew)):
		return false, expired(now, until.Add(o.Skew))
	case !oauth && token != o.Token && o.Status530:
		return false, &apiError{status: 530}
	case !oauth && token != o.Token:
		return false, expired(now, time.Unix(0, 0)) // the real service says of any text that is no token that the token expired in 1970
	}
	return oauth, nil
}

// expired is the refusal of a token that ended at a time.
func expired(now, at time.Time) error {
	ago := fmt.Sprintf("%.0f second(s)", math.Floor(now.Sub(at).Seconds()))
	if d := now.Sub(at); d >= 24*time.Hour {
		ago = fmt.Sprintf("%.0f day(s)", math.Floor(d.Hours()/24))
	}
	return fail(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired %s ago.", ago).
		with("context", map[string][]string{"expire time": {portal.Stamp(at)}})
}
