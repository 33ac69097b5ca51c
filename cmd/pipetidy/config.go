package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/api"
)

// against compares the file with what the sources know.
func (a *app) against(ctx context.Context) error {
	return a.with(ctx, reading, func(c *client) error {
		st, err := c.Status(ctx)
		if err != nil {
			return err
		}
		if len(st.File) > 0 {
			lines := make([]string, len(st.File))
			for i, s := range st.File {
				lines[i] = plain(s)
			}
			return fail(api.ExitConfig, "the file and the CRMs differ:\n%s", strings.Join(lines, "\n"))
		}
		for i := range st.Sources {
			if s := &st.Sources[i]; !s.Complete {
				return fail(api.ExitNoVerdict, "whether the file is right cannot be told yet: %s has not been read completely; run `pipetidy sync`", s.Name)
			}
		}
		return nil
	})
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

With --online the file is compared with what the CRMs have, as the last syncs found it:
the daemon is asked, or the cache is read, and no CRM is called. What differs exits
with 78 as a mistake does. What a source has not told yet is unknown and no mistake;
the exit code is 4 then, because the comparison is not complete.`,
		Example: "  pipetidy config check\n  pipetidy config check --online\n  pipetidy config check --config /etc/pipetidy/pipetidy.yaml",
		Args:    exactly(0, ""),
	}
	var online bool
	check.Flags().BoolVar(&online, "online", false, "also compare the file with what the last syncs know of the CRMs: addresses, stages, pipelines, accounts")
	check.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := config.Check(config.Path(a.config, a.getenv))
		if err != nil {
			return configError(err)
		}
		off := 0
		for _, s := range cfg.Rules {
			if s.Off {
				off++
			}
		}
		parts := []string{
			counted(len(cfg.Sources), "source"), counted(len(cfg.Teams.List), "team"),
			fmt.Sprintf("%d of %s on", len(rules.All())-off, counted(len(rules.All()), "rule")), counted(len(cfg.Digests), "digest"),
		}
		for _, n := range sourceNotes(cfg) {
			_, _ = fmt.Fprintf(a.err, "pipetidy: note: %s\n", plain(n)) // no mistake
		}
		if online {
			if err := a.against(cmd.Context()); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintf(a.out, "%s is in order: %s\n", plain(config.Path(a.config, a.getenv)), strings.Join(parts, ", "))
		return err
	}
	cmd.AddCommand(check)
	return cmd
}
