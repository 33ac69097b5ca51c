package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

// exportStreams are the streams that export knows; findings come from the
// journal, the others from the cache.
var exportStreams = []string{"opportunities", "activities", "users", "stages", "history", "contacts", "findings"}

func newExport(a *app) *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use:   "export STREAM",
		Short: "Print cached records, one JSON object a line",
		Long: `Prints the cached records of a stream as NDJSON, in key order, deleted ones left
out. Streams: ` + strings.Join(exportStreams, ", ") + `.

Times are RFC 3339 UTC, an empty value is null, a field that cannot be read is
absent; where it cannot be read on one deal alone, "unclear" names it there. Where a CRM
keeps the close date as a time (HubSpot does), an opportunity has the day in the
account's zone and the history has the time; findings have the day in the owner's
calendar. Where a source has not been read completely, the records that are there are
printed and the exit code is 4.`,
		Example:   "  pipetidy export opportunities > deals.ndjson\n  pipetidy export activities --source sales | jq .kind",
		Args:      exactly(1, "STREAM: one of "+strings.Join(exportStreams, ", ")),
		ValidArgs: exportStreams,
	}
	cmd.Flags().StringVar(&source, "source", "", "only records of the source called `NAME`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		stream := args[0]
		if !slices.Contains(exportStreams, stream) {
			hint := suggest(stream, exportStreams)
			if hint == "" {
				hint = "; use one of " + strings.Join(exportStreams, ", ")
			}
			return usage(cmd, "unknown stream %q%s", plain(stream), hint)
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			err := c.Export(cmd.Context(), stream, source, func(line []byte) error {
				if _, err := a.out.Write(inertJSON(line)); err != nil {
					return err
				}
				_, err := a.out.Write([]byte{'\n'})
				return err
			})
			if err != nil {
				return err
			}
			st, err := c.Status(cmd.Context())
			if err != nil {
				return err
			}
			return exportVerdict(st, stream, source)
		})
	}
	return cmd
}

// exportVerdict is the error of an export that is not complete, so that no script takes
// half a stream for the whole.
func exportVerdict(st *api.Status, stream, source string) error {
	var why []string
	for i := range st.Sources {
		s := &st.Sources[i]
		if source != "" && s.Name != source {
			continue
		}
		complete := s.Complete
		for _, p := range s.Streams {
			if string(p.Stream) == stream {
				complete = p.Complete
			}
		}
		if !complete {
			why = append(why, fmt.Sprintf("%q", s.Name))
		}
	}
	if len(why) == 0 {
		return nil
	}
	return fail(api.ExitNoVerdict, "%s of source %s are not all here, because not everything has been read yet; run \"pipetidy sync\", then try again", stream, listed(why))
}
