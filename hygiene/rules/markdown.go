package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// Markdown prints the catalogue as docs/rules.md.
func Markdown() []byte {
	var b strings.Builder
	b.WriteString("# Rules\n\n")
	b.WriteString("Printed from the program by `go generate ./...`; do not edit by hand.\n\n")
	b.WriteString("A rule judges one open deal. Days are business days in the owner's calendar (`holidays`, `business_hours` and `away` in\n" +
		"[config.md](config.md)), and \"now\" is the time as of which the CRM's data is complete. What cannot be read is unknown: it\n" +
		"never makes a finding, and never counts as fixed. Closed and deleted\n")
	fmt.Fprintf(&b, "deals are not judged; neither are deals younger than %s, except where a rule says otherwise.\n\n", hygiene.BusinessDays(hygiene.MinAge))
	b.WriteString("A rule that is on from the start runs unless the configuration switches it off (`rules: {ID: off}`); one that is on offer runs\n" +
		"once the configuration names it (`rules: {ID: on}`, or with settings). `severity` replaces the severity below; where a rule\n" +
		"raises it, yours is raised by as many steps.\n\n")
	fmt.Fprintf(&b, "Where a rule fails on more than %s of the deals that it judged in a pipeline, at least %d of them, and its median of %d days is above that\n"+
		"as well, it is *folded* there: its findings are a habit and no news, and the digests tell them in one line. It is told deal by deal\n"+
		"again when the median has been below %s for %s, or at once by `pipetidy release RULE`. What it finds on a commit deal is never\n"+
		"folded, and some rules never are. A finding that waits for another one of its deal counts as failed.\n\n",
		percent(hygiene.FoldAbove), hygiene.FoldFrom, hygiene.FoldWindow, percent(hygiene.FoldBelow), fmt.Sprintf("%d days", hygiene.FoldCalm))
	fmt.Fprintf(&b, "Where a rule fails suddenly on more than %d times as many deals of a source as usual, the median of those %d days, on twice as many as the\n"+
		"day before and on %d or more, what began with the jump is *held back* in the pipelines where it jumped: an import or an integration has rather\n"+
		"gone wrong than many people on one day. Ops are told at once, digests say in a line how many deals and how much money it is, and commit deals\n"+
		"are told all the same, as is what was told before. It ends when the CRM is put right, by `pipetidy release RULE`, or after a week. Deals that\n"+
		"were created in those days do not count, nor do those that passed the limit of the rule in those days, nor what a changed limit, definition or\n"+
		"calendar finds. A rule that is never folded is never held back either; of its jump ops hear in `pipetidy status`.\n\n",
		hygiene.BrakeTimes, hygiene.FoldWindow, hygiene.BrakeFrom)
	for _, o := range hygiene.Offers() {
		var rows []string
		for _, r := range All() {
			if r.Offer == o.Offer {
				rows = append(rows, fmt.Sprintf("| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.Title, r.Severity))
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&b, "## %s\n\n%s\n\n| rule | finds | severity |\n|---|---|---|\n%s\n", o.Title, o.Doc, strings.Join(rows, ""))
		}
	}
	b.WriteString("## Rule by rule\n")
	for _, r := range All() {
		section(&b, r)
	}
	return []byte(b.String())
}

func section(b *strings.Builder, r hygiene.Rule) {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** %s\n\nWhat to do: %s\n", r.ID, r.Title, r.Doc.Why, r.Doc.Fix)
	if r.Offer != "" {
		b.WriteString("\nOn offer: it runs once the configuration names it.\n")
	}
	if len(r.Needs) > 0 {
		fmt.Fprintf(b, "\nNeeds: `%s`.\n", strings.Join(r.Needs, "`, `"))
	}
	if len(r.Params) > 0 {
		b.WriteString("\n| parameter | default | range | meaning |\n|---|---|---|---|\n")
		for _, p := range r.Params {
			fmt.Fprintf(b, "| `%s` | %s | %s to %s | %s%s |\n", p.Name, p.Write(p.Default), p.Write(p.Min), p.Write(p.Max), p.Doc, inUnit(p.Unit))
		}
	}
	if r.Doc.Higher != "" {
		fmt.Fprintf(b, "\nSeverity: %s. %s\n", r.Severity, r.Doc.Higher)
	}
	if r.NeverFolded {
		b.WriteString("\nNever folded.\n")
	}
	b.WriteString("\nWhen it stays silent, or cannot tell:\n\n")
	for _, l := range r.Doc.Limit {
		fmt.Fprintf(b, "- %s\n", l)
	}
}

func percent(share float64) string { return num(math.Round(100*share)) + " %" }

func num(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func inUnit(u string) string {
	if u == "" {
		return ""
	}
	return ", in " + u
}
