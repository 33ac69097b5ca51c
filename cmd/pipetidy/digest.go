package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/daemon"
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

func newPreview(a *app) *cobra.Command {
	var req daemon.PreviewRequest
	cmd := &cobra.Command{
		Use:   "preview NAME",
		Short: "Show what would be sent now, to whom and why",
		Long: `Evaluates the cache and shows the digest called NAME as each reader would get it
now. Nothing is sent, and nothing counts as sent.

With -o html or slack exactly one reader's digest is printed as it would go out,
so choose one with --for where there are several.`,
		Example: "  pipetidy digest preview manager-daily\n  pipetidy digest preview manager-daily --for maria@acme.example -o html > digest.html",
		Args:    exactly(1, "the NAME of a digest of the configuration"),
	}
	out := formatFlag(cmd, "text", "html", "slack", "json")
	cmd.Flags().StringVar(&req.For, "for", "", "only the digest of the reader with this `EMAIL`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		req.Name = args[0]
		return a.with(cmd.Context(), reading, func(c *client) error {
			var ps []daemon.Preview
			if err := c.post(cmd.Context(), "/v1/digest/preview", req, &ps); err != nil {
				return err
			}
			switch out.word {
			case "json":
				return printJSON(a.out, ps)
			case "text":
				return previewText(a.out, ps)
			}
			return previewRaw(cmd, a.out, ps, out.word)
		})
	}
	return cmd
}

// previewRaw prints one reader's digest as the channel writes it.
func previewRaw(cmd *cobra.Command, w io.Writer, ps []daemon.Preview, form string) error {
	if len(ps) != 1 {
		names := make([]string, len(ps))
		for i := range ps {
			names[i] = fmt.Sprintf("%s (%s)", ps[i].Recipient, ps[i].Team)
		}
		return usage(cmd, "-o %s prints one digest, and there are %d; choose with --for: %s", form, len(ps), listed(names))
	}
	body := ps[0].HTML
	if form == "slack" {
		body = string(inertJSON([]byte(ps[0].Slack)))
	}
	if body == "" {
		return fail(daemon.ExitFailed, "there is no %s form of this digest: the configuration has no such channel", form)
	}
	_, err := io.WriteString(w, strings.TrimRight(body, "\n")+"\n")
	return err
}

func previewText(w io.Writer, ps []daemon.Preview) error {
	var b strings.Builder
	for i := range ps {
		p := &ps[i]
		if i > 0 {
			b.WriteString("\n" + strings.Repeat("─", 72) + "\n\n")
		}
		via := string(p.Channel)
		if p.Else != "" {
			via += ", else " + string(p.Else)
		}
		fmt.Fprintf(&b, "To: %s by %s (%s)\nSubject: %s\n\n", plain(p.Recipient), via, plain(p.Why), plain(p.Subject))
		b.WriteString(plainText(p.Text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plainText is plain for a text of several lines; its indentation stays.
func plainText(s string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(s, "\n") + "\n") {
		line = strings.TrimRight(line, "\r\n")
		body := strings.TrimLeft(line, " ")
		b.WriteString(line[:len(line)-len(body)])
		for i, gap := range splitGaps(body) {
			if i%2 == 0 {
				gap = plain(gap)
			}
			b.WriteString(gap)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// splitGaps cuts s into text and runs of spaces in turn, text first: the runs
// align tables.
func splitGaps(s string) []string {
	var out []string
	start, space := 0, false
	for i := range len(s) {
		if (s[i] == ' ') != space {
			out = append(out, s[start:i])
			start, space = i, !space
		}
	}
	return append(out, s[start:])
}

func newSend(a *app) *cobra.Command {
	var req daemon.SendRequest
	cmd := &cobra.Command{
		Use:   "send NAME",
		Short: "Send a digest now",
		Long: `Sends the digest called NAME to its readers now, as the one of today: what is due
later today is thereby done, and sending it a second time sends nothing and says
so. --again makes another edition.

With --to it goes to one address only, marked as a test, and counts for nobody.`,
		Example: "  pipetidy digest send manager-daily --to me@acme.example\n  pipetidy digest send manager-daily\n  pipetidy digest send manager-daily --again",
		Args:    exactly(1, "the NAME of a digest of the configuration"),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.Flags().StringVar(&req.To, "to", "", "send to this `ADDRESS` instead, as a test")
	cmd.Flags().BoolVar(&req.Again, "again", false, "send another edition although today's was sent")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		req.Name = args[0]
		return a.with(cmd.Context(), sending, func(c *client) error {
			var rs []daemon.SendResult
			if err := c.post(cmd.Context(), "/v1/digest/send", req, &rs); err != nil {
				return err
			}
			var err error
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
	}
	return cmd
}

func sendText(w io.Writer, rs []daemon.SendResult, zone *time.Location) error {
	if len(rs) == 0 {
		_, err := fmt.Fprintln(w, "nothing to send: this digest has no readers")
		return err
	}
	var b strings.Builder
	for i := range rs {
		r := &rs[i]
		fmt.Fprintf(&b, "%s (%s) by %s: ", plain(r.Recipient), orDash(r.Team), r.Channel)
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

// sendVerdict is the error of a send that did not reach everybody. What an
// earlier send left behind is not this one's failure.
func sendVerdict(rs []daemon.SendResult) error {
	for i := range rs {
		r := &rs[i]
		if r.Already {
			continue
		}
		switch r.State {
		case digest.Retry:
			return fail(daemon.ExitUnavailable, "%s was not reached yet: %s; \"pipetidy run\" tries again, and so does this command", r.Recipient, r.Reason)
		case digest.Failed:
			return fail(daemon.ExitUnavailable, "%s was not reached: %s", r.Recipient, r.Reason)
		case digest.Unknown:
			return fail(daemon.ExitFailed, "nobody can say whether %s got it: %s; see \"pipetidy status\"", r.Recipient, r.Reason)
		}
	}
	return nil
}

func sendCSV(w io.Writer, rs []daemon.SendResult) error {
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
