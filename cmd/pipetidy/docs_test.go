package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/pipetidy/pipetidy/internal/golden"
)

func TestGoldenReference(t *testing.T) {
	golden.File(t, "../../docs/cli.md", reference(newRoot(&app{})))
}

func TestEveryCommandIsDocumented(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || c.Long == "" || c.Example == "" {
			t.Errorf("%s: a command has Short, Long and an Example", c.CommandPath())
		}
		if c.Args == nil {
			t.Errorf("%s: says nothing about its arguments", c.CommandPath())
		}
		for _, s := range c.Commands() {
			walk(s)
		}
	}
	walk(newRoot(&app{}))
}

// TestEveryCommandIsTyped fails for a command that no script runs.
func TestEveryCommandIsTyped(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	var scripts strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scripts.Write(b)
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		typed := regexp.MustCompile(`(?m)^(exec|! exec|exits [0-9]+) ` + regexp.QuoteMeta(c.CommandPath()) + `( |$)`)
		if !c.HasSubCommands() && !typed.MatchString(scripts.String()) {
			t.Errorf("no script under testdata types %q", c.CommandPath())
		}
		for _, s := range c.Commands() {
			walk(s)
		}
	}
	walk(newRoot(&app{}))
}

// TestTypedCommandsOfThePages parses every command that the pages for operators type.
func TestTypedCommandsOfThePages(t *testing.T) {
	typed := regexp.MustCompile(`(?m)^(?:\$ )?pipetidy (\S.*?)(?:\s+#.*)?$`)
	n := 0
	for _, page := range []string{"../../README.md", "../../deploy/README.md", "../../docs/cli.md", "../../docs/salesforce.md", "../../docs/hubspot.md"} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(b), "```") {
			if i%2 == 0 {
				continue // between two blocks
			}
			for _, m := range typed.FindAllStringSubmatch(block, -1) {
				line, _, _ := strings.Cut(strings.NewReplacer(" > ", "|", " | ", "|").Replace(m[1]), "|")
				if strings.ContainsAny(line, "[]") || strings.ToUpper(line) == line {
					continue // how a command is typed, not one that is
				}
				cmd, rest, err := newRoot(&app{}).Find(shellWords(line))
				if err == nil {
					err = cmd.ParseFlags(rest)
				}
				if args := cmd.Flags().Args(); err == nil && cmd.HasSubCommands() && len(args) > 0 {
					err = unknownCommand(cmd, args[0])
				} else if err == nil {
					err = cmd.ValidateArgs(args)
				}
				if err != nil {
					t.Errorf("%s: pipetidy %s: %v", page, line, err)
				}
				n++
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d commands were found", n)
	}
}

// shellWords splits a line as a shell does whose only quotes are double ones.
func shellWords(line string) []string {
	var out []string
	for i, part := range strings.Split(line, `"`) {
		switch {
		case i%2 == 1:
			out = append(out, part)
		default:
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}
