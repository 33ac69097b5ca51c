package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// reference prints docs/cli.md from the command tree, so that the document says what
// --help says.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Command line\n\nPrinted from the commands themselves; `go generate ./...` writes it.\n")
	describe(&b, root)
	b.WriteString("\n## Exit codes\n\n| code | meaning |\n|---|---|\n")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "| %d | %s |\n", e.code, e.what)
	}
	return b.String()
}

func describe(b *strings.Builder, cmd *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", cmd.CommandPath(), strings.TrimSpace(cmd.Long))
	if cmd.Runnable() && !cmd.HasAvailableSubCommands() {
		fmt.Fprintf(b, "```\n%s\n```\n", cmd.UseLine())
	}
	flags(b, cmd)
	fmt.Fprintf(b, "\n```console\n")
	for line := range strings.Lines(cmd.Example) {
		fmt.Fprintf(b, "$ %s\n", strings.TrimSpace(line))
	}
	b.WriteString("```\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			describe(b, c)
		}
	}
}

func flags(b *strings.Builder, cmd *cobra.Command) {
	var rows []string
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		name, what := pflag.UnquoteUsage(f)
		word := "--" + f.Name
		if f.Shorthand != "" {
			word = "-" + f.Shorthand + ", " + word
		}
		if name != "" {
			word += " " + name
		}
		if f.DefValue != "" && f.DefValue != "false" {
			what += " (default " + f.DefValue + ")"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", word, strings.ReplaceAll(what, "|", `\|`)))
	})
	if len(rows) > 0 {
		fmt.Fprintf(b, "\n| flag | |\n|---|---|\n%s\n", strings.Join(rows, "\n"))
	}
}
