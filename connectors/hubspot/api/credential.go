package api

import (
	"context"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// sign returns the token of the next call: the static one, or the access token of an
// app.
func (c *Client) sign(ctx context.Context) (string, error) {
	if c.grant != nil {
		return c.grant.token(ctx)
	}
	return c.Identity()
}

// Identity returns a text that is another for each credential: a description made with
// one credential may not hold for the next. The identity of an app comes from the
// refresh token, since access tokens come and go under the same refresh token.
func (c *Client) Identity() (string, error) {
	if c.grant != nil {
		configured, err := c.grant.configured()
		return seedOf(configured), err
	}
	return c.secret("token", "put the service key (pat-…) where token says", c.cfg.Token)
}

// secret reads a secret of the configuration.
func (c *Client) secret(what, remedy string, from secret.Secret) (string, error) {
	text, err := from.Value()
	text = strings.TrimSpace(text)
	switch {
	case err != nil:
		return "", &rest.ExplainedError{Where: c.where, What: "the " + what + " cannot be read", Cause: err, Kind: crm.ErrAuth, Remedy: remedy}
	case text == "":
		return "", c.Fail(crm.ErrAuth, "the "+what+" is empty", remedy)
	case !printable(text):
		return "", c.Fail(crm.ErrAuth, "the "+what+" holds a character that cannot be part of it", remedy)
	}
	return text, nil
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// keysPage is where people find service keys.
const keysPage = "Settings → Integrations → Service Keys (in some accounts Development → Keys → Service keys)"

// AddScope says what to do where the token lacks a scope.
func (c *Client) AddScope() string {
	if c.grant != nil {
		return "add what is missing to the app, and install the app in the portal again"
	}
	return "add what is missing to the service key in HubSpot, under " + keysPage
}

// checkRights says what to do about a refusal that names no scope.
func (c *Client) checkRights() string {
	if c.grant != nil {
		return "check the app's scopes, and in HubSpot that the account is active"
	}
	return "check in HubSpot that the account is active, and the scopes of the service key, under " + keysPage
}

// turnedDown is the error for a token that HubSpot refuses.
func (c *Client) turnedDown(said string) error {
	if c.grant != nil {
		return c.Fail(crm.ErrAuth, "an access token that was just given is refused ("+said+")",
			"check in HubSpot, under Settings → Integrations → Connected apps, that the app is still installed")
	}
	return c.Fail(crm.ErrAuth, "the token is refused ("+said+")",
		"check in HubSpot, under "+keysPage+", that the key is still there, and copy the key to where token says")
}
