package main

import (
	"github.com/spf13/cobra"
)

// shells are those that completions can be printed for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print completions for bash, zsh, fish or powershell",
		Long: `Prints a script by which a shell completes the commands, flags and words of
pipetidy. SHELL is bash, zsh, fish or powershell.

The script is read by the shell: into the running one as in the first example, or
from the directory where the shell looks for completions at its start.`,
		Example: "  source <(pipetidy completion bash)\n" +
			"  pipetidy completion bash > /etc/bash_completion.d/pipetidy\n" +
			"  pipetidy completion zsh > \"${fpath[1]}/_pipetidy\"\n" +
			"  pipetidy completion fish > ~/.config/fish/completions/pipetidy.fish",
		Args:      exactly(1, "the shell: bash, zsh, fish or powershell"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return usage(cmd, "unknown shell %q%s", plain(args[0]), suggest(args[0], shells))
		},
	}
}
