package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt"
	"github.com/pipetidy/pipetidy/store/bolt/datadir"
)

// open opens the files and makes a daemon of the configuration. dc holds the settings
// that are not in the configuration file.
func (a *app) open(cfg *config.Config, dc daemon.Config, log *zap.Logger) (*daemon.Daemon, func() error, error) {
	if err := fill(&dc, cfg, a.unpaced); err != nil {
		return nil, nil, configError(err)
	}
	dc.Now = a.now
	dc.Disk = func() (x daemon.Disk, err error) {
		x.Free, x.Size, err = datadir.Room(cfg.DataDir)
		return x, err
	}
	st, closeStore, err := a.openStore(cfg)
	if err != nil {
		return nil, nil, err
	}
	dc.Remember = func(ctx context.Context) error { return cfg.Almanac.Remember(ctx, memory{st}) }
	if err := a.recall(cfg, st); err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	if err := dc.Remember(context.Background()); err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	dc.Load = func(file string) (daemon.Config, error) {
		var other daemon.Config
		cfg, err := config.Load(file)
		if err == nil {
			err = a.recall(cfg, st)
		}
		if err == nil {
			err = fill(&other, cfg, a.unpaced)
		}
		return other, err
	}
	for _, n := range slices.Concat(st.Notices(), shared(cfg.DataDir), sourceNotes(cfg)) {
		if log.Core().Enabled(zap.WarnLevel) {
			log.Warn(n)
		} else {
			_, _ = fmt.Fprintf(a.err, "pipetidy: note: %s\n", plain(n)) // there is nowhere left to say it
		}
	}
	d, err := daemon.New(dc, st, st, st.Fence(), log)
	if err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	return d, closeStore, nil
}

// recall goes on from what the files of days off said before this process. A file of which
// nothing is known is a mistake.
func (a *app) recall(cfg *config.Config, st *bolt.Store) error {
	if err := cfg.Almanac.Recall(context.Background(), memory{st}, a.now); err != nil {
		return err
	}
	if ps := cfg.CheckLostDaysOff(); len(ps) > 0 {
		return configError(ps)
	}
	return nil
}

// memory keeps the notes of an almanac in the journal.
type memory struct{ *bolt.Store }

// Note is [almanac.Memory].
func (m memory) Note(ctx context.Context, name, value string) error {
	return store.AsFileError(m.Store.Note(ctx, m.Fence(), name, value))
}

// Noted is [almanac.Memory].
func (m memory) Noted(ctx context.Context, name string) (string, error) {
	value, err := m.Store.Noted(ctx, name)
	return value, store.AsFileError(err)
}

// sourceNotes is what the settings of the sources have to say at each start.
func sourceNotes(cfg *config.Config) []string {
	var out []string
	for i := range cfg.Sources {
		if c, ok := cfg.Sources[i].Connector.(connectors.Noter); ok {
			for _, n := range c.Notes() {
				out = append(out, "source "+cfg.Sources[i].Name+": "+n)
			}
		}
	}
	return out
}

// fill copies the configuration into dc, and opens its sources and channels. unpaced is for
// those that are simulated.
func fill(dc *daemon.Config, cfg *config.Config, unpaced bool) error {
	agent := "pipetidy/" + version
	dc.Version = version
	dc.Company, dc.Location, dc.Currency = cfg.Company, cfg.Location, cfg.Currency
	dc.Fiscal = cfg.Fiscal
	dc.Teams, dc.Pipelines, dc.Almanac = cfg.Teams, cfg.Pipelines, cfg.Almanac.Read
	dc.Declared = slices.Concat(cfg.Declared, cfg.Ops.Notify)
	dc.Rules, dc.Settings = rules.All(), cfg.Rules
	dc.People, dc.Redirect = cfg.People, cfg.Mode.Redirect
	dc.Ops, dc.Help = cfg.Ops.Notify, cfg.Ops.Help
	dc.Shadow, dc.Backlog = cfg.Start.ShadowDays, cfg.Start.BacklogPerWeek
	dc.Attention, dc.Parking, dc.RepFirst = cfg.Attention, cfg.Parking, cfg.RepFirst
	dc.Resend = cfg.Notify.Resend
	vault := secret.Vault{Dir: filepath.Join(cfg.DataDir, "tokens")}
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		src, err := s.Connector.Open(connectors.SourceOptions{Name: s.Name, Budget: s.Budget, UserAgent: agent, Unpaced: unpaced, Vault: vault})
		if err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
		var logins []string
		if c, ok := s.Connector.(connectors.ToolUser); ok {
			logins = c.ToolUsers()
		}
		dc.Sources = append(dc.Sources, daemon.Source{
			Source: evaluation.Source{Source: src, Label: s.Label, Skip: s.Skip, Commit: s.Commit, Logins: logins},
			Type:   s.Type, Every: s.Every, Cron: s.Cron,
		})
	}
	dc.Notifiers = map[delivery.Channel]digest.Notifier{}
	for ch, c := range cfg.Notify.Channels {
		n, err := c.Open(connectors.NotifierOptions{UserAgent: agent, Unpaced: unpaced, SlackIDs: cfg.SlackIDs})
		if err != nil {
			return fmt.Errorf("notify.%s: %w", ch, err)
		}
		dc.Notifiers[ch] = n
	}
	for _, x := range cfg.Escalations {
		dc.Escalations = append(dc.Escalations, edition.Escalation(x))
	}
	for _, d := range cfg.Digests {
		dc.Digests = append(dc.Digests, edition.Digest{Name: d.Name, For: d.For, Schedule: d.Schedule, Via: d.Via, Else: d.Else})
	}
	return nil
}

// secrets returns the error of the secrets that n requires and that cannot be used.
func secrets(cfg *config.Config, n need) error {
	var ps config.Problems
	if n == syncing || n == everything {
		ps = append(ps, cfg.CheckSourceSecrets()...)
	}
	if n == sending || n == everything {
		ps = append(ps, cfg.CheckChannelSecrets()...)
	}
	if len(ps) == 0 {
		return nil
	}
	return configError(ps)
}
