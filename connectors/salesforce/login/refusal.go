package login

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// noSecret says that a secret of the configuration cannot be read.
func (l *Login) noSecret(name string, err error) error {
	return &rest.ExplainedError{Where: string(l.where), What: "no " + name, Cause: err, Kind: crm.ErrAuth}
}

// noLogin explains an answer of the token endpoint that is neither a token nor
// a refusal.
func (l *Login) noLogin(resp *rest.Response) error {
	if resp.Status == http.StatusNotFound {
		return l.where.Fail(crm.ErrRefused, "there is no Salesforce login here (HTTP 404)", "check that url is the org's My Domain address, https://YOURS.my.salesforce.com")
	}
	return crm.Later(l.where.WebPage(resp), l.until(resp))
}

// until is when the org wants the next login; zero is not said.
func (l *Login) until(resp *rest.Response) time.Time { return rest.Until(resp.Header, l.cfg.Now()) }

// refused explains a refusal. A refusal of its moment is a busy org, so that the login is
// tried again at the next run and nobody looks for a mistake in the settings.
func (l *Login) refused(g *grant) error {
	if g.passes() {
		return crm.Later(l.where.Fail(crm.ErrBusy, "login is not possible at the moment ("+g.said+")", "the next run tries again"), g.until)
	}
	what, remedy := l.cfg.Auth.known(g)
	if remedy == "" {
		remedy = l.cfg.Auth.unknown(g)
	}
	return l.where.Fail(crm.ErrAuth, what, remedy)
}

// passes reports whether the words of a refusal say that it passes by itself.
func (g *grant) passes() bool {
	switch g.Error { // the code decides before the words do
	case inactiveOrg:
		return false
	case "unknown_error", "server_error", "temporarily_unavailable", "rate_limit_exceeded":
		return true
	}
	d := strings.ToLower(g.Description)
	for _, w := range []string{"retry your request", "try again", "already being processed", "rate exceeded", "too many requests", "server is busy", "temporarily"} {
		if strings.Contains(d, w) {
			return true
		}
	}
	return false
}

// inactiveOrg is the code of the refusal for an org that is locked, closed or suspended.
const inactiveOrg = "inactive_org"

// known explains a refusal whose words name the cause; remedy is "" for any other
// refusal.
func (a Auth) known(g *grant) (what, remedy string) {
	what = "login refused (" + g.said + ")"
	d := strings.ToLower(g.Description)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(d, w) {
				return true
			}
		}
		return false
	}
	const notActive = "sign in to the org in a browser: its trial or contract has ended, or Salesforce has locked it; nothing in this configuration helps"
	switch {
	case g.Error == inactiveOrg, has("inactive organization", "organization is inactive", "inactive org", "organization is not active", "organization is locked"):
		what, remedy = "the org is not active ("+g.said+")", notActive
	case has("not supported on this domain"):
		remedy = "set url to the org's My Domain address, https://YOURS.my.salesforce.com"
	case has("no client credentials user"):
		remedy = "choose a run-as user under Client Credentials Flow in the policies of the External Client App"
	case g.Error == "invalid_client_id" || has("client identifier"):
		what, remedy = "the client id is wrong ("+g.said+")", "copy the consumer key of the External Client App to client_id"
	case g.Error == "invalid_client" && !a.ClientSecret.IsZero():
		what, remedy = "the client secret is wrong ("+g.said+")", "copy the consumer secret of the External Client App to where client_secret is kept"
	case g.Error == "invalid_client" && a.Flow == RefreshToken:
		remedy = "the External Client App requires a secret at each refresh: set client_secret"
	case has("inactive user", "user is inactive"):
		remedy = "activate " + a.user() + ", or " + a.another()
	case has("blocked"):
		remedy = "let the org unblock the External Client App"
	case has("locked"):
		remedy = "unlock " + a.user()
	case has("ip restricted", "login hours"):
		remedy = "allow " + a.user() + " to log in from this machine at this time"
	case has("audience"):
		remedy = "set audience to https://login.salesforce.com, or to https://test.salesforce.com for a sandbox"
	case has("hasn't approved", "has not approved", "not admin approved", "not approved"):
		remedy = a.approval()
	case has("must be installed", "not installed"):
		remedy = "install the External Client App in this org, or create it there"
	case g.Error == "unsupported_grant_type", g.Error == "unauthorized_client", has("grant type"):
		remedy = "enable the " + map[string]string{
			ClientCredentials: "Client Credentials Flow", JWTBearer: "JWT Bearer Flow", RefreshToken: "Authorization Code Flow and the scope refresh_token",
		}[a.Flow] + " in the External Client App"
	}
	return what, remedy
}

// unknown is the remedy for a refusal that does not name the cause.
func (a Auth) unknown(g *grant) string {
	switch {
	case a.Flow == JWTBearer:
		return "check that key belongs to the certificate of the External Client App, that " + a.user() + " exists in this org, and that audience fits"
	case a.Flow == RefreshToken:
		return renewApproval
	case g.Error == "invalid_grant":
		return "check client_secret and the run-as user of the External Client App"
	}
	return "check client_id, client_secret and the External Client App"
}

const renewApproval = "approve the app anew and put the new refresh token into the file that refresh_token names"

// user names the user of the sessions, for messages.
func (a Auth) user() string {
	switch a.Flow {
	case JWTBearer, Password:
		return fmt.Sprintf("the user %.100q", a.Username)
	case RefreshToken:
		return "the user who approved the app"
	}
	return "the run-as user of the External Client App"
}

// another says how to choose another user.
func (a Auth) another() string {
	switch a.Flow {
	case JWTBearer:
		return "name another under username"
	case RefreshToken:
		return "approve the app anew as another"
	}
	return "choose another"
}

// approval says how to allow the user to use the app.
func (a Auth) approval() string {
	switch a.Flow {
	case JWTBearer:
		return "in the policies of the External Client App, let admin-approved users in without asking (pre-authorized) and add a profile or permission set of " + a.user()
	case RefreshToken:
		return renewApproval
	}
	return "allow the External Client App for its run-as user"
}

// SessionRefused explains a 401 that a new login does not cure.
func (l *Login) SessionRefused(resp *rest.Response, t *Session) error {
	e := refusal.First(resp.Body)
	said := rest.Clean(strings.Trim(e.Code+": "+e.Message, ": "), t.Secret())
	if said == "" {
		said = fmt.Sprintf("HTTP %d", resp.Status)
	}
	user := l.cfg.Auth.user()
	if l.cfg.Auth.Flow == ClientCredentials {
		user = "the run-as user"
	}
	if refusal.Incurable(resp) {
		return l.where.Fail(crm.ErrAuth, "the login works, but Salesforce does not let it use the REST API ("+said+")",
			"check the IP ranges, the session security level and the API permission of "+user)
	}
	return l.where.Fail(crm.ErrAuth, "a session that was just opened is refused ("+said+")",
		"check the session policies of the External Client App and of "+user)
}
