package main

import (
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
)

func newPark(a *app) *cobra.Command {
	var req api.ParkRequest
	ids := ruleIDs()
	cmd := &cobra.Command{
		Use:   "park ID-or-URL --until DATE --reason TEXT",
		Short: "Ask nobody about a deal until a day, for a reason",
		Long: `Parks a deal that stands still for a good reason. Until the morning of the day under
--until no digest lists it or counts it among the others: what its rules find is
paused, and goes on with its dates afterwards, neither fixed nor new. A park ends
at once when the deal is closed or gets another owner.

A park silences advice, never money: a deal in the commit stays there, in doubt.
With --rule only one rule is parked, and the deal is judged by the others.

The owner of a deal parks it in the CRM, with a field or a task, for as long as
park.once and park.most in the configuration say; this command has no such limit,
and replaces what the owner asked for.`,
		Example:           "  pipetidy park 0065g00000XyZ12AAB --until 2027-01-12 --reason \"budget in January\"\n  pipetidy park 1234567 --rule no-contact --until 2027-01-12 --reason \"a partner sells\"",
		Args:              exactly(1, "the id or the address of a deal"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&req.Until, "until", "", "the `DATE` on whose morning the park ends, as in 2027-01-12")
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why nothing is to be asked, in a few `WORDS`")
	cmd.Flags().StringVar(&req.Rule, "rule", "", "only the rule with this `ID`")
	cmd.Flags().StringVar(&req.By, "by", "", "who parks, as readers know them (default the name of the user of this machine)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case req.Until == "":
			return usage(cmd, "a park requires --until DATE: a deal that is parked without an end is forgotten")
		case req.Reason == "":
			return usage(cmd, "a park requires --reason WORDS: whoever looks at the deal then wants to know it")
		}
		if _, err := crm.ParseDate(req.Until); err != nil {
			return usage(cmd, "--until: %v", err)
		}
		if err := knownRule(cmd, req.Rule, ids); err != nil {
			return err
		}
		if req.Deal = args[0]; req.By == "" {
			req.By = userName()
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			out, err := c.Park(cmd.Context(), req)
			if err != nil {
				return err
			}
			if k := out.Instead; k != nil {
				_, err = fmt.Fprintf(a.out, "%s instead of until %s, as its owner has it in the CRM (%s)\n", parkLine(&out.Park), k.Until, k.How)
			} else {
				_, err = fmt.Fprintln(a.out, parkLine(&out.Park))
			}
			return err
		})
	}
	return cmd
}

func newUnpark(a *app) *cobra.Command {
	var req api.UnparkRequest
	cmd := &cobra.Command{
		Use:   "unpark ID-or-URL",
		Short: "End the parks of a deal",
		Long: `Ends the parks of a deal at once, whoever made them: the next digests ask about it
again. What still stands in the CRM does not park the deal again, until its owner
writes another day there.`,
		Example:           "  pipetidy unpark 0065g00000XyZ12AAB",
		Args:              exactly(1, "the id or the address of a deal"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&req.Rule, "rule", "", "only the park of the rule with this `ID`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := knownRule(cmd, req.Rule, ruleIDs()); err != nil {
			return err
		}
		req.Deal = args[0]
		return a.with(cmd.Context(), reading, func(c *client) error {
			out, err := c.Unpark(cmd.Context(), req)
			if err != nil {
				return err
			}
			for i := range out {
				k := &out[i]
				if _, err := fmt.Fprintf(a.out, "%s is no longer parked (until %s, %s)\n", parkedName(k), k.Until, orNone(plain(k.Reason))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return cmd
}

func newParked(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "parked",
		Short: "List the deals that are parked",
		Long: `Lists the deals about which nobody is asked, until when, by whom and why, those first
that wake up first.`,
		Example: "  pipetidy parked\n  pipetidy parked --all -o csv > parks.csv",
		Args:    exactly(0, ""),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.Flags().BoolVar(&all, "all", false, "those too that have ended, for as long as they are kept (400 days)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.with(cmd.Context(), reading, func(c *client) error {
			ks, err := c.Parked(cmd.Context(), all)
			switch {
			case err != nil:
				return err
			case out.word == "json":
				return printJSON(a.out, ks)
			case out.word == "csv":
				return parkedCSV(a.out, ks)
			case len(ks) == 0:
				_, err = fmt.Fprintln(a.out, "no deal is parked")
				return err
			}
			return parkedTable(a.out, ks, c.zone)
		})
	}
	return cmd
}

func parkedTable(w io.Writer, ks []api.Park, zone *time.Location) error {
	rows := make([][]string, len(ks))
	for i := range ks {
		k, o := &ks[i], &ks[i].Opportunity
		why := orNone(k.Reason)
		if k.Asked != "" {
			why += "; asked for " + k.Asked + ", cut at park." + k.Cut
		}
		if k.End != "" {
			why += "; ended " + moment(k.Ended, zone) + ": " + k.End
		}
		rows[i] = []string{k.Until, clip(o.Name, 30), o.ID, orDash(clip(o.Owner, 24)), k.By + " (" + k.How + ")", orDash(k.Rule), why}
	}
	return table(w, []string{"UNTIL", "DEAL", "ID", "OWNER", "PARKED BY", "RULE", "REASON"}, rows)
}

func parkedCSV(w io.Writer, ks []api.Park) error {
	head := []string{
		"source", "opportunity_id", "opportunity_name", "url", "owner", "team", "rule", "from", "until", "asked", "cut", "reason", "by", "how", "end", "ended",
	}
	rows := make([][]cell, len(ks))
	for i := range ks {
		k, o := &ks[i], &ks[i].Opportunity
		ended := ""
		if k.Ended != nil {
			ended = stamp(k.Ended)
		}
		rows[i] = texts(k.Source, o.ID, o.Name, o.URL, o.Owner, o.Team, k.Rule, k.From, k.Until, k.Asked, k.Cut, k.Reason, k.By, k.How, k.End, ended)
	}
	return printCSV(w, head, rows)
}

// parkLine says what was parked.
func parkLine(k *api.Park) string {
	return fmt.Sprintf("%s is parked until %s (%s)", parkedName(k), k.Until, orNone(plain(k.Reason)))
}

func parkedName(k *api.Park) string {
	name := plain(k.Opportunity.Name) + " (" + plain(k.Opportunity.ID) + ")"
	if k.Rule != "" {
		return plain(k.Rule) + " on " + name
	}
	return name
}

func orNone(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return reason
}

// userName is the name of who types: sudo tells who that was.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return "ops"
	}
	return strings.TrimSpace(u.Username)
}
