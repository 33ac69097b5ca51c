package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestFillSources: fill gives a source the vault that its tokens require, and the daemon
// the settings of the source.
func TestFillSources(t *testing.T) {
	org := sim.New(sim.Options{Deals: 1}).Salesforce()
	org.Set(func(o *sim.SalesforceOptions) { o.Auth.Rotate = true })
	srv := httptest.NewServer(org)
	defer srv.Close()
	dir := t.TempDir()
	approved := org.Authorize()
	for name, text := range map[string]string{
		"sf-refresh": approved,
		"sf-secret":  org.Options().ClientSecret,
		"pipetidy.yaml": `timezone: UTC
sources:
  - name: sales
    type: salesforce
    url: ` + srv.URL + `
    auth: {flow: refresh_token, client_id: ` + org.Options().ClientID + `, client_secret: {file: sf-secret}, refresh_token: {file: sf-refresh}}
    skip: {pipelines: [Renewal]}
    commit: [Commit, Most Likely]
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(filepath.Join(dir, "pipetidy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(cfg.DataDir, 0o700); err != nil { // as the store does
		t.Fatal(err)
	}
	var dc daemon.Config
	if err := fill(&dc, cfg, false); err != nil {
		t.Fatal(err)
	}
	s := dc.Sources[0]
	if !slices.Equal(s.Skip, []string{"Renewal"}) || !slices.Equal(s.Commit, []string{"Commit", "Most Likely"}) {
		t.Errorf("got %+v", s)
	}
	if _, err := s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "data", "tokens", "sales"))
	if err != nil || strings.Contains(string(kept), approved) || !strings.Contains(string(kept), `"used":false`) {
		t.Errorf("kept %d bytes, %v", len(kept), err)
	}
}
