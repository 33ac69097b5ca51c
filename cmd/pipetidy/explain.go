package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

// mostExplained is how many rules are listed without a word about it: the whole catalogue,
// and as many again.
const mostExplained = 200

func newExplain(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain ID-or-URL",
		Short: "Show what every rule says of one deal, and why",
		Long: `Shows one deal, how many rules it breaks, and what every rule says of it, what fails
first: fail, paused (it fails, and the deal is parked), unknown (the rule cannot
tell, for instance because a field cannot be read), exempt (the rule does not apply
to this deal) or pass; the rules that are not switched on are named at the end. A rule
is shown with the value measured, the days off that the value does not count, the limit, and where the
limit comes from. A deal that the digest of its team's manager has something to ask
of has a line about its place in that digest: the number, and what the rank is made
of (docs/digests.md).

At most ` + strconv.Itoa(mostExplained) + ` rules are listed, in JSON and CSV too, unless --limit says otherwise. The JSON
counts all of them under "outcomes"; where the limit has cut the list, "truncated" is
true and "more" says how many rules are not in it.

The deal is named by its id in the CRM or by the address of its page there.`,
		Example: "  pipetidy explain 0065g00000XyZ12AAB\n  pipetidy explain https://acme.lightning.force.com/lightning/r/Opportunity/0065g00000XyZ12AAB/view",
		Args:    exactly(1, "the id or the address of a deal"),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	limit := cmd.Flags().Int("limit", mostExplained, "list at most `N` rules, what fails first; 0 lists all")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *limit < 0 {
			return usage(cmd, "--limit: write how many rules are listed, or 0 for all, not %d", *limit)
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			res, err := c.Explain(cmd.Context(), args[0], *limit)
			if err != nil {
				return err
			}
			switch out.word {
			case "json":
				err = printJSON(a.out, res)
			case "csv":
				if err = explainCSV(a.out, res); err == nil && res.Truncated {
					_, err = fmt.Fprintf(a.err, "pipetidy: note: %s not listed; --limit 0 lists all\n", counted(res.More, "rule"))
				}
			default:
				err = explainText(a.out, res, c.zone)
			}
			if err == nil {
				err = noVerdict([]api.CheckSource{res.Source})
			}
			return err
		})
	}
	return cmd
}

func explainText(w io.Writer, e *api.Explanation, zone *time.Location) error {
	var b strings.Builder
	o := &e.Opportunity
	fmt.Fprintf(&b, "%s\n", plain(o.Name))
	stage := fact(o, "stage", o.Stage)
	if e.Closed != "" {
		stage += " (closed " + plain(e.Closed) + ")"
	}
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-8s  %s\n", name, plain(value))
		}
	}
	field("id", o.ID+" in "+e.Source.Name)
	field("stage", stage)
	field("amount", money(o))
	if o.CloseDate != "" || o.IsUnclear("close_date") {
		field("closes", fact(o, "close_date", o.CloseDate))
	}
	if o.Owner != "" || o.IsUnclear("owner") {
		field("owner", fact(o, "owner", o.Owner))
	}
	field("team", o.Team)
	field("page", o.URL)
	field("data", sourceLine(&e.Source, zone))
	for i := range e.Parks {
		k := &e.Parks[i]
		field("parked", strings.TrimSpace(fmt.Sprintf("%s until %s by %s (%s): %s", k.Rule, k.Until, k.By, k.How, orNone(k.Reason))))
	}
	field("on hold", e.Refused)
	field("rules", summed(e.Outcomes))
	placeText(&b, e.Place)
	for i := range e.Rules {
		if e.Rules[i].Outcome != "off" {
			verdictText(&b, &e.Rules[i], zone)
		}
	}
	offText(&b, e.Rules)
	if e.Truncated {
		fmt.Fprintf(&b, "\n%s not listed; --limit 0 lists all\n", counted(e.More, "rule"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// summed counts the outcomes: "2 of 15 fail, 1 unknown, 3 exempt, 9 pass". What does not run
// is not among the fifteen.
func summed(n map[string]int) string {
	all := 0
	for o, k := range n {
		if o != "off" {
			all += k
		}
	}
	said := []string{fmt.Sprintf("%d of %d fail", n["fail"], all)}
	if n["fail"] == 1 {
		said[0] = fmt.Sprintf("1 of %d fails", all)
	}
	for _, o := range api.Outcomes[1:] {
		switch {
		case n[o] == 0 || o == "off":
		case o == "pass" && n[o] == 1:
			said = append(said, "1 passes")
		default:
			said = append(said, fmt.Sprintf("%d %s", n[o], o))
		}
	}
	return strings.Join(said, ", ")
}

// offText names the rules that do not run.
func offText(b *strings.Builder, rules []api.RuleVerdict) {
	var off []string
	for i := range rules {
		if rules[i].Outcome == "off" {
			off = append(off, plain(rules[i].Rule))
		}
	}
	if len(off) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(wrap("not switched on here: "+strings.Join(off, ", "), lineWidth), "\n"))
	}
}

// placeText says where the deal stands in its manager's digest, and why.
func placeText(b *strings.Builder, p *api.DealPlace) {
	if p == nil {
		return
	}
	where := "no number today"
	if p.Number > 0 {
		where = fmt.Sprintf("number %d", p.Number)
	}
	if p.Deals > 1 {
		where += ", with others (" + p.Name + "),"
	}
	said := fmt.Sprintf("why this place: %s in %s to %s (team %s): %s; %s", where, p.Digest, p.Recipient, p.Team, p.Reason, p.Why)
	b.WriteString("\n")
	for _, text := range []string{said, p.Sum} {
		fmt.Fprintf(b, "%s\n", strings.Join(wrap(plain(text), lineWidth), "\n"))
	}
}

// verdictText writes the verdict of one rule. The outcome comes first, so that the eye
// can run down the left edge.
func verdictText(b *strings.Builder, v *api.RuleVerdict, zone *time.Location) {
	const indent = 9
	name := v.Rule
	if v.Severity != "" && v.Outcome == "fail" {
		name += ", " + v.Severity
	}
	fmt.Fprintf(b, "\n%-*s%s (%s)\n", indent, plain(v.Outcome), plain(v.Title), plain(name))
	block := func(text, mark string) {
		for i, line := range wrap(plain(text), lineWidth-indent-columns(mark)) {
			if i > 0 {
				mark = strings.Repeat(" ", columns(mark))
			}
			fmt.Fprintf(b, "%*s%s%s\n", indent, "", mark, line)
		}
	}
	block(v.Reason, "")
	var measured []string
	if v.Value != "" {
		value := "value " + v.Value
		if v.Without != "" {
			value += " (without " + v.Without + ")"
		}
		measured = append(measured, value)
	}
	if v.Threshold != "" {
		limit := "limit " + v.Threshold
		if v.ThresholdFrom != "" {
			limit += " (" + v.ThresholdFrom + ")"
		}
		measured = append(measured, limit)
	}
	block(strings.Join(measured, "; "), "")
	if v.Outcome == "fail" {
		block(v.Fix, "→ ")
		if v.Folded != "" {
			block("folded: "+v.Folded+" break it, so digests tell it in one line", "")
		}
		if v.Held != "" {
			block("held back: "+v.Held+", so digests do not tell it until somebody has looked", "")
		}
		if v.OwnerOnly {
			until := ", whose list with it is on its way"
			if v.OwnerUntil != nil {
				until = " until " + v.OwnerUntil.In(zone).Format("Mon 2 Jan 15:04")
			}
			block("the owner's alone"+until+": no digest tells anybody else of it yet", "")
		}
	}
}

func explainCSV(w io.Writer, e *api.Explanation) error {
	head := []string{"source", "opportunity_id", "opportunity_name", "rule", "title", "outcome", "severity", "reason", "value", "threshold", "threshold_from", "fix"}
	rows := make([][]cell, len(e.Rules))
	for i := range e.Rules {
		v := &e.Rules[i]
		rows[i] = texts(e.Source.Name, e.Opportunity.ID, e.Opportunity.Name, v.Rule, v.Title, v.Outcome, v.Severity, v.Reason, v.Value, v.Threshold, v.ThresholdFrom, v.Fix)
	}
	return printCSV(w, head, rows)
}
