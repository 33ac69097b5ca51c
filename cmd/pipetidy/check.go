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

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

func newCheck(a *app) *cobra.Command {
	var req api.CheckRequest
	var failOn string
	var folded bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Evaluate the cache and print what needs an update",
		Long: `Evaluates the rules on the cached deals and prints the findings by deal.

No CRM is called; run "pipetidy sync" first for fresh data. A source that was not
read completely, or whose data is too old, gives no verdict: its findings are
withheld and the exit code is 4, whatever else was found.

With --fail-on a finding of the severity exits with 3. What is folded or held back is
no news, digests tell it in one line, and it is not counted unless --folded asks for it.`,
		Example: "  pipetidy check\n  pipetidy check --team West --fail-on high\n  pipetidy check -o csv > findings.csv",
		Args:    exactly(0, ""),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.Flags().StringVar(&req.Team, "team", "", "only deals of the `TEAM` of the configuration")
	cmd.Flags().StringVar(&req.Owner, "owner", "", "only deals of the owner with this `EMAIL`")
	cmd.Flags().StringVar(&failOn, "fail-on", "", "exit with 3 when a finding is of `SEVERITY` ("+strings.Join(hygiene.SeverityNames(), ", ")+") or above")
	cmd.Flags().BoolVar(&folded, "folded", false, "with --fail-on: also count what is folded or held back")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var floor hygiene.Severity
		if failOn != "" {
			var err error
			if floor, err = hygiene.ParseSeverity(failOn); err != nil {
				return usage(cmd, "--fail-on: %v%s", err, suggest(failOn, hygiene.SeverityNames()))
			}
		}
		return a.with(cmd.Context(), reading, func(c *client) error {
			res, err := c.Check(cmd.Context(), req)
			if err != nil {
				return err
			}
			switch out.word {
			case "json":
				err = printJSON(a.out, res)
			case "csv":
				err = checkCSV(a.out, res)
			default:
				err = checkTable(a.out, res, c.zone)
			}
			if err == nil {
				err = checkVerdict(res, floor, folded)
			}
			return err
		})
	}
	return cmd
}

// checkVerdict is the error with the exit code of a check. "No verdict" (4) goes before
// "findings" (3), because a script that gets 3 may take the list for complete.
//
// A rule that is folded is a habit, and one that is held back waits for ops: neither fails
// a script unless it asks for that.
func checkVerdict(res *api.Check, floor hygiene.Severity, folded bool) error {
	if err := noVerdict(res.Sources); err != nil {
		return err
	}
	if floor == 0 {
		return nil
	}
	n := 0
	for i := range res.Findings {
		f := &res.Findings[i]
		if s, err := hygiene.ParseSeverity(f.Severity); err == nil && s >= floor && (folded || f.Folded == "" && f.Held == "") {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fail(api.ExitFindings, "%s of severity %s or above (--fail-on)", counted(n, "finding"), floor)
}

// checkTable prints one block a deal, with one entry a finding. Deals are sorted by
// their gravest finding, then by amount.
func checkTable(w io.Writer, res *api.Check, zone *time.Location) error {
	var b strings.Builder
	bySeverity := map[string]int{}
	deals := byDeal(res.Findings)
	for _, findings := range deals {
		dealHead(&b, &findings[0].Opportunity)
		for i := range findings {
			bySeverity[findings[i].Severity]++
			findingLine(&b, &findings[i], zone)
		}
		b.WriteByte('\n')
	}
	switch {
	case len(deals) > 0:
		fmt.Fprintf(&b, "%s on %s%s\n", counted(len(res.Findings), "finding"), counted(len(deals), "deal"), sumLine(bySeverity))
	case noVerdict(res.Sources) == nil:
		b.WriteString("no findings\n")
	}
	printSources(&b, res.Sources, zone)
	_, err := io.WriteString(w, b.String())
	return err
}

// byDeal cuts the findings, which come in the order of the deals, into those of
// each deal, and sorts the deals.
func byDeal(fs []api.CheckFinding) [][]api.CheckFinding {
	var deals [][]api.CheckFinding
	start := 0
	for i := range fs {
		if i+1 == len(fs) || fs[i+1].Source != fs[i].Source || fs[i+1].Opportunity.ID != fs[i].Opportunity.ID {
			deals = append(deals, fs[start:i+1])
			start = i + 1
		}
	}
	gravest := func(fs []api.CheckFinding) (s hygiene.Severity) {
		for i := range fs {
			if v, err := hygiene.ParseSeverity(fs[i].Severity); err == nil {
				s = max(s, v)
			}
		}
		return s
	}
	amount := func(fs []api.CheckFinding) float64 {
		if a := fs[0].Opportunity.Amount; a != nil {
			return *a
		}
		return 0
	}
	slices.SortStableFunc(deals, func(a, b []api.CheckFinding) int {
		return cmp.Or(cmp.Compare(gravest(b), gravest(a)), cmp.Compare(amount(b), amount(a)))
	})
	return deals
}

// dealHead is the line above the findings of a deal.
func dealHead(b *strings.Builder, o *api.CheckOpportunity) {
	facts := []string{money(o), fact(o, "stage", o.Stage)}
	switch {
	case o.IsUnclear("close_date"):
		facts = append(facts, fact(o, "close_date", ""))
	case o.CloseDate != "":
		facts = append(facts, "closes "+plain(o.CloseDate))
	}
	owner := fact(o, "owner", o.Owner)
	if o.Team != "" {
		owner += " (" + plain(o.Team) + ")"
	}
	tail := "  " + strings.Join(append(facts, owner), " · ")
	name := clip(plain(o.Name), max(lineWidth-columns(tail), 24))
	b.WriteString(name + tail + "\n")
	if o.URL != "" {
		b.WriteString("  " + plain(o.URL) + "\n")
	}
}

// findingLine is severity, rule and message in columns; below the rule stands
// since when, below the message what to do.
func findingLine(b *strings.Builder, f *api.CheckFinding, zone *time.Location) {
	const indent = 40
	since := "since " + f.Since.In(zone).Format("2 Jan")
	if f.State != "open" {
		since = f.State + ", " + since
	}
	if f.Folded != "" {
		since = "folded, " + since
	}
	if f.Held != "" {
		since = "held back, " + since
	}
	if f.OwnerOnly {
		since = "owner's alone, " + since
	}
	left := []string{fmt.Sprintf("  %-7s %s", f.Severity, f.Rule), fmt.Sprintf("  %-7s %s", "", since)}
	right := wrap(plain(f.Message), lineWidth-indent)
	for i, line := range wrap(plain(f.Fix), lineWidth-indent-2) {
		right = append(right, []string{"→ ", "  "}[min(i, 1)]+line)
	}
	for i := range max(len(left), len(right)) {
		var l, r string
		if i < len(left) {
			l = plainText(left[i])
		}
		if i < len(right) {
			r = right[i]
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", indent, strings.TrimRight(l, "\n"), r), " ") + "\n")
	}
}

// sumLine says how many findings there are of each severity.
func sumLine(by map[string]int) string {
	var parts []string
	for s := hygiene.High; s >= hygiene.Info; s-- {
		if n := by[s.String()]; n > 0 {
			parts = append(parts, grouped(n)+" "+s.String())
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func checkCSV(w io.Writer, res *api.Check) error {
	head := []string{
		"key", "rule", "severity", "state", "since", "source", "opportunity_id", "opportunity_name", "url", "owner", "team",
		"stage", "amount", "currency", "close_date", "message", "value", "threshold", "threshold_from", "fix", "folded", "held", "owner_only", "unclear",
	}
	rows := make([][]cell, len(res.Findings))
	for i := range res.Findings {
		f, o := &res.Findings[i], &res.Findings[i].Opportunity
		amount := cell{number: true}
		if o.Amount != nil {
			amount.text = strconv.FormatFloat(*o.Amount, 'f', -1, 64)
		}
		row := texts(f.Key, f.Rule, f.Severity, f.State, stamp(&f.Since), f.Source, o.ID, o.Name, o.URL, o.Owner, o.Team, o.Stage)
		row = append(row, amount)
		alone := ""
		if f.OwnerOnly {
			alone = "true"
		}
		rows[i] = append(row, texts(o.Currency, o.CloseDate, f.Message, f.Value, f.Threshold, f.ThresholdFrom, f.Fix, f.Folded, f.Held, alone, strings.Join(o.Unclear, " "))...)
	}
	return printCSV(w, head, rows)
}
