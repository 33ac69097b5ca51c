package main

import (
	"github.com/spf13/cobra"
)

func newDigest(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "digest",
		Short:   "Preview or send a digest",
		Long:    "Shows what a digest of the configuration would say now, or sends it now.",
		Example: "  pipetidy digest preview manager-daily\n  pipetidy digest send manager-daily --to me@acme.example",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	cmd.AddCommand(newPreview(a), newSend(a))
	return cmd
}
