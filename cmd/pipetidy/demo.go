package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/sim"
)

func newDemo(a *app) *cobra.Command {
	var out string
	var serve bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on an invented company; needs no account",
		Long: `Invents a company and serves it on this machine as a Salesforce org, a HubSpot
portal, a Slack workspace and a mail server. On ten mornings of two weeks the demo syncs
over HTTP, evaluates, and delivers the digests of the managers and the reps; meanwhile
the company lives. The demo prints the first list of one rep, who pauses a deal on that
day, and at the end the last digest of one manager and the last list of the rep, in which
the deal wakes up, and names the folder that has the
digests of each morning, as a text and as an email, with the findings and what the CRMs
held. Nothing leaves this machine.

With --serve the company and a daemon stay until Ctrl-C, so that the other
commands can be tried on the company. The CRMs of the company have no pages, so the
links to deals that these commands print lead nowhere.`,
		Example: "  pipetidy demo\n  pipetidy demo --serve",
		Args:    exactly(0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), out, serve)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write the digests into `DIR` (default a new directory for temporary files)")
	cmd.Flags().BoolVar(&serve, "serve", false, "keep the company and a daemon running until Ctrl-C")
	return cmd
}

// The people of the demo's configuration. The manager of East gets an address without a
// Slack account, so that the demo shows the else channel.
const (
	demoDigest    = "manager-daily"
	demoRepDigest = "rep-daily"
	demoReader    = "maria@acme.example"
	demoRep       = "cleo@acme.example"
	demoZone      = "America/Los_Angeles"
	eastOnPage    = "manager: tom@acme.example"
	eastByMail    = "manager: east-leads@acme.example"
	// The address is a list of people, which no CRM knows, so the file vouches for it.
	peopleOfFile = "people:\n  list:\n"
	eastDeclared = peopleOfFile + "    - {email: east-leads@acme.example}\n"
)

func (a *app) demo(ctx context.Context, out string, serve bool) (err error) {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	dir, err := os.MkdirTemp("", "pipetidy-demo-")
	if err != nil {
		return fail(api.ExitIO, "demo: %w", err)
	}
	data := filepath.Join(dir, "data")
	defer func() {
		err = errors.Join(err, os.RemoveAll(data))
		_ = os.Remove(dir) // fails when the digests are in dir, which have to stay
	}()
	if out == "" {
		out = dir
	}
	company := sim.New(sim.Options{Start: time.Date(2026, 11, 30, 8, 30, 0, 0, zone), HubSpot: true, NoHostile: true, Fortnight: true, Live: serve})
	company.HubSpot().Set(func(o *sim.HubSpotOptions) { o.Burst = 100_000 }) // ten mornings in seconds are no burst
	servers, err := sim.Serve(ctx, company, sim.ServeOptions{})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, servers.Close()) }()
	cfg, err := demoConfig(servers, data)
	if err != nil {
		return err
	}
	here := *a
	here.now, here.config, here.unpaced = company.Now, cfg.Path, true
	dc := daemon.Config{}
	if serve {
		dc.Socket, dc.Listen, dc.Hosts = filepath.Join(cfg.DataDir, socketName), cfg.HTTP.Listen, cfg.HTTP.Hosts
	}
	d, closeStore, err := here.open(cfg, dc, zap.NewNop())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	h, stop := inProcess(d.Handler())
	defer func() { err = errors.Join(err, stop()) }()

	s := &show{app: &here, client: &client{Client: &api.Client{HTTP: h}, zone: zone}, company: company, servers: servers, out: out}
	if err := s.play(ctx); err != nil {
		return err
	}
	if !serve {
		return nil
	}
	s.say("\nThe company and a daemon stay until Ctrl-C. In another terminal, for instance:")
	for _, c := range []string{"status", "check --team West --fail-on high", "digest preview " + demoDigest, "digest send " + demoDigest + " --again"} {
		s.say("  pipetidy %s --config %s", c, cfg.Path)
	}
	return d.Run(ctx)
}

// demoConfig writes the configuration of the served company and loads it as any
// command would.
func demoConfig(servers *sim.Servers, data string) (*config.Config, error) {
	yaml, err := servers.Config(data)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if !bytes.Contains(yaml, []byte(eastOnPage)) {
		return nil, fmt.Errorf("demo: the company's configuration has no line %q", eastOnPage)
	}
	yaml = bytes.Replace(yaml, []byte(eastOnPage), []byte(eastByMail), 1)
	yaml = bytes.Replace(yaml, []byte(peopleOfFile), []byte(eastDeclared), 1)
	path := filepath.Join(data, "pipetidy.yaml")
	if err := os.WriteFile(path, yaml, 0o600); err != nil {
		return nil, fail(api.ExitIO, "demo: %w", err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		return nil, &exitError{api.ExitConfig, err}
	}
	return cfg, nil
}
