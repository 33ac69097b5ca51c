package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

func newSync(a *app) *cobra.Command {
	var req api.SyncRequest
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Read what changed in the CRM into the cache",
		Long: `Reads what changed since the last sync, stream by stream, and evaluates the rules.
On a terminal the command shows its progress; elsewhere it prints a line for each
stream. The number of API calls at the end is our own, sign-ins included.

An interrupted sync loses nothing: the next sync goes on where the last one stopped.
A sync after which the findings of a source are withheld, for instance because many
records are no longer visible to the login, exits with 4 and says why.`,
		Example: "  pipetidy sync\n  pipetidy sync --source sales --full",
		Args:    exactly(0, ""),
	}
	out := formatFlag(cmd, "table", "json")
	cmd.Flags().StringVar(&req.Source, "source", "", "only the source called `NAME`")
	cmd.Flags().BoolVar(&req.Full, "full", false, "read everything again, and drop what the CRM no longer has")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		err := a.with(cmd.Context(), syncing, func(c *client) error {
			p := newProgress(a.out, a.err)
			err := c.Sync(cmd.Context(), req, func(line []byte, e *api.SyncEvent) error {
				p.watch(e)
				if out.word == "json" {
					_, err := fmt.Fprintf(a.out, "%s\n", inertJSON(line))
					flush(a.out)
					return err
				}
				p.show(e)
				return nil
			})
			p.done()
			if err == nil {
				err = p.verdict()
			}
			return err
		})
		if req.Full {
			return interrupted(err, "`pipetidy sync` goes on with the streams that were begun; with --full all are read from their beginning")
		}
		return err
	}
	return cmd
}

// syncFault is one source whose sync failed.
type syncFault struct {
	source, text string
	exit         int
}

// syncVerdict joins the faults; the highest exit code is that of the gravest fault.
func syncVerdict(faults []syncFault) error {
	if len(faults) == 0 {
		return nil
	}
	code, text := api.ExitFailed, make([]string, len(faults))
	for i, f := range faults {
		code = max(code, f.exit)
		text[i] = fmt.Sprintf("sync %s: %s", f.source, f.text)
	}
	return fail(code, "%s", strings.Join(text, "; "))
}
