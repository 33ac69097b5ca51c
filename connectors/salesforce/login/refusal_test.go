package login

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// flows are the settings of each flow.
func flows(t *testing.T) map[string]Config {
	return map[string]Config{
		ClientCredentials: {Auth: Auth{ClientSecret: connectortest.Secret(t, testSecret)}},
		JWTBearer:         byKey(t, pkcs1(testKey()), serverNow),
		RefreshToken:      byToken(t, seed, &memory{}),
	}
}

// TestRefusalsSayWhatToDo: the same refusal has another remedy in each flow.
func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, c := range []struct{ code, description, flow, want string }{
		{"invalid_grant", "inactive user", ClientCredentials, "activate the run-as user of the External Client App, or choose another"},
		{"invalid_grant", "inactive user", JWTBearer, `activate the user "pipetidy@acme.example", or name another under username`},
		{"invalid_grant", "inactive user", RefreshToken, "activate the user who approved the app, or approve the app anew as another"},
		{"inactive_org", "organization is locked, closed, or suspended", ClientCredentials, "the org is not active"},
		{"inactive_org", "organization is locked, closed, or suspended; try again", JWTBearer, "sign in to the org in a browser"},
		{"invalid_grant", "organization is not active", RefreshToken, "nothing in this configuration helps"},
		{"invalid_grant", "inactive organization", ClientCredentials, "the org is not active"},
		{"invalid_grant", "inactive organization", JWTBearer, "sign in to the org in a browser"},
		{"invalid_grant", "inactive organization", RefreshToken, "nothing in this configuration helps"},
		{"invalid_grant", "user is locked", ClientCredentials, "unlock the run-as user"},
		{"invalid_grant", "user is locked", JWTBearer, `unlock the user "pipetidy@acme.example"`},
		{"invalid_grant", "user is locked", RefreshToken, "unlock the user who approved the app"},
		{"invalid_grant", "ip restricted", JWTBearer, `allow the user "pipetidy@acme.example" to log in from this machine`},
		{"invalid_grant", "user hasn't approved this consumer", JWTBearer, "add a profile or permission set of the user"},
		{"invalid_grant", "user hasn't approved this consumer", RefreshToken, "approve the app anew and put the new refresh token into the file"},
		{"invalid_grant", "Audience validation failed", JWTBearer, "set audience to https://login.salesforce.com, or to https://test.salesforce.com for a sandbox"},
		{"invalid_grant", "audience is invalid", JWTBearer, "set audience to"},
		{"invalid_grant", "invalid assertion", JWTBearer, "check that key belongs to the certificate"},
		{"invalid_grant", "expired access/refresh token", RefreshToken, "approve the app anew"},
		{"invalid_grant", "token validity expired", RefreshToken, "approve the app anew"},
		{"invalid_client_id", "client identifier invalid", JWTBearer, "copy the consumer key"},
		{"invalid_client", "invalid client credentials", RefreshToken, "copy the consumer secret"},
		{"OAUTH_APP_BLOCKED", "this app is blocked by admin", RefreshToken, "let the org unblock the External Client App"},
		{"invalid_grant", "app must be installed into org", JWTBearer, "install the External Client App in this org"},
		{"unsupported_grant_type", "grant type not supported", JWTBearer, "enable the JWT Bearer Flow"},
		{"unsupported_grant_type", "grant type not supported", RefreshToken, "enable the Authorization Code Flow and the scope refresh_token"},
	} {
		e := newEndpoint(func(url.Values) (int, string) {
			return 400, fmt.Sprintf(`{"error":%q,"error_description":%q}`, c.code, c.description)
		})
		_, err := signIn(t, e, flows(t)[c.flow]).Session(t.Context())
		if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.description) || len(e.forms) != 1 {
			t.Errorf("%s, %s: asked %d times: %v\nwant %s", c.flow, c.description, len(e.forms), err, c.want)
		}
	}
	e := newEndpoint(func(url.Values) (int, string) {
		return 400, `{"error":"invalid_client","error_description":"invalid client credentials"}`
	})
	cfg := flows(t)[RefreshToken]
	cfg.Auth.ClientSecret = secret.Secret{}
	if _, err := signIn(t, e, cfg).Session(t.Context()); !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), "set client_secret") {
		t.Errorf("without a secret: %v", err)
	}
}

// TestRefusalsThatPass: a refusal that asks for another attempt is a busy org in each
// flow. It uses up no refresh token, and the next login works.
func TestRefusalsThatPass(t *testing.T) {
	for _, c := range []struct{ code, description string }{
		{"unknown_error", "retry your request"},
		{"invalid_grant", "token request is already being processed"},
		{"invalid_request", "Login Rate Exceeded"},
		{"temporarily_unavailable", ""},
		{"rate_limit_exceeded", "login blocked"},
	} {
		for flow, cfg := range flows(t) {
			refuses := true
			e := newEndpoint(func(url.Values) (int, string) {
				if refuses {
					return 400, fmt.Sprintf(`{"error":%q,"error_description":%q}`, c.code, c.description)
				}
				return 200, granted
			})
			s := signIn(t, e, cfg)
			_, err := s.Session(t.Context())
			if !errors.Is(err, crm.ErrBusy) || errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), c.code) || !strings.Contains(err.Error(), "the next run tries again") {
				t.Errorf("%s, %s, %s: got %v", flow, c.code, c.description, err)
			}
			refuses = false
			if _, err := s.Session(t.Context()); err != nil {
				t.Errorf("%s, %s: a moment later: %v", flow, c.code, err)
			}
		}
	}
}

// TestLoginLeadsElsewhere: credentials that lead to another org stop the source, so that
// the deals of two orgs are never mixed in the cache.
func TestLoginLeadsElsewhere(t *testing.T) {
	for flow, cfg := range flows(t) {
		org := "00D000000000001EAA"
		e := newEndpoint(func(url.Values) (int, string) {
			return 200, strings.Replace(granted, "00D000000000001EAA", org, 1)
		})
		s := signIn(t, e, cfg)
		session, err := s.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		org = "00D000000000001" // the same id in its 15-character form
		if session, err = s.Renew(t.Context(), session); err != nil {
			t.Errorf("%s: %v", flow, err)
		}
		org = "00D000000000002EAA"
		for range 2 {
			next, err := s.Renew(t.Context(), session)
			if next != nil || !errors.Is(err, crm.ErrAccount) || !strings.Contains(err.Error(), "the credentials now lead to org 00D000000000002EAA, until now they led to 00D000000000001EAA") {
				t.Errorf("%s: got %v, %v", flow, next, err)
			}
		}
		org = "00D000000000001EAA"
		if _, err := s.Renew(t.Context(), session); err != nil {
			t.Errorf("%s: after the former credentials are back: %v", flow, err)
		}
	}
}

func TestInstance(t *testing.T) {
	for _, c := range []struct {
		url, instance string
		ok            bool
	}{
		{"https://acme.my.salesforce.com", "https://acme.my.salesforce.com", true},
		{"https://acme.my.salesforce.com", "https://acme2.my.salesforce.com", true}, // renamed
		{"https://acme.my.salesforce.com", "https://salesforce.com.evil.example", false},
		{"https://login.salesforce.com", "https://acme.my.salesforce.com", true},
		{"https://test.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com", true},
		{"https://login.salesforce.com", "https://login.salesforce.com", false},
		{"https://login.salesforce.com", "https://acme.lightning.force.com", false},
		{"https://login.salesforce.com", "https://evilmy.salesforce.com", false},
		{"https://login.salesforce.com", "http://127.0.0.1:8080", false},
	} {
		e := newEndpoint(func(url.Values) (int, string) {
			return 200, strings.Replace(granted, "https://acme.my.salesforce.com", c.instance, 1)
		})
		cfg := flows(t)[JWTBearer]
		cfg.URL = c.url
		got, err := signIn(t, e, cfg).Session(t.Context())
		if c.ok && (err != nil || got.Instance != c.instance) || !c.ok && !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%s sends us to %s: %+v, %v", c.url, c.instance, got, err)
		}
	}
}

// TestLoginErrorsHoldNoSecrets has a server or a proxy repeat the request in every part
// of an answer that an error may quote.
func TestLoginErrorsHoldNoSecrets(t *testing.T) {
	ways := map[string]func(told string) string{
		"description": func(told string) string {
			return answerOf(400, `{"error":"invalid_grant","error_description":"`+told+`"}`)
		},
		"code": func(told string) string { return answerOf(400, `{"error":"`+told+`"}`) },
		"with gaps": func(told string) string {
			return answerOf(400, `{"error":"x","error_description":"`+strings.ReplaceAll(told, "e", "e\u200b")+`"}`)
		},
		"busy": func(told string) string {
			return answerOf(500, `{"error":"server_error","error_description":"`+told+`"}`)
		},
		"web page": func(told string) string { return answerOf(200, "<html>"+told) },
		"no token": func(told string) string { return answerOf(200, `{"x":"`+told+`"}`) },
		"instance": func(told string) string {
			return answerOf(200, `{"access_token":"x","instance_url":"https://`+told+`"}`)
		},
		"instance alone": func(told string) string {
			return answerOf(200, `{"access_token":"x","instance_url":"https://`+strings.Trim(strings.Split(strings.Trim(told, "|"), "|")[0], "|")+`"}`)
		},
		"broken":      func(told string) string { return answerOf(200, `{"access_token":"`+told) },
		"no HTTP":     func(told string) string { return told + "\r\n\r\n" },
		"status line": func(told string) string { return "HTTP/1.1 " + told + "\r\n\r\n" },
		"header":      func(told string) string { return "HTTP/1.1 200 OK\r\n" + told + "\r\n\r\n" },
		"redirect": func(told string) string {
			return "HTTP/1.1 302 Found\r\nLocation: https://x/?" + told + "\r\nContent-Length: 0\r\n\r\n"
		},
		"error status": func(told string) string { return answerOf(418, told) },
	}
	for name, way := range ways {
		for flow, cfg := range flows(t) {
			var told url.Values
			parts := func() []string {
				list := []string{told.Get("client_secret"), told.Get("refresh_token"), told.Get("assertion")}
				return append(list, strings.Split(told.Get("assertion"), ".")...)
			}
			cfg.URL = serve(t, func(body string) string {
				told, _ = url.ParseQuery(body)
				return way(strings.Join(parts(), "|"))
			})
			_, err := signIn(t, nil, cfg).Session(t.Context())
			if err == nil || told == nil {
				t.Errorf("%s, %s: no error", name, flow)
				continue
			}
			for _, p := range parts() {
				if len(p) > 0 && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(p)) {
					t.Errorf("%s, %s: the error holds %q: %v", name, flow, p, err)
				}
			}
		}
	}
}

func answerOf(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

// serve answers each request with the bytes that answer returns for the body.
func serve(t *testing.T, answer func(body string) string) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				body, _ := io.ReadAll(r.Body)
				_, _ = io.WriteString(conn, answer(string(body)))
			}
			conn.Close()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestSecretsThatCannotBeRead: an unreadable secret stops the login before anything is
// sent.
func TestSecretsThatCannotBeRead(t *testing.T) {
	none := secret.Secret{File: "x"}
	for name, change := range map[string]func(*Config){
		"no client secret": func(c *Config) { c.Auth.ClientSecret = none },
		"no key":           func(c *Config) { c.Auth.Key = none },
		"no refresh token": func(c *Config) { c.Auth.RefreshToken = none },
	} {
		for flow, cfg := range flows(t) {
			was := []bool{cfg.Auth.ClientSecret.IsZero(), cfg.Auth.Key.IsZero(), cfg.Auth.RefreshToken.IsZero()}
			change(&cfg)
			if is := []bool{cfg.Auth.ClientSecret.IsZero(), cfg.Auth.Key.IsZero(), cfg.Auth.RefreshToken.IsZero()}; fmt.Sprint(is) != fmt.Sprint(was) {
				continue // the flow does not use this secret
			}
			e := newEndpoint(func(url.Values) (int, string) { return 200, granted })
			v, _ := cfg.Vault.(*memory)
			_, err := signIn(t, e, cfg).Session(t.Context())
			if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), name+": secret file x does not exist") || len(e.forms) != 0 || v != nil && v.text != "" {
				t.Errorf("%s: got %v after %d exchanges", flow, err, len(e.forms))
			}
		}
	}
}
