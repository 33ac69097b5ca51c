package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/hygiene/rules"
)

func newConfig(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Check the configuration",
		Long:    "Commands about the configuration file.",
		Example: "  pipetidy config check",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	check := &cobra.Command{
		Use:   "check",
		Short: "Show all mistakes of the configuration file",
		Long: `Reads the configuration file and shows all mistakes at once, each with its line.
Also looks whether every secret that the file names exists, but asks no CRM, Slack
or mail server whether the secrets are right.`,
		Example: "  pipetidy config check\n  pipetidy config check --config /etc/pipetidy/pipetidy.yaml",
		Args:    exactly(0, ""),
	}
	check.RunE = func(*cobra.Command, []string) error {
		cfg, err := a.load()
		if err != nil {
			return err
		}
		if err := secrets(cfg, everything); err != nil {
			return err
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
		_, err = fmt.Fprintf(a.out, "%s is in order: %s\n", plain(config.Path(a.config, a.getenv)), strings.Join(parts, ", "))
		return err
	}
	cmd.AddCommand(check)
	return cmd
}
