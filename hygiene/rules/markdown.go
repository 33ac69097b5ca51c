package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// Markdown prints the catalogue as docs/rules.md.
func Markdown() []byte {
	var b strings.Builder
	b.WriteString("# Rules\n\n")
	b.WriteString("Printed from the program by `go generate ./...`; do not edit by hand.\n\n")
	b.WriteString("A rule judges one open deal. Days are business days in the calendar of the owner's team, and \"now\" is the time as of which the\n" +
		"CRM's data is complete. What cannot be read is unknown: it never makes a finding, and never counts as fixed. Closed and deleted\n")
	fmt.Fprintf(&b, "deals are not judged; neither are deals younger than %s, except where a rule says otherwise.\n\n", hygiene.BusinessDays(hygiene.MinAge))
	b.WriteString("Every rule runs unless the configuration switches it off (`rules: {ID: off}`). `severity` replaces the severity below; where a rule\n" +
		"raises it, yours is raised by as many steps.\n\n")
	b.WriteString("| rule | finds | severity |\n|---|---|---|\n")
	for _, r := range All() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.Title, r.Severity)
	}
	for _, r := range All() {
		section(&b, r)
	}
	return []byte(b.String())
}

func section(b *strings.Builder, r hygiene.Rule) {
	fmt.Fprintf(b, "\n## %s\n\n**%s.** %s\n\nWhat to do: %s\n", r.ID, r.Title, r.Doc.Why, r.Doc.Fix)
	if len(r.Needs) > 0 {
		fmt.Fprintf(b, "\nNeeds: `%s`.\n", strings.Join(r.Needs, "`, `"))
	}
	if len(r.Params) > 0 {
		b.WriteString("\n| parameter | default | range | meaning |\n|---|---|---|---|\n")
		for _, p := range r.Params {
			fmt.Fprintf(b, "| `%s` | %s | %s to %s | %s%s |\n", p.Name, num(p.Default), num(p.Min), num(p.Max), p.Doc, inUnit(p.Unit))
		}
	}
	if r.Doc.Higher != "" {
		fmt.Fprintf(b, "\nSeverity: %s. %s\n", r.Severity, r.Doc.Higher)
	}
	b.WriteString("\nWhen it stays silent, or cannot tell:\n\n")
	for _, l := range r.Doc.Limit {
		fmt.Fprintf(b, "- %s\n", l)
	}
}

func num(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func inUnit(u string) string {
	if u == "" {
		return ""
	}
	return ", in " + u
}
