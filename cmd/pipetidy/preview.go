package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

func newPreview(a *app) *cobra.Command {
	var req api.PreviewRequest
	var why bool
	cmd := &cobra.Command{
		Use:   "preview NAME",
		Short: "Show what would be sent now, to whom and why",
		Long: `Evaluates the cache and shows the digest called NAME as each reader would get it
now. Nothing is sent, and nothing counts as sent.

With -o html or slack exactly one reader's digest is printed as it would go out,
so choose one with --for where there are several.

With --why the text ends in why each numbered deal stands where it stands, and why
the next ones have no number today; docs/digests.md says what the parts mean. The
JSON always has it, as places.`,
		Example: "  pipetidy digest preview manager-daily\n  pipetidy digest preview manager-daily --for maria@acme.example -o html > digest.html",
		Args:    exactly(1, "the NAME of a digest of the configuration"),
	}
	out := formatFlag(cmd, "text", "html", "slack", "json")
	cmd.Flags().StringVar(&req.For, "for", "", "only the digest of the reader with this `EMAIL`")
	cmd.Flags().BoolVar(&why, "why", false, "say why each deal stands where it stands")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		req.Name = args[0]
		if why && (out.word == "html" || out.word == "slack") {
			return usage(cmd, "-o %s prints the digest as it would go out; take --why with -o text, or -o json, which has it always", out.word)
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			ps, err := c.Preview(cmd.Context(), req)
			if err != nil {
				return err
			}
			switch out.word {
			case "json":
				return printJSON(a.out, ps)
			case "text":
				return previewText(a.out, ps, why)
			}
			return previewRaw(cmd, a.out, ps, out.word)
		})
	}
	return cmd
}

// previewRaw prints one reader's digest as the channel writes it.
func previewRaw(cmd *cobra.Command, w io.Writer, ps []api.Preview, form string) error {
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
		return fail(api.ExitFailed, "there is no %s form of this digest: the configuration has no such channel; add the channel under notify, or use -o text", form)
	}
	_, err := io.WriteString(w, strings.TrimRight(body, "\n")+"\n")
	return err
}

func previewText(w io.Writer, ps []api.Preview, why bool) error {
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
		if why {
			placesText(&b, p.Places)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// placesText writes why the lines of a list stand where they stand.
func placesText(b *strings.Builder, places []api.Place) {
	title := ""
	for i := range places {
		p := &places[i]
		of, head := "WHY THIS PLACE", fmt.Sprintf("%2d", p.Number)
		if p.Number == 0 {
			of, head = "WITHOUT A NUMBER TODAY, THE FIRST OF THEM", " –"
		}
		if of != title {
			title = of
			b.WriteString("\n" + title + "\n")
		}
		fmt.Fprintf(b, "%s  %s\n", head, plain(p.Name))
		for _, said := range []string{p.Reason + ": " + p.Why, p.Sum} {
			fmt.Fprintf(b, "    %s\n", strings.Join(wrap(plain(said), lineWidth-4), "\n    "))
		}
	}
	if len(places) == 0 {
		b.WriteString("\nWHY THIS PLACE\nThe digest has no list today.\n")
	}
}

// plainText is plain for a text of several lines; indentation and columns stay.
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

// splitGaps cuts s into text and runs of spaces in turn, text first, so that the runs
// that align tables can be kept.
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
