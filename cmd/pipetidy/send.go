package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/secret"
)

func newSend(a *app) *cobra.Command {
	var req api.SendRequest
	cmd := &cobra.Command{
		Use:   "send NAME",
		Short: "Send a digest now",
		Long: `Sends the digest called NAME to its readers now, as today's digest: the schedule
does not send it again today. Sending today's digest a second time sends nothing
and says so; --again makes another edition.

With --to the digest goes to one address only, marked as a test, and does not count
as sent.

While the findings of all sources are withheld, because the data is old or incomplete,
nothing is sent but a test, the exit code is 4, and today's digest stays due.

Before anything is composed the CRMs are asked whether the deals with findings are still
there, so that no deal is named that was deleted. A CRM that does not answer within a
minute holds nothing up.`,
		Example: "  pipetidy digest send manager-daily --to me@acme.example\n  pipetidy digest send manager-daily\n  pipetidy digest send manager-daily --again",
		Args:    exactly(1, "the NAME of a digest of the configuration"),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.Flags().StringVar(&req.To, "to", "", "send to this `ADDRESS` instead, as a test")
	cmd.Flags().BoolVar(&req.Again, "again", false, "send another edition although today's was sent")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		req.Name = args[0]
		err := a.with(cmd.Context(), sending, func(c *client) error {
			rs, err := c.Send(cmd.Context(), req)
			if err != nil {
				return err
			}
			inOrder(rs)
			switch out.word {
			case "json":
				err = printJSON(a.out, rs)
			case "csv":
				err = sendCSV(a.out, rs)
			default:
				err = sendText(a.out, rs, c.zone)
			}
			if err == nil {
				err = sendVerdict(rs)
			}
			return err
		})
		switch {
		case req.To != "":
			return interrupted(err, "repeat the command to send the tests again")
		case req.Again:
			return interrupted(err, fmt.Sprintf("`pipetidy digest send %s` goes on with it; with --again everybody would get one more edition", secret.Quote(req.Name)))
		}
		return err
	}
	return cmd
}

func sendText(w io.Writer, rs []api.SendResult, zone *time.Location) error {
	if len(rs) == 0 {
		_, err := fmt.Fprintln(w, "nothing to send: this digest has no readers")
		return err
	}
	var b strings.Builder
	for i := range rs {
		r := &rs[i]
		who := plain(whoGets(&r.DeliveryStatus))
		if r.Team != "" {
			who += " (" + plain(r.Team) + ")"
		}
		fmt.Fprintf(&b, "%s by %s: ", who, r.Channel)
		if r.Already {
			fmt.Fprintf(&b, "nothing sent, the digest of %s was done before (%s %s); --again sends another", plain(r.Period), r.State, moment(&r.Changed, zone))
		} else {
			b.WriteString(string(r.State))
		}
		if r.Reason != "" {
			b.WriteString(": " + plain(r.Reason))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// whoGets names the reader, or the address that gets the digest instead of the reader.
func whoGets(d *api.DeliveryStatus) string {
	if d.To == "" {
		return d.Recipient
	}
	return d.To + " instead of " + d.Recipient
}

// sendVerdict is the error of a send that did not reach everybody. Deliveries that an
// earlier send settled are no failure of this send, and neither is a channel whose else
// channel reached the reader.
func sendVerdict(rs []api.SendResult) error {
	for i := range rs {
		r := &rs[i]
		if r.Already || reached(rs, r) {
			continue
		}
		switch r.State {
		case delivery.Retry:
			return fail(api.ExitUnavailable, "%s was not reached yet: %s; \"pipetidy run\" tries again, and so does this command", whoGets(&r.DeliveryStatus), r.Reason)
		case delivery.Failed:
			return fail(api.ExitUnavailable, "%s was not reached: %s", whoGets(&r.DeliveryStatus), r.Reason)
		case delivery.Unknown:
			return fail(api.ExitFailed, "nobody can say whether %s got the digest: %s; see \"pipetidy status\"", whoGets(&r.DeliveryStatus), r.Reason)
		}
	}
	return nil
}

// reached reports whether the reader of r got the digest through some channel.
func reached(rs []api.SendResult, r *api.SendResult) bool {
	return slices.ContainsFunc(rs, func(o api.SendResult) bool {
		return o.State == delivery.Sent && o.Team == r.Team && o.Recipient == r.Recipient
	})
}

// inOrder sorts by team and reader, and puts a channel that failed before its else
// channel.
func inOrder(rs []api.SendResult) {
	slices.SortStableFunc(rs, func(a, b api.SendResult) int {
		last := func(r api.SendResult) int {
			if r.State == delivery.Failed {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(last(a), last(b)))
	})
}

func sendCSV(w io.Writer, rs []api.SendResult) error {
	rows := make([][]cell, len(rs))
	for i := range rs {
		r := &rs[i]
		already := "false"
		if r.Already {
			already = "true"
		}
		rows[i] = texts(r.ID, r.Digest, r.Period, r.Team, r.Recipient, string(r.Channel), string(r.State), r.Reason, already)
	}
	return printCSV(w, []string{"id", "digest", "period", "team", "recipient", "channel", "state", "reason", "already"}, rows)
}
