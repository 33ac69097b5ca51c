package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// mostListed is how many findings are listed without a word about it.
const mostListed = 1000

func newCheck(a *app) *cobra.Command {
	var req api.CheckRequest
	var failOn string
	var folded, list bool
	var fields []string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Evaluate the cache and print what needs an update",
		Long: `Evaluates the rules on the cached deals and sums up the findings by team and rule.

With --list, and with any flag that narrows what is asked for, the findings follow deal
by deal: whoever asks for a team or a rule is about to look at its deals. The deals with
the gravest findings come first, of these the ones with the largest amounts. The flags
--team, --owner, --rule, --severity and --deal hold at once. At most ` + strconv.Itoa(mostListed) + ` findings are
listed, in JSON and CSV too, unless --limit says otherwise; what is summed up, and what
--fail-on counts, is all that was asked for.

The JSON has the sums under "summary", by team and by rule: findings, deals, findings by
severity (under "quiet" those that are folded or held back), and the amounts of the deals
by currency, of which none is converted; "unsummed" are deals in no sum, because their
amount or its currency is not known. Where the limit has cut the list, "truncated" is
true and "more" says how many findings are not in it. "pipetidy export findings" has all.

With --fields the findings have only what is named, in a table with a line for each
finding too: ` + strings.Join(wrap(strings.Join(columnNames(), ", "), 85), "\n") + `.

No CRM is called; run "pipetidy sync" first for fresh data. A source that was not
read completely, or whose data is too old, gives no verdict: its findings are
withheld and the exit code is 4, whatever else was found.

With --fail-on a finding of the severity exits with 3. What is folded or held back is
no news, digests tell it in one line, and it is not counted unless --folded asks for it.`,
		Example: "  pipetidy check\n  pipetidy check --team West --fail-on high\n  pipetidy check --rule no-activity --severity high --limit 20\n" +
			"  pipetidy check --fields owner,opportunity_name,message\n  pipetidy check -o csv --limit 0 > findings.csv",
		Args: exactly(0, ""),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.Flags().StringVar(&req.Team, "team", "", "only deals of the `TEAM` of the configuration")
	cmd.Flags().StringVar(&req.Owner, "owner", "", "only deals of the owner with this `EMAIL`")
	cmd.Flags().StringVar(&req.Rule, "rule", "", "only what the rule with this `ID` finds")
	cmd.Flags().StringVar(&req.Severity, "severity", "", "only findings of `SEVERITY` ("+strings.Join(hygiene.SeverityNames(), ", ")+") or above")
	cmd.Flags().StringVar(&req.Deal, "deal", "", "only the `DEAL` with this id, or this address in the CRM")
	cmd.Flags().IntVar(&req.Limit, "limit", mostListed, "list at most `N` findings; 0 lists all")
	cmd.Flags().BoolVar(&list, "list", false, "list the findings, also without another of these flags")
	cmd.Flags().StringSliceVar(&fields, "fields", nil, "only the `FIELDS` of each finding, with commas between them")
	cmd.Flags().StringVar(&failOn, "fail-on", "", "exit with 3 when a finding is of `SEVERITY` ("+strings.Join(hygiene.SeverityNames(), ", ")+") or above")
	cmd.Flags().BoolVar(&folded, "folded", false, "with --fail-on: also count what is folded or held back")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		floor, err := severityFlag(cmd, "--fail-on", failOn)
		if err != nil {
			return err
		}
		if _, err := severityFlag(cmd, "--severity", req.Severity); err != nil {
			return err
		}
		for _, name := range []string{"team", "owner", "rule", "severity", "deal", "fields"} {
			list = list || cmd.Flags().Changed(name)
		}
		if req.Limit < 0 {
			return usage(cmd, "--limit: write how many findings are listed, or 0 for all, not %d", req.Limit)
		}
		shown, err := columnsOf(cmd, fields)
		if err != nil {
			return err
		}
		req.Unlisted = out.word == "table" && !list && !cmd.Flags().Changed("limit")
		return a.with(cmd.Context(), reading, func(c *client) error {
			res, err := c.Check(cmd.Context(), req)
			if err != nil {
				return err
			}
			switch {
			case out.word == "json":
				err = checkJSON(a.out, res, shown, len(fields) > 0)
			case out.word == "csv":
				if err = checkCSV(a.out, res, shown); err == nil && res.Truncated {
					_, err = fmt.Fprintf(a.err, "pipetidy: note: %s\n", cutLine(res))
				}
			case len(fields) > 0:
				err = checkRows(a.out, res, shown, c.zone)
			default:
				err = checkTable(a.out, res, !req.Unlisted, c.zone)
			}
			if err == nil {
				err = checkVerdict(res, floor, folded)
			}
			return err
		})
	}
	return cmd
}

// severityFlag reads the word of a flag; zero is none.
func severityFlag(cmd *cobra.Command, flag, word string) (hygiene.Severity, error) {
	if word == "" {
		return 0, nil
	}
	s, err := hygiene.ParseSeverity(word)
	if err != nil {
		return 0, usage(cmd, "%s: %v%s", flag, err, suggest(word, hygiene.SeverityNames()))
	}
	return s, nil
}

// checkVerdict is the error with the exit code of a check. "No verdict" (4) goes before
// "findings" (3), because a script that gets 3 may take the list for complete. All findings
// that were asked for count, whether they are listed or not.
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
	for s := floor; s <= hygiene.High; s++ {
		n += res.Summary.Severities[s.String()]
		if !folded {
			n -= res.Summary.Quiet[s.String()]
		}
	}
	if n == 0 {
		return nil
	}
	return fail(api.ExitFindings, "%s of severity %s or above (--fail-on)", counted(n, "finding"), floor)
}

// checkTable prints the sums by team and rule, and with list below them one block a deal,
// with one entry a finding.
func checkTable(w io.Writer, res *api.Check, list bool, zone *time.Location) error {
	var b strings.Builder
	if err := sumTable(&b, &res.Summary); err != nil {
		return err
	}
	if list {
		for _, findings := range byDeal(res.Findings) {
			dealHead(&b, &findings[0].Opportunity)
			for i := range findings {
				findingLine(&b, &findings[i], zone)
			}
			b.WriteByte('\n')
		}
	}
	checkEnd(&b, res, zone)
	if !list && res.Summary.Findings > 0 {
		b.WriteString("pipetidy check --list prints them deal by deal; --team, --rule and others choose some\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sumTable prints the sums; it prints nothing where nothing was found.
func sumTable(b *strings.Builder, s *api.CheckSummary) error {
	if s.Findings == 0 {
		return nil
	}
	row := func(name string, s *api.CheckSum) []string {
		return []string{name, grouped(s.Findings), grouped(s.Deals), grouped(s.Severities[hygiene.High.String()]), amounts(s)}
	}
	var rows [][]string
	for i := range s.Teams {
		t := &s.Teams[i]
		rows = append(rows, row(cmp.Or(t.Team, "(no team)"), &t.CheckSum))
		for j := range t.Rules {
			rows = append(rows, row("· "+t.Rules[j].Rule, &t.Rules[j].CheckSum))
		}
	}
	if err := table(b, []string{"TEAM · RULE", "FINDINGS", "DEALS", "HIGH", "AMOUNT OF THE DEALS"}, rows); err != nil {
		return err
	}
	b.WriteByte('\n')
	return nil
}

// amounts writes the sums of deals by currency, and how many deals are in none.
func amounts(s *api.CheckSum) string {
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(s.Amounts)) {
		v := s.Amounts[code]
		parts = append(parts, money(&api.CheckOpportunity{Amount: &v, Currency: code}))
	}
	if s.Unsummed > 0 {
		parts = append(parts, counted(s.Unsummed, "deal")+" in no sum")
	}
	return strings.Join(parts, ", ")
}

// checkEnd prints how many findings there are, how many are not listed, and of when the data is.
func checkEnd(b *strings.Builder, res *api.Check, zone *time.Location) {
	switch s := &res.Summary; {
	case s.Findings > 0:
		fmt.Fprintf(b, "%s on %s%s\n", counted(s.Findings, "finding"), counted(s.Deals, "deal"), sumLine(s.Severities))
	case noVerdict(res.Sources) == nil:
		b.WriteString("no findings\n")
	}
	if res.Truncated {
		b.WriteString(cutLine(res) + "\n")
	}
	printSources(b, res.Sources, zone)
}

// cutLine says what the limit has cut.
func cutLine(res *api.Check) string {
	return fmt.Sprintf("listed are %s of %s, those of the gravest deals; --limit 0 lists all", grouped(len(res.Findings)), counted(res.Summary.Findings, "finding"))
}

// byDeal cuts the findings, which come deal by deal, into those of each deal.
func byDeal(fs []api.CheckFinding) [][]api.CheckFinding {
	var deals [][]api.CheckFinding
	start := 0
	for i := range fs {
		if i+1 == len(fs) || fs[i+1].Source != fs[i].Source || fs[i+1].Opportunity.ID != fs[i].Opportunity.ID {
			deals = append(deals, fs[start:i+1])
			start = i + 1
		}
	}
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
