package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/spelling"
)

// usage is the error of a wrong command line: exit code 2, and where to read the right
// one.
func usage(cmd *cobra.Command, format string, args ...any) error {
	return fail(api.ExitUsage, "%s (see %s --help)", fmt.Sprintf(format, args...), cmd.CommandPath())
}

func unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usage(cmd, "unknown command %q for %q%s", plain(word), cmd.CommandPath(), suggest(word, names))
}

// flagError adds to an error of pflag the command, and which flag was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	text, number, _ := strings.Cut(err.Error(), "strconv.ParseInt: ")
	if number != "" { // in Go's words
		text += "write a whole number"
	}
	name, ok := strings.CutPrefix(text, "unknown flag: --")
	if !ok {
		return usage(cmd, "%s", plain(text))
	}
	var names []string
	add := func(f *pflag.Flag) { names = append(names, "--"+f.Name) }
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return usage(cmd, "unknown flag --%s for %q%s", plain(name), cmd.CommandPath(), suggest("--"+name, names))
}

// exactly is cobra.ExactArgs in the words of the usage line.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usage(cmd, "missing %s", what)
		case len(args) > n:
			return usage(cmd, "unexpected argument %q", plain(args[n]))
		}
		return nil
	}
}

// atMost is exactly for optional arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(cmd, "unexpected argument %q", plain(args[n]))
		}
		return nil
	}
}

// format is the -o flag: one of a few words.
type format struct {
	word    string
	allowed []string
}

// formatFlag adds -o to cmd; the first word is the default.
func formatFlag(cmd *cobra.Command, allowed ...string) *format {
	f := &format{word: allowed[0], allowed: allowed}
	cmd.Flags().VarP(f, "output", "o", "how to print: `FORMAT` is "+strings.Join(allowed, ", "))
	return f
}

// String is the word in effect.
func (f *format) String() string { return f.word }

// Type is what pflag's own help would call the value.
func (f *format) Type() string { return "FORMAT" }

// Set takes one of the allowed words.
func (f *format) Set(s string) error {
	if slices.Contains(f.allowed, s) {
		f.word = s
		return nil
	}
	return fmt.Errorf("use %s%s", strings.Join(f.allowed, ", "), suggest(s, f.allowed))
}

// suggest ends an error about an unknown word with the nearest known one.
func suggest(word string, known []string) string {
	word = strings.ToLower(word)
	best, least := "", len(word)
	for _, k := range known {
		d := spelling.Distance(word, k)
		if len(word) >= 3 && strings.HasPrefix(k, word) {
			d = 1
		}
		// More than two typing mistakes make another word, unless the word is long.
		if d <= max(2, len(k)/4) && d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}
