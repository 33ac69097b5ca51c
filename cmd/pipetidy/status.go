package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

func newStatus(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how fresh the data is, what is due, and which deliveries are open",
		Long: `Shows each source with its streams and API calls, when each digest is next due,
and the deliveries of the last seven days. Two counts of calls are shown: our own,
which api_budget is held to, and the CRM's, of everybody who uses the account. The
CRM's count may come late, and leaves out some calls, such as signing in. A delivery whose outcome is unknown
may or may not have arrived; it is held until somebody settles it ("pipetidy
deliveries settle"), or sent again once where the configuration says so.`,
		Example: "  pipetidy status\n  pipetidy status -o json | jq .notices",
		Args:    exactly(0, ""),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.with(cmd.Context(), reading, func(c *client) error {
			st, err := c.Status(cmd.Context())
			if err != nil {
				return err
			}
			switch out.word {
			case "json":
				return printJSON(a.out, st)
			case "csv":
				return statusCSV(a.out, st)
			}
			return statusText(a.out, st, c.zone)
		})
	}
	return cmd
}

func statusText(w io.Writer, st *api.Status, zone *time.Location) error {
	var b strings.Builder
	who := "no daemon is running"
	if st.Daemon {
		who = "daemon running"
	}
	fmt.Fprintf(&b, "%s; %s open%s, evaluated %s\n", who, counted(st.Findings, "finding"), parkedWords(st.Paused), moment(st.Evaluated, zone))
	if st.Mode != "" {
		fmt.Fprintf(&b, "mode: %s\n", plain(st.Mode))
	}
	for _, n := range st.Notices {
		for i, line := range wrap(plain(n), lineWidth-2) {
			fmt.Fprintf(&b, "%s%s\n", []string{"! ", "  "}[min(i, 1)], line)
		}
	}
	for i := range st.Sources {
		if err := sourceText(&b, &st.Sources[i], zone); err != nil {
			return err
		}
	}
	if len(st.Digests) > 0 {
		rows := make([][]string, len(st.Digests))
		head := []string{"DIGEST", "TEAM", "NEXT"}
		rest := slices.ContainsFunc(st.Digests, func(d api.DigestState) bool { return d.Rest != "" })
		if rest {
			head = append(head, "DAYS OFF")
		}
		for i, d := range st.Digests {
			if rows[i] = []string{d.Name, orDash(d.Team), moment(&d.Next, zone)}; rest {
				rows[i] = append(rows[i], orDash(d.Rest))
			}
		}
		b.WriteByte('\n')
		if err := table(&b, head, rows); err != nil {
			return err
		}
	}
	if len(st.Deliveries) > 0 {
		b.WriteByte('\n')
		if err := deliveryTable(&b, st.Deliveries, zone); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// parkedWords say how many deals are parked, "" for none.
func parkedWords(n int) string {
	if n == 0 {
		return ""
	}
	return ", " + counted(n, "deal") + " parked"
}

func sourceText(b *strings.Builder, s *api.SourceState, zone *time.Location) error {
	line := sourceLine(&api.CheckSource{Name: s.Name, Type: s.Type, AsOf: s.AsOf, Complete: s.Complete, Withheld: s.Withheld}, zone)
	fmt.Fprintf(b, "\n%s", line)
	if s.Limit > 0 {
		fmt.Fprintf(b, "; API calls: %s ours in 24 hours; the CRM counts %s of %s today, for everybody", grouped(s.Calls), grouped(s.Used), grouped(s.Limit))
	}
	if s.Next != nil {
		fmt.Fprintf(b, "; next attempt at %s", moment(s.Next, zone))
	}
	b.WriteByte('\n')
	rows := make([][]string, len(s.Streams))
	for i, p := range s.Streams {
		state := "incomplete"
		if p.Complete {
			state = "complete"
		}
		rows[i] = []string{string(p.Stream), grouped(p.Records), state, moment(p.AsOf, zone), cmp.Or(p.Waits, failureOf(s.Streams, i))}
	}
	if len(rows) == 0 {
		return nil
	}
	return table(b, []string{"STREAM", "RECORDS", "STATE", "AS OF", "LAST ERROR"}, rows)
}

// failureOf is the last error of a stream. An error of the whole source is the same in
// all streams, and is written once.
func failureOf(streams []api.StreamProgress, i int) string {
	failure, between := streams[i].Error, false
	for j := i - 1; j >= 0 && failure != ""; j-- {
		switch streams[j].Error {
		case "":
		case failure:
			first := slices.IndexFunc(streams, func(p api.StreamProgress) bool { return p.Error == failure })
			if between {
				return "as for " + string(streams[first].Stream)
			}
			return "as above"
		default:
			between = true
		}
	}
	return failure
}

func deliveryTable(w io.Writer, ds []api.DeliveryStatus, zone *time.Location) error {
	rows := make([][]string, len(ds))
	for i, d := range ds {
		to := d.Recipient + " (" + string(d.Channel) + ")"
		if d.To != "" {
			to = d.To + " (" + string(d.Channel) + ") (for " + d.Recipient + ")"
		}
		rows[i] = []string{d.Digest, d.Period, orDash(d.Team), to, string(d.State), moment(&d.Changed, zone), d.Reason}
	}
	return table(w, []string{"DELIVERY", "PERIOD", "TEAM", "TO", "STATE", "CHANGED", "REASON"}, rows)
}

// statusCSV prints one row a stream, for monitoring jobs.
func statusCSV(w io.Writer, st *api.Status) error {
	var rows [][]cell
	for i := range st.Sources {
		s := &st.Sources[i]
		for _, p := range s.Streams {
			row := texts(s.Name, s.Type, string(p.Stream), strconv.FormatBool(p.Complete), stamp(p.AsOf))
			row = append(row, cell{strconv.Itoa(p.Records), true})
			rows = append(rows, append(row, texts(p.Error, s.Withheld)...))
		}
	}
	return printCSV(w, []string{"source", "type", "stream", "complete", "as_of", "records", "error", "withheld"}, rows)
}
