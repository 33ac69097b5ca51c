package main

import (
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
