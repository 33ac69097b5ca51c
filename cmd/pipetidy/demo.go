package main

import "github.com/spf13/cobra"

func newDemo(a *app) *cobra.Command {
	return &cobra.Command{Use: "demo", Short: "x", Long: "x", Example: "x", Args: exactly(0, ""), RunE: func(*cobra.Command, []string) error { return nil }}
}
