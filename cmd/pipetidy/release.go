package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/api"
)

func newRelease(a *app) *cobra.Command {
	var req api.ReleaseRequest
	ids := ruleIDs()
	cmd := &cobra.Command{
		Use:   "release RULE",
		Short: "Tell the findings of a folded or held rule deal by deal again",
		Long: `A rule that fails on most deals of a pipeline is folded there: the digests tell its
findings in one line, as a habit, and "pipetidy status" names it. This command ends
that. The next digests count what the rule finds as newly checked; it is nobody's news.

A released rule is not folded again until its median has been below 30 % once. To be
rid of what it finds, raise its limit or switch it off under rules instead.

What a rule suddenly finds on more than three times as many deals as usual, and on 20
or more, is held back, because that is rather an import or an integration than people's
work. The next digests count it as new when it is released; where the CRM is put right
instead, and after a week, it is told by itself.`,
		Example:   "  pipetidy release no-contact\n  pipetidy release no-contact --source partners --pipeline Renewal",
		Args:      exactly(1, "the id of a rule"),
		ValidArgs: ids,
	}
	cmd.Flags().StringVar(&req.Pipeline, "pipeline", "", "only in the `PIPELINE` with this label or id")
	cmd.Flags().StringVar(&req.Source, "source", "", "only on the source called `NAME`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		req.Rule = args[0]
		if err := knownRule(cmd, req.Rule, ids); err != nil {
			return err
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			out, err := c.Release(cmd.Context(), req)
			if err != nil {
				return err
			}
			for i := range out {
				if _, err := fmt.Fprintln(a.out, plain(releasedLine(&out[i]))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return cmd
}

// ruleIDs lists the rules of the catalogue.
func ruleIDs() (ids []string) {
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// knownRule refuses a rule that does not exist, "" is none.
func knownRule(cmd *cobra.Command, rule string, ids []string) error {
	if rule == "" || slices.Contains(ids, rule) {
		return nil
	}
	return usage(cmd, "unknown rule %q%s", plain(rule), suggest(rule, ids))
}

func releasedLine(r *api.Released) string {
	line := r.Source + ": " + r.Rule
	if r.Pipeline != "" {
		line += " in " + r.Pipeline
	}
	if r.Before {
		return line + " was released already"
	}
	return fmt.Sprintf("%s is told deal by deal again (%s of %s)", line, grouped(r.Failed), counted(r.Judged, "open deal"))
}
