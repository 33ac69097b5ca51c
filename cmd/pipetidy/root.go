package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set by the release build: -ldflags "-X main.version=1.2.3".
var version = "dev"

const rootLong = `Pipetidy reads opportunities and activities from your CRM into a local cache,
checks them against your hygiene rules, and sends each manager a short digest of
what needs an update.

Start with "pipetidy demo", which needs no account. The configuration is one file:
--config FILE, else $PIPETIDY_CONFIG, else ./pipetidy.yaml.

While "pipetidy run" is working, the other commands ask this daemon through the
socket in its data directory; without a daemon they open the files themselves. The
output is the same either way.`

// newRoot builds the command tree.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:     "pipetidy",
		Short:   "Keep a sales pipeline in order",
		Long:    rootLong,
		Example: "  pipetidy demo\n  pipetidy config check\n  pipetidy sync\n  pipetidy check --fail-on high",
		Version: version,
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
		// One sentence on stderr is the whole report of an error; see exit.go.
		SilenceErrors: true,
		SilenceUsage:  true,
		// An empty flag is most often a variable that a script did not set, and "to
		// nobody" must not turn into "to everybody".
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) (err error) {
			cmd.Flags().Visit(func(f *pflag.Flag) {
				if err == nil && f.Value.Type() == "string" && strings.TrimSpace(f.Value.String()) == "" {
					err = usage(cmd, "--%s is empty", f.Name)
				}
			})
			return err
		},
	}
	root.PersistentFlags().StringVar(&a.config, "config", "", "configuration `FILE` (default $PIPETIDY_CONFIG, then ./pipetidy.yaml)")
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("pipetidy {{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true // newCompletion has an example
	root.AddCommand(
		newDemo(a), newRun(a), newConfig(a), newSync(a), newCheck(a), newExplain(a),
		newRules(a), newDigest(a), newExport(a), newStatus(a), newDeliveries(a), newPark(a), newUnpark(a), newParked(a), newRelease(a), newForget(a), newDB(a), newCompletion(a), newVersion(a),
	)
	return root
}

// group is the RunE of a command that only holds other commands: alone the command shows
// its help, and a word that is none of these commands is a mistake.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknownCommand(cmd, args[0])
}
