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
