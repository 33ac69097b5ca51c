package hubspot

import (
	"context"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// What calls are signed with: a static bearer token, or the access tokens of an
// app.

// sign returns what the next call is signed with.
func (s *Source) sign(ctx context.Context) (string, error) {
	if s.grant != nil {
		return s.grant.token(ctx)
	}
	return s.identity()
}

// identity tells one credential from another: what was described with the one may
// not hold for the other. Access tokens come and go under the same refresh token.
func (s *Source) identity() (string, error) {
	if s.grant != nil {
		configured, err := s.grant.configured()
		return seedOf(configured), err
	}
	return s.secret("token", "put the service key (pat-…) where token says", s.cfg.Token)
}

// secret reads a secret of the configuration.
func (s *Source) secret(what, remedy string, read func() (string, error)) (string, error) {
	text, err := read()
	text = strings.TrimSpace(text)
	switch {
	case err != nil:
		return "", &rest.ExplainedError{Where: s.where, What: "the " + what + " cannot be read", Cause: err, Kind: crm.ErrAuth, Remedy: remedy}
	case text == "":
		return "", s.fail(crm.ErrAuth, "the "+what+" is empty", remedy)
	case !printable(text):
		return "", s.fail(crm.ErrAuth, "the "+what+" holds a character that cannot be part of it", remedy)
	}
	return text, nil
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// addScope is what to do about a scope that is missing.
func (s *Source) addScope() string {
	if s.grant != nil {
		return "add it to the app, and install the app in the portal again"
	}
	return "add it to the service key in HubSpot, under Development → Keys → Service keys"
}

// turnedDown is the error for a token that HubSpot refuses.
func (s *Source) turnedDown(said string) error {
	if s.grant != nil {
		return s.fail(crm.ErrAuth, "an access token that was just given is refused ("+said+")",
			"check in HubSpot, under Settings → Integrations → Connected apps, that the app is still installed")
	}
	return s.fail(crm.ErrAuth, "the token is refused ("+said+")",
		"check in HubSpot, under Development → Keys → Service keys, that the key is still there, and copy it to where token says")
}
