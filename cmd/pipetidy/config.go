package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/api"
)

// against compares the file with what the sources know.
func (a *app) against(ctx context.Context, file string) error {
	return a.with(ctx, reading, func(c *client) error {
		found, err := c.Compare(ctx, api.CompareRequest{File: file})
		if err != nil {
			return err
		}
		if len(found.Mistakes) > 0 {
			return fail(api.ExitConfig, "the file and the CRMs differ:\n%s", strings.Join(plains(found.Mistakes), "\n"))
		}
		if len(found.Pending) > 0 {
			return fail(api.ExitNoVerdict, "whether the file is right cannot be told yet: %s", strings.Join(plains(found.Pending), "\n"))
		}
		return nil
	})
}

func plains(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = plain(s)
	}
	return out
}

func newConfig(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Check the configuration",
		Long:    "Commands about the configuration file.",
		Example: "  pipetidy config check\n  pipetidy config check --online",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	check := &cobra.Command{
		Use:   "check",
		Short: "Show all mistakes of the configuration file",
		Long: `Reads the configuration file and shows all mistakes at once, each with its line.
Also looks whether every secret that the file names exists, but asks no CRM, Slack
or mail server whether the secrets are right.

With --online the file, as it is now, is compared with what the CRMs have, as the last
syncs found it: the daemon is asked, whatever file it was started with, or the cache is
read, and no CRM is called. What differs exits with 78 as a mistake does. What no sync
has read yet, as a field that the file maps since then, is unknown and no mistake; the
exit code is 4 then, because the comparison is not complete.

With --against-cache the cached deals are judged by the file as it is now, and what that
changes is printed by rule, before it happens: how many findings the last evaluation had,
and how many there would be; and by team what becomes of the numbers of its digests: open
deals, those that need an update, those of the commit. Nothing is written and no CRM is
called. Digests tell what a file changes as "newly checked" or "no longer checked", never
as anybody's work.`,
		Example: "  pipetidy config check\n  pipetidy config check --online\n  pipetidy config check --against-cache\n  pipetidy config check --config /etc/pipetidy/pipetidy.yaml",
		Args:    exactly(0, ""),
	}
	var online, cached bool
	check.Flags().BoolVar(&online, "online", false, "also compare the file with what the last syncs know of the CRMs: addresses, stages, pipelines, accounts")
	check.Flags().BoolVar(&cached, "against-cache", false, "also judge the cached deals by the file, and print by rule how many findings that changes")
	check.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := config.Check(config.Path(a.config, a.getenv))
		if err != nil {
			return configError(err)
		}
		off := 0
		catalogue := rules.All()
		for i := range catalogue {
			if catalogue[i].Off(cfg.Rules[catalogue[i].ID]) {
				off++
			}
		}
		parts := []string{
			counted(len(cfg.Sources), "source"), counted(len(cfg.Teams.List), "team"),
			fmt.Sprintf("%d of %s on", len(catalogue)-off, counted(len(catalogue), "rule")), counted(len(cfg.Digests), "digest"),
		}
		for _, n := range sourceNotes(cfg) {
			_, _ = fmt.Fprintf(a.err, "pipetidy: note: %s\n", plain(n)) // no mistake
		}
		file, err := filepath.Abs(config.Path(a.config, a.getenv))
		if err != nil {
			return fail(api.ExitFailed, "find the configuration file: %v", err)
		}
		if online {
			if err := a.against(cmd.Context(), file); err != nil {
				return err
			}
		}
		if cached {
			if err := a.effect(cmd.Context(), file); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintf(a.out, "%s is in order: %s\n", plain(config.Path(a.config, a.getenv)), strings.Join(parts, ", "))
		return err
	}
	cmd.AddCommand(check)
	return cmd
}
