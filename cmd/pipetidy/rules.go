package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
)

func newRules(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the rules, or describe one",
		Long: `Lists all rules with their severity and settings, or prints all there is to know
about one rule: why it matters, what to do, what it needs, when it is more severe,
and when it stays silent.
These are the defaults; the configuration may say otherwise, and "pipetidy
explain" shows the limits in force.`,
		Example: "  pipetidy rules\n  pipetidy rules stage-stuck",
		Args:    atMost(1),
	}
	out := formatFlag(cmd, "table", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		list := rules.All()
		if len(args) == 1 {
			var ids []string
			for i := range list {
				ids = append(ids, list[i].ID)
				if list[i].ID == args[0] {
					list, ids = list[i:i+1], nil
					break
				}
			}
			if ids != nil {
				return usage(cmd, "unknown rule %q%s", plain(args[0]), suggest(args[0], ids))
			}
		}
		switch {
		case out.word == "json":
			return printJSON(a.out, catalogue(list))
		case out.word == "csv":
			return rulesCSV(a.out, list)
		case len(args) == 1:
			return ruleText(a.out, &list[0])
		}
		return rulesTable(a.out, list)
	}
	return cmd
}

func rulesTable(w io.Writer, list []hygiene.Rule) error {
	rows := make([][]string, len(list))
	for i := range list {
		r := &list[i]
		rows[i] = []string{r.ID, r.Severity.String(), runs(r), r.Title, settings(r.Params)}
	}
	return table(w, []string{"RULE", "SEVERITY", "RUNS", "TITLE", "SETTINGS"}, rows)
}

// runs says whether the rule runs without a word of the configuration.
func runs(r *hygiene.Rule) string {
	if r.Offer != "" {
		return "on offer"
	}
	return "yes"
}

func settings(ps []hygiene.Param) string {
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = p.Name + " " + p.Write(p.Default)
	}
	return orDash(strings.Join(parts, ", "))
}

func ruleText(w io.Writer, r *hygiene.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\nseverity %s\n", r.Title, r.ID, r.Severity)
	if r.Offer != "" {
		fmt.Fprintf(&b, "on offer: it runs once the configuration says rules: {%s: on}\n", r.ID)
	}
	section := func(title string, paragraphs ...string) {
		if len(paragraphs) == 0 || paragraphs[0] == "" {
			return
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, p := range paragraphs {
			for i, line := range wrap(p, lineWidth-4) {
				fmt.Fprintf(&b, "%s%s\n", []string{"  ", "    "}[min(i, 1)], line)
			}
		}
	}
	section("Why it matters", r.Doc.Why)
	section("What to do", r.Doc.Fix)
	section("When it is more severe", r.Doc.Higher)
	if r.NeverFolded {
		section("When it is a habit", "It is told deal by deal, however many deals it finds something on.")
	}
	section("When it stays silent, or cannot tell", r.Doc.Limit...)
	params := make([]string, len(r.Params))
	for i, p := range r.Params {
		unit := ""
		if p.Unit != "" {
			unit = ", in " + p.Unit
		}
		params[i] = fmt.Sprintf("%s: %s (%s to %s). %s%s", p.Name, p.Write(p.Default), p.Write(p.Min), p.Write(p.Max), p.Doc, unit)
	}
	section("Settings", params...)
	section("Fields it needs", listed(r.Needs))
	_, err := io.WriteString(w, b.String())
	return err
}

// ruleDoc is a rule in JSON.
type ruleDoc struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Severity string      `json:"severity"`
	Offer    string      `json:"offer,omitempty"` // runs only where it is switched on
	Why      string      `json:"why"`
	Fix      string      `json:"fix"`
	Higher   string      `json:"higher,omitempty"` // when a finding is more severe
	Limits   []string    `json:"limits"`
	Needs    []string    `json:"needs"`
	Settings []ruleParam `json:"settings"`
}

// ruleParam is a setting of a rule in JSON.
type ruleParam struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Default float64 `json:"default"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	Doc     string  `json:"doc"`
}

func catalogue(list []hygiene.Rule) []ruleDoc {
	out := make([]ruleDoc, len(list))
	for i := range list {
		r := &list[i]
		out[i] = ruleDoc{
			ID: r.ID, Title: r.Title, Severity: r.Severity.String(), Offer: string(r.Offer), Why: r.Doc.Why, Fix: r.Doc.Fix, Higher: r.Doc.Higher,
			Limits: append([]string{}, r.Doc.Limit...), Needs: append([]string{}, r.Needs...), Settings: []ruleParam{},
		}
		for _, p := range r.Params {
			out[i].Settings = append(out[i].Settings, ruleParam{p.Name, p.Unit, p.Default, p.Min, p.Max, p.Doc})
		}
	}
	return out
}

func rulesCSV(w io.Writer, list []hygiene.Rule) error {
	rows := make([][]cell, len(list))
	for i := range list {
		r := &list[i]
		rows[i] = texts(r.ID, r.Title, r.Severity.String(), runs(r), settings(r.Params), r.Doc.Why, r.Doc.Fix, strings.Join(r.Needs, " "))
	}
	return printCSV(w, []string{"id", "title", "severity", "runs", "settings", "why", "fix", "needs"}, rows)
}
