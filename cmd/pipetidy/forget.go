package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

func newForget(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "forget SOURCE",
		Short: "Drop the cached records of a source that the configuration no longer names",
		Long: `Drops from the cache all records of a source that was taken out of the configuration
or renamed there. Until then such a source is neither read nor judged nor counted, and
"pipetidy status" names it. The CRM is not called, and nothing changes there.

The history of the findings stays: a source that comes back under the same name is
read anew, and its findings are as old as they were.`,
		Example: "  pipetidy forget oldname",
		Args:    exactly(1, "the name of the source"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), reading, func(c *client) error {
				if err := c.Forget(cmd.Context(), api.ForgetRequest{Source: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "%s is forgotten\n", plain(args[0]))
				return err
			})
		},
	}
}
