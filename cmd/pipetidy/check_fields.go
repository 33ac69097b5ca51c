package main

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/api"
)

// column is one field of a finding, as --fields and the head of the CSV name it.
type column struct {
	name string
	json string // its place in the JSON of the finding
	of   func(f *api.CheckFinding) cell
}

func text(of func(f *api.CheckFinding) string) func(*api.CheckFinding) cell {
	return func(f *api.CheckFinding) cell { return cell{text: of(f)} }
}

// checkColumns are all fields of a finding.
var checkColumns = []column{
	{"key", "key", text(func(f *api.CheckFinding) string { return f.Key })},
	{"rule", "rule", text(func(f *api.CheckFinding) string { return f.Rule })},
	{"severity", "severity", text(func(f *api.CheckFinding) string { return f.Severity })},
	{"state", "state", text(func(f *api.CheckFinding) string { return f.State })},
	{"since", "since", text(func(f *api.CheckFinding) string { return stamp(&f.Since) })},
	{"source", "source", text(func(f *api.CheckFinding) string { return f.Source })},
	{"opportunity_id", "opportunity.id", text(func(f *api.CheckFinding) string { return f.Opportunity.ID })},
	{"opportunity_name", "opportunity.name", text(func(f *api.CheckFinding) string { return f.Opportunity.Name })},
	{"url", "opportunity.url", text(func(f *api.CheckFinding) string { return f.Opportunity.URL })},
	{"owner", "opportunity.owner", text(func(f *api.CheckFinding) string { return f.Opportunity.Owner })},
	{"team", "opportunity.team", text(func(f *api.CheckFinding) string { return f.Opportunity.Team })},
	{"stage", "opportunity.stage", text(func(f *api.CheckFinding) string { return f.Opportunity.Stage })},
	{"amount", "opportunity.amount", func(f *api.CheckFinding) cell {
		if f.Opportunity.Amount == nil {
			return cell{number: true}
		}
		return cell{text: strconv.FormatFloat(*f.Opportunity.Amount, 'f', -1, 64), number: true}
	}},
	{"currency", "opportunity.currency", text(func(f *api.CheckFinding) string { return f.Opportunity.Currency })},
	{"close_date", "opportunity.close_date", text(func(f *api.CheckFinding) string { return f.Opportunity.CloseDate })},
	{"message", "message", text(func(f *api.CheckFinding) string { return f.Message })},
	{"value", "value", text(func(f *api.CheckFinding) string { return f.Value })},
	{"threshold", "threshold", text(func(f *api.CheckFinding) string { return f.Threshold })},
	{"threshold_from", "threshold_from", text(func(f *api.CheckFinding) string { return f.ThresholdFrom })},
	{"fix", "fix", text(func(f *api.CheckFinding) string { return f.Fix })},
	{"folded", "folded", text(func(f *api.CheckFinding) string { return f.Folded })},
	{"held", "held", text(func(f *api.CheckFinding) string { return f.Held })},
	{"owner_only", "owner_only", text(func(f *api.CheckFinding) string {
		if f.OwnerOnly {
			return "true"
		}
		return ""
	})},
	{"unclear", "opportunity.unclear", text(func(f *api.CheckFinding) string { return strings.Join(f.Opportunity.Unclear, " ") })},
}

func columnNames() []string {
	names := make([]string, len(checkColumns))
	for i := range checkColumns {
		names[i] = checkColumns[i].name
	}
	return names
}

// columnsOf are the columns with these names, in their order; no names are all columns.
func columnsOf(cmd *cobra.Command, names []string) ([]column, error) {
	if len(names) == 0 {
		return checkColumns, nil
	}
	var out []column
	for i, name := range names {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(checkColumns, func(c column) bool { return c.name == name })
		switch {
		case at < 0 && suggest(name, columnNames()) == "":
			return nil, usage(cmd, "--fields: a finding has no field %q; it has %s", plain(name), strings.Join(columnNames(), ", "))
		case at < 0:
			return nil, usage(cmd, "--fields: a finding has no field %q%s", plain(name), suggest(name, columnNames()))
		case slices.Contains(names[:i], name):
			return nil, usage(cmd, "--fields: %s is named twice", name)
		}
		out = append(out, checkColumns[at])
	}
	return out, nil
}

func head(shown []column) []string {
	names := make([]string, len(shown))
	for i := range shown {
		names[i] = shown[i].name
	}
	return names
}

func checkCSV(w io.Writer, res *api.Check, shown []column) error {
	rows := make([][]cell, len(res.Findings))
	for i := range res.Findings {
		for j := range shown {
			rows[i] = append(rows[i], shown[j].of(&res.Findings[i]))
		}
	}
	return printCSV(w, head(shown), rows)
}

// checkRows prints a line for each finding.
func checkRows(w io.Writer, res *api.Check, shown []column, zone *time.Location) error {
	var b strings.Builder
	if len(res.Findings) > 0 {
		rows := make([][]string, len(res.Findings))
		for i := range res.Findings {
			for j := range shown {
				rows[i] = append(rows[i], orDash(shown[j].of(&res.Findings[i]).text))
			}
		}
		names := head(shown)
		for i := range names {
			names[i] = strings.ToUpper(names[i])
		}
		if err := table(&b, names, rows); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	checkEnd(&b, res, zone)
	_, err := io.WriteString(w, b.String())
	return err
}

// checkJSON prints the document; where only some fields are asked for, each finding has no
// others.
func checkJSON(w io.Writer, res *api.Check, shown []column, some bool) error {
	if !some {
		return printJSON(w, res)
	}
	findings := make([]map[string]any, len(res.Findings))
	for i := range res.Findings {
		b, err := json.Marshal(&res.Findings[i])
		if err != nil {
			return err
		}
		var whole map[string]any
		if err := json.Unmarshal(b, &whole); err != nil {
			return err
		}
		findings[i] = map[string]any{}
		for j := range shown {
			pick(findings[i], whole, strings.Split(shown[j].json, "."))
		}
	}
	return printJSON(w, struct {
		*api.Check
		Findings []map[string]any `json:"findings"`
	}{res, findings})
}

// pick copies what stands at a place; what is absent stays absent.
func pick(to, from map[string]any, at []string) {
	v, ok := from[at[0]]
	inner, deeper := v.(map[string]any)
	switch {
	case !ok:
	case len(at) > 1 && deeper:
		under, _ := to[at[0]].(map[string]any) // nil where nothing has been picked there yet
		if under == nil {
			under = map[string]any{}
			to[at[0]] = under
		}
		pick(under, inner, at[1:])
	default:
		to[at[0]] = v
	}
}
