package email

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Mechanism is a way to sign in to a mail server without a password.
type Mechanism string

// XOAUTH2 is the mechanism of Microsoft 365 and Google.
const XOAUTH2 Mechanism = "xoauth2"

// Values are the mechanisms.
func (Mechanism) Values() []string { return []string{string(XOAUTH2)} }

// Auth says how to sign in to Microsoft 365 as an app.
type Auth struct {
	Mechanism    Mechanism     `yaml:"mechanism,required" doc:"How the mail server is signed in to. xoauth2 is for Microsoft 365, by the client credentials of an app." example:"xoauth2"`
	Tenant       string        `yaml:"tenant,required" doc:"Directory (tenant) of the app: its id, or a domain of yours." example:"acme.example"`
	ClientID     string        `yaml:"client_id,required" doc:"Application (client) id of the app, which has the application permission SMTP.SendAsApp with an administrator's consent." example:"00000000-0000-0000-0000-000000000000"`
	ClientSecret secret.Secret `yaml:"client_secret,required" doc:"Client secret of the app." example:"{file: /run/secrets/m365}"`
}

// The token is for Exchange: SMTP refuses a token for Graph.
const (
	microsoft  = "https://login.microsoftonline.com"
	tokenScope = "https://outlook.office365.com/.default"
	// early is how long before its end a token is not used any more.
	early        = 5 * time.Minute
	tokenMaxBody = 1 << 20
)

// signIn keeps the token of the app, which holds for about an hour.
type signIn struct {
	auth *Auth
	url  string
	web  *rest.Client
	now  func() time.Time

	mu    sync.Mutex
	token string
	until time.Time
}

// signInError says why there is no token. passing is for an error of the moment.
type signInError struct {
	what    string
	passing bool
	err     error
}

func (e *signInError) Error() string { return e.what }
func (e *signInError) Unwrap() error { return e.err }

// get returns a token, and whether it was made just now.
func (s *signIn) get(ctx context.Context) (token string, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && s.now().Before(s.until) {
		return s.token, false, nil
	}
	s.token = ""
	hidden, err := s.auth.ClientSecret.Value()
	if err != nil {
		return "", false, &signInError{what: "client secret: " + err.Error(), err: err}
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.auth.ClientID}, "client_secret": {hidden}, "scope": {tokenScope}}
	resp, err := s.web.Do(ctx, &rest.Request{
		Method: http.MethodPost, URL: s.url + "/" + url.PathEscape(s.auth.Tenant) + "/oauth2/v2.0/token",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}},
		Body:   []byte(form.Encode()), Repeatable: true, MaxBody: tokenMaxBody, Secrets: []string{hidden},
	})
	if err != nil {
		return "", false, &signInError{what: "no token from Microsoft: " + err.Error() + "; check that this machine reaches login.microsoftonline.com", passing: true, err: err}
	}
	var got struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
		Code    string `json:"error"`
		Says    string `json:"error_description"`
	}
	if rest.IsHTML(resp) || json.Unmarshal(resp.Body, &got) != nil || got.Token == "" && got.Code == "" {
		return "", false, &signInError{what: fmt.Sprintf("Microsoft answered without a token (HTTP %d); the next attempt asks again", resp.Status), passing: true}
	}
	if resp.Status != http.StatusOK || got.Token == "" {
		return "", false, notGranted(resp.Status, rest.Clean(got.Code+": "+got.Says, hidden, got.Token))
	}
	if !sends(got.Token) {
		return "", false, &signInError{what: "the app lacks the application permission SMTP.SendAsApp; add it under API permissions (Office 365 Exchange Online) and have an administrator consent"}
	}
	s.token, s.until = got.Token, s.now().Add(time.Duration(got.Seconds)*time.Second-early)
	return s.token, true, nil
}

// drop forgets a token that the mail server refused.
func (s *signIn) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// held is the token in use, for taking it out of texts.
func (s *signIn) held() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// notGranted says what a refusal of the token endpoint means. The numbers are Microsoft's
// (AADSTS error codes).
func notGranted(status int, said string) error {
	if status >= 500 || status == http.StatusTooManyRequests {
		return &signInError{what: "Microsoft gives no token at the moment (" + said + ")", passing: true}
	}
	for _, known := range []struct{ code, remedy string }{
		{"AADSTS900023", "Microsoft does not know the tenant; write the directory id, or a domain of yours, under auth.tenant"},
		{"AADSTS90002", "Microsoft does not know the tenant; write the directory id, or a domain of yours, under auth.tenant"},
		{"AADSTS700016", "the tenant has no app with this id; check auth.client_id and auth.tenant against the app's page"},
		{"AADSTS7000215", "the client secret is wrong; put the secret's value, not its id, where auth.client_secret says"},
		{"AADSTS7000222", "the client secret has expired; make a new one on the app's page and put it where auth.client_secret says"},
	} {
		if strings.Contains(said, known.code+":") {
			return &signInError{what: known.remedy + " (" + said + ")"}
		}
	}
	return &signInError{what: "Microsoft gives no token (" + said + "); check auth.tenant, auth.client_id and auth.client_secret against the app's page"}
}

// sends reports whether a token lets the app send. A token that cannot be read is left to
// the mail server.
func sends(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return true
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Roles []string `json:"roles"`
	}
	if err != nil || json.Unmarshal(b, &claims) != nil {
		return true
	}
	return slices.Contains(claims.Roles, "SMTP.SendAsApp")
}

var errNoXOAUTH2 = errors.New("the server offers no login by XOAUTH2; Microsoft 365 does at smtp.office365.com, port 587")

// notSignedIn says what a refusal of a token means.
func notSignedIn(code, text string) string {
	if code == "5.7.139" || strings.Contains(text, "SmtpClientAuthentication is disabled") {
		return "SMTP AUTH is switched off for the mailbox or the whole organisation; an administrator switches it on: " +
			"Set-CASMailbox -Identity MAILBOX -SmtpClientAuthenticationDisabled $false"
	}
	return "Exchange does not let the app use the mailbox of notify.email.username; an administrator registers the app (New-ServicePrincipal) " +
		"and gives it the mailbox (Add-MailboxPermission -AccessRights FullAccess), and the app needs the application permission SMTP.SendAsApp with consent"
}

// initial is what XOAUTH2 sends first.
func initial(user, token string) string {
	return "user=" + user + "\x01auth=Bearer " + token + "\x01\x01"
}
