package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// completes has a flag complete one of some words, each of which an end is put behind.
func completes(cmd *cobra.Command, flag, end string, words []string) {
	directive := cobra.ShellCompDirectiveNoFileComp
	var list []cobra.Completion
	for _, word := range words {
		list = append(list, word+end)
	}
	if end != "" {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, directive)); err != nil {
		panic(err) // programmer error: there is no such flag, or it has one
	}
}

func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands, flags and values in a shell",
		Long: `Prints the script that makes a shell complete commands, flags, settings after --set, presets and kinds of job. It calls millrace, which has to be on the PATH.

  bash        . <(millrace completion bash), in ~/.bashrc for every shell; it needs the package bash-completion
  zsh         millrace completion zsh > "${fpath[1]}/_millrace"
  fish        millrace completion fish > ~/.config/fish/completions/millrace.fish
  powershell  millrace completion powershell | Out-String | Invoke-Expression`,
		Example:   "  millrace completion bash > /etc/bash_completion.d/millrace\n  millrace completion zsh > \"${fpath[1]}/_millrace\"",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args:      wantArgs(1, 1, "the name of a shell"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, w := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(w, true)
			case "zsh":
				return root.GenZshCompletion(w)
			case "fish":
				return root.GenFishCompletion(w, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(w)
			}
			return usageError(fmt.Sprintf("known are %v", cmd.ValidArgs), "unknown shell %q", args[0])
		},
	}
}
