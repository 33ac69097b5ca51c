package sim

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipetidy/pipetidy/config"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

func serveCompany(t *testing.T, opt ServeOptions) *Servers {
	t.Helper()
	s, err := Serve(t.Context(), New(Options{Deals: 30}), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

func TestConfigLoads(t *testing.T) {
	s := serveCompany(t, ServeOptions{})
	dir := t.TempDir()
	yaml, err := s.Config(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pipetidy.yaml")
	if err := os.WriteFile(path, yaml, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	if len(cfg.Teams.List) != 2 || len(cfg.Sources) != 1 || cfg.Sources[0].Name != "sales" {
		t.Errorf("got %d teams and %d sources", len(cfg.Teams.List), len(cfg.Sources))
	}
	for _, name := range []string{"salesforce", "slack", "smtp"} {
		info, err := os.Stat(filepath.Join(dir, "secrets", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("secret %s: %v, %v", name, info, err)
		}
	}
}

// The configuration of a company with two CRMs names both sources.
func TestConfigOfTwoCRMsLoads(t *testing.T) {
	s, err := Serve(t.Context(), New(Options{Deals: 30, HubSpot: true}), ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	dir := t.TempDir()
	yaml, err := s.Config(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pipetidy.yaml")
	if err := os.WriteFile(path, yaml, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	if len(cfg.Sources) != 2 || cfg.Sources[1].Name != "partners" || len(cfg.Digests) != 2 {
		t.Errorf("got %d sources and %d digests", len(cfg.Sources), len(cfg.Digests))
	}
	if token, err := os.ReadFile(filepath.Join(dir, "secrets", "hubspot")); err != nil || string(token) != s.HubSpotToken+"\n" {
		t.Errorf("token: %q, %v", token, err)
	}
	resp, err := http.Get(s.HubSpotURL + "/account-info/2026-09/details")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %s", resp.Status)
	}
}

// All three services answer, and all end when the context ends.
func TestServeEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Serve(ctx, New(Options{Deals: 30}), ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.SalesforceURL + "/services/data")
	if err != nil {
		t.Fatal(err)
	}
	var versions []struct{ Version string }
	if err := json.NewDecoder(resp.Body).Decode(&versions); err != nil || len(versions) != 38 {
		t.Errorf("got %d versions, %v", len(versions), err)
	}
	_ = resp.Body.Close()
	resp, err = http.Post(s.SlackURL+"/auth.test", "application/x-www-form-urlencoded", strings.NewReader("token="+s.SlackToken))
	if err != nil {
		t.Fatal(err)
	}
	var auth struct{ OK bool }
	if err := json.NewDecoder(resp.Body).Decode(&auth); err != nil || !auth.OK {
		t.Errorf("auth.test: %v, %v", auth, err)
	}
	_ = resp.Body.Close()
	client, err := smtp.Dial(net.JoinHostPort(s.SMTPHost, strconv.Itoa(s.SMTPPort)))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Quit(); err != nil {
		t.Error(err)
	}
	cancel()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
	if _, err := http.Get(s.SalesforceURL + "/services/data"); err == nil {
		t.Error("the Salesforce server still answers after the context ended")
	}
}

// Close returns and leaves nothing running, however early Close is called.
func TestCloseAtOnce(t *testing.T) {
	c := New(Options{Deals: 1})
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := Serve(ctx, c, ServeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		go cancel()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
