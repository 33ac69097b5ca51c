package email

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

const appSecret = "app-secret-value"

// issuer is the token endpoint: it counts, and answers as told.
type issuer struct {
	*httptest.Server
	asked  []url.Values
	status int
	body   string
}

func newIssuer(t *testing.T, token string) *issuer {
	t.Helper()
	i := &issuer{status: 200, body: `{"token_type":"Bearer","expires_in":3599,"access_token":"` + token + `"}`}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/acme.example/oauth2/v2.0/token" {
			t.Errorf("asked at %s", r.URL.Path)
		}
		_ = r.ParseForm()
		i.asked = append(i.asked, r.PostForm)
		w.WriteHeader(i.status)
		fmt.Fprint(w, i.body)
	}))
	t.Cleanup(i.Close)
	return i
}

// jwt is an access token with roles.
func jwt(roles string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"roles":[`+roles+`]}`)) + ".signature"
}

// tenant is a mailbox that takes a token, and the notifier that uses it.
func tenant(t *testing.T, i *issuer, bearer string) (*mail.Server, *Notifier, *time.Time) {
	t.Helper()
	m, err := mail.Listen(t.Context(), mail.Options{Username: "pipetidy@acme.example", Bearer: bearer, StartTLS: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	now := time.Date(2026, 12, 31, 8, 0, 0, 0, time.UTC)
	n, err := New(Config{
		Host: m.Host(), Port: m.Port(), From: "Pipetidy <pipetidy@acme.example>", Username: "pipetidy@acme.example", Roots: m.Pool(),
		Auth:     &Auth{Mechanism: XOAUTH2, Tenant: "acme.example", ClientID: "app-1", ClientSecret: connectortest.Secret(t, appSecret)},
		LoginURL: i.URL, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, n, &now
}

// TestSignsInAsAnApp: the server compares the SASL bytes; a token is used until shortly
// before its end, and a new one is asked for then.
func TestSignsInAsAnApp(t *testing.T) {
	token := jwt(`"SMTP.SendAsApp"`)
	i := newIssuer(t, token)
	m, n, now := tenant(t, i, token)
	for _, c := range []struct {
		later time.Duration
		asked int
	}{{0, 1}, {50 * time.Minute, 1}, {5 * time.Minute, 2}} {
		*now = now.Add(c.later)
		to, p := part(t, n)
		if _, err := n.Send(t.Context(), to, p, nil); err != nil {
			t.Fatal(err)
		}
		if len(i.asked) != c.asked {
			t.Errorf("asked %d times, want %d", len(i.asked), c.asked)
		}
	}
	if got := m.Messages(); len(got) != 3 || got[0].User != "pipetidy@acme.example" || !got[0].TLS {
		t.Errorf("got %d messages: %+v", len(got), got)
	}
	if f := i.asked[0]; f.Get("grant_type") != "client_credentials" || f.Get("scope") != "https://outlook.office365.com/.default" || f.Get("client_id") != "app-1" || f.Get("client_secret") != appSecret {
		t.Errorf("asked with %v", f)
	}
}

// TestRefusedTokenIsMadeAnew: a token that was good before may have been revoked, so its
// refusal is not the last word; the refusal of a new one is.
func TestRefusedTokenIsMadeAnew(t *testing.T) {
	i := newIssuer(t, "first")
	m, n, _ := tenant(t, i, "first")
	to, p := part(t, n)
	if _, err := n.Send(t.Context(), to, p, nil); err != nil {
		t.Fatal(err)
	}
	n.signIn.token = "revoked-token"
	_, err := n.Send(t.Context(), to, p, nil)
	if outcome(err) != "retry" || strings.Contains(fmt.Sprint(err), "revoked-token") {
		t.Errorf("got %v", err)
	}
	if _, err := n.Send(t.Context(), to, p, nil); err != nil || len(i.asked) != 2 || len(m.Messages()) != 2 {
		t.Errorf("%d tokens, %d messages, %v", len(i.asked), len(m.Messages()), err)
	}
}

func TestSignInRefusals(t *testing.T) {
	good := jwt(`"SMTP.SendAsApp"`)
	answer := func(code, text string) string {
		return `{"error":"` + code + `","error_description":"` + text + ` You sent ` + appSecret + `."}`
	}
	for name, c := range map[string]struct {
		status       int
		body, bearer string
		fault        *mail.Fault
		want, says   string
	}{
		"wrong tenant":      {400, answer("invalid_request", "AADSTS90002: Tenant 'acme.example' not found."), good, nil, "channel", "under auth.tenant"},
		"wrong app":         {400, answer("unauthorized_client", "AADSTS700016: Application with identifier 'app-1' was not found."), good, nil, "channel", "auth.client_id"},
		"wrong secret":      {401, answer("invalid_client", "AADSTS7000215: Invalid client secret provided."), good, nil, "channel", "the secret's value, not its id"},
		"expired secret":    {401, answer("invalid_client", "AADSTS7000222: The provided client secret keys are expired."), good, nil, "channel", "has expired"},
		"no permission":     {200, `{"access_token":"` + jwt(`"Mail.Read"`) + `"}`, good, nil, "channel", "lacks the application permission SMTP.SendAsApp"},
		"busy":              {503, answer("temporarily_unavailable", "AADSTS90033: A transient error."), good, nil, "retry", "at the moment"},
		"a web page":        {200, "<html>", good, nil, "retry", "without a token"},
		"mailbox not given": {200, `{"access_token":"` + good + `","expires_in":3599}`, "another", nil, "channel", "Add-MailboxPermission"},
		"SMTP AUTH is off": {200, `{"access_token":"` + good + `","expires_in":3599}`, good,
			&mail.Fault{Step: mail.AtAuth, Code: 535, Enhanced: [3]int{5, 7, 139}, Text: "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."}, "channel", "Set-CASMailbox"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t, "")
			i.status, i.body = c.status, c.body
			m, n, _ := tenant(t, i, c.bearer)
			if c.fault != nil {
				m.Fault(*c.fault)
			}
			to, p := part(t, n)
			_, err := n.Send(t.Context(), to, p, nil)
			if outcome(err) != c.want || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("got %s: %v", outcome(err), err)
			}
			for _, secret := range []string{appSecret, good, base64.StdEncoding.EncodeToString([]byte(initial("pipetidy@acme.example", good)))} {
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the error holds a secret: %v", err)
				}
			}
			if len(m.Messages()) != 0 {
				t.Error("mail went out")
			}
		})
	}
}
