package login

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// memory is a vault that outlives the source, as the disk does.
type memory struct {
	mu    sync.Mutex
	text  string
	saved []kept
	fail  func(kept) error // nil takes everything
}

func (m *memory) Load(string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text, nil
}

func (m *memory) Save(name, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var k kept
	if err := json.Unmarshal([]byte(text), &k); err != nil || name != "sales" {
		return fmt.Errorf("saved %s as %s", text, name)
	}
	if m.fail != nil {
		if err := m.fail(k); err != nil {
			return err
		}
	}
	m.text, m.saved = text, append(m.saved, k)
	return nil
}

func (m *memory) holds(t *testing.T, token string, used bool) {
	t.Helper()
	var k kept
	if err := json.Unmarshal([]byte(m.text), &k); err != nil {
		t.Fatal(err)
	}
	if k.Token != token || k.Used != used {
		t.Errorf("the vault holds %s, used: %v; want %s, %v", k.Token, k.Used, token, used)
	}
}

// rotating is a token endpoint that replaces each refresh token. A replaced token
// that comes again ends the approval.
type rotating struct {
	mu     sync.Mutex
	now    string // the valid token; "" says that the approval has ended
	n      int
	before func() // runs before each answer
}

func (r *rotating) answer(form url.Values) (int, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before != nil {
		r.before()
	}
	r.n++
	if r.now == "" || form.Get("refresh_token") != r.now {
		r.now = ""
		return 400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`
	}
	r.now = fmt.Sprintf("5Aep-successor-%d", r.n)
	return 200, strings.Replace(granted, "{", `{"refresh_token":"`+r.now+`",`, 1)
}

func byToken(t *testing.T, token string, v crm.Vault) Config {
	return Config{Auth: Auth{Flow: RefreshToken, RefreshToken: connectortest.Secret(t, token), ClientSecret: connectortest.Secret(t, testSecret)}, Vault: v}
}

const seed = "5Aep-of-the-approval"

func TestRotation(t *testing.T) {
	v := &memory{}
	r := &rotating{now: seed}
	e := newEndpoint(r.answer)
	s := signIn(t, e, byToken(t, seed, v))
	session, err := s.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f := e.forms[0]; len(f) != 4 || f.Get("grant_type") != "refresh_token" || f.Get("client_id") != "3MVG9acme" || f.Get("client_secret") != testSecret {
		t.Errorf("asked with %v", f)
	}
	v.holds(t, "5Aep-successor-1", false)
	if len(v.saved) != 2 || v.saved[0].Token != seed || !v.saved[0].Used {
		t.Errorf("saved %+v", v.saved)
	}
	if strings.Contains(v.saved[1].Seed, seed) {
		t.Error("the configured token is written out")
	}
	if _, err := s.Renew(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	v.holds(t, "5Aep-successor-2", false)
	// The next process goes on with the last token, whatever token the file holds.
	if _, err := signIn(t, e, byToken(t, seed, v)).Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.holds(t, "5Aep-successor-3", false)
}

// TestNoRotation: most orgs keep the token.
func TestNoRotation(t *testing.T) {
	v := &memory{}
	e := newEndpoint(func(url.Values) (int, string) { return 200, granted })
	cfg := byToken(t, seed, v)
	cfg.Auth.ClientSecret = secret.Secret{} // an app need not have one
	s := signIn(t, e, cfg)
	for range 3 {
		session, err := s.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v.holds(t, seed, false)
		if _, err := s.Renew(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	if f := e.forms[0]; len(f) != 3 || f.Has("client_secret") {
		t.Errorf("asked with %v", f)
	}
}

// TestCrashBeforeTheExchange: the token was noted as used, and Salesforce never saw
// the token.
func TestCrashBeforeTheExchange(t *testing.T) {
	v := &memory{}
	r := &rotating{now: seed}
	down := true
	e := newEndpoint(r.answer)
	s := signIn(t, tripper(func(req *http.Request) (*http.Response, error) {
		if down {
			return nil, errors.New("broken in the middle")
		}
		return e.RoundTrip(req)
	}), byToken(t, seed, v))
	if _, err := s.Session(t.Context()); !errors.Is(err, crm.ErrBusy) {
		t.Fatalf("got %v", err)
	}
	v.holds(t, seed, true)
	down = false
	if _, err := s.Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.holds(t, "5Aep-successor-1", false)
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestDiskFullAfterTheAnswer: the successor cannot be saved, but the process goes on
// and still has the successor in memory.
func TestDiskFullAfterTheAnswer(t *testing.T) {
	full := true
	v := &memory{fail: func(k kept) error {
		if full && !k.Used {
			return errors.New("no space left on device")
		}
		return nil
	}}
	r := &rotating{now: seed}
	e := newEndpoint(r.answer)
	s := signIn(t, e, byToken(t, seed, v))
	for range 3 {
		_, err := s.Session(t.Context())
		if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "the refresh token cannot be kept: no space left") {
			t.Fatalf("got %v", err)
		}
	}
	if len(e.forms) != 1 {
		t.Errorf("asked %d times", len(e.forms))
	}
	full = false
	if _, err := s.Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := e.forms[1].Get("refresh_token"); got != "5Aep-successor-1" {
		t.Errorf("asked with %s", got)
	}
	v.holds(t, "5Aep-successor-2", false)
}

// TestNothingIsSentThatCannotBeKept: no token is sent while the vault cannot be
// written or read.
func TestNothingIsSentThatCannotBeKept(t *testing.T) {
	e := newEndpoint(func(url.Values) (int, string) { return 200, granted })
	for _, v := range []crm.Vault{&memory{fail: func(kept) error { return errors.New("read only") }}, unreadable{}} {
		_, err := signIn(t, e, byToken(t, seed, v)).Session(t.Context())
		if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "the refresh token cannot be kept: read only") || len(e.forms) != 0 {
			t.Errorf("got %v after %d exchanges", err, len(e.forms))
		}
	}
}

type unreadable struct{}

func (unreadable) Load(string) (string, error) { return "", errors.New("read only") }
func (unreadable) Save(string, string) error   { return nil }

// TestVaultOfNoUse: the vault holds a damaged token, or a token of another approval.
func TestVaultOfNoUse(t *testing.T) {
	for _, text := range []string{"{", `{"seed":"x","token":"5Aep-of-another","used":true}`, "null", `{"token":"5Aep-of-another"}`, fmt.Sprintf(`{"seed":"%x"}`, sha256.Sum256([]byte(seed)))} {
		v := &memory{text: text}
		e := newEndpoint((&rotating{now: seed}).answer)
		if _, err := signIn(t, e, byToken(t, seed, v)).Session(t.Context()); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestDamagedVaultIsSaid: after a damaged vault the configured token is tried. If the
// token is refused, the error names the damaged vault, each time.
func TestDamagedVaultIsSaid(t *testing.T) {
	for _, c := range []struct {
		text, refusal string
		said          bool
	}{
		{"{", "expired access/refresh token", true},
		{"null", "expired access/refresh token", true},
		{"{", "inactive user", false}, // refused for another reason
		{"", "expired access/refresh token", false},
		{`{"seed":"x","token":"5Aep-of-another"}`, "expired access/refresh token", false},
	} {
		v := &memory{text: c.text}
		refuse := true
		e := newEndpoint(func(url.Values) (int, string) {
			if refuse {
				return 400, `{"error":"invalid_grant","error_description":"` + c.refusal + `"}`
			}
			return 200, granted
		})
		for range 2 { // and after a restart
			_, err := signIn(t, e, byToken(t, seed, v)).Session(t.Context())
			if !errors.Is(err, crm.ErrAuth) || strings.Contains(err.Error(), "kept in the directory tokens of data_dir is damaged, so the configured one was tried instead") != c.said ||
				c.said && !strings.Contains(err.Error(), renewApproval) {
				t.Errorf("%q, %s: got %v", c.text, c.refusal, err)
			}
		}
		refuse = false
		if _, err := signIn(t, e, byToken(t, seed, v)).Session(t.Context()); err != nil {
			t.Fatal(err)
		}
		if refuse = true; c.said {
			_, err := signIn(t, e, byToken(t, seed, v)).Session(t.Context())
			if err == nil || strings.Contains(err.Error(), "damaged") {
				t.Errorf("after a login that went well: %v", err)
			}
		}
	}
}

// TestAnswersThatLeaveTheTokenUnused: a refusal, or no connection to the server, does
// not use the token up; a failure after the request was sent may have used it up.
func TestAnswersThatLeaveTheTokenUnused(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	v := &memory{}
	cfg := byToken(t, seed, v)
	cfg.URL = nobody
	if _, err := signIn(t, nil, cfg).Session(t.Context()); !errors.Is(err, crm.ErrBusy) {
		t.Errorf("got %v", err)
	}
	v.holds(t, seed, false)
	for _, c := range []struct {
		status int
		body   string
		used   bool
	}{
		{400, `{"error":"invalid_grant","error_description":"inactive user"}`, false},
		{400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, false},
		{503, `{"error":"temporarily_unavailable"}`, true},
		{502, "<html>", true},
		{200, `{"access`, true},
	} {
		v := &memory{}
		e := newEndpoint(func(url.Values) (int, string) { return c.status, c.body })
		s := loginAt(e, Config{URL: "https://acme.my.salesforce.com", Vault: v, Auth: Auth{ClientID: "x", Flow: RefreshToken, RefreshToken: connectortest.Secret(t, seed)}}, 4)
		_, err := s.Session(t.Context())
		if err == nil || strings.Contains(err.Error(), "used before") || len(e.forms) != 1 {
			t.Errorf("%d %s: %v after %d exchanges", c.status, c.body, err, len(e.forms))
		}
		v.holds(t, seed, c.used)
	}
}

// TestStopDoesNotCutARefresh: the answer is the only copy of the next token.
func TestStopDoesNotCutARefresh(t *testing.T) {
	v := &memory{}
	ctx, stop := context.WithCancel(t.Context())
	r := &rotating{now: seed, before: stop}
	if _, err := signIn(t, newEndpoint(r.answer), byToken(t, seed, v)).Session(ctx); err != nil {
		t.Error(err)
	}
	v.holds(t, "5Aep-successor-1", false)
}
