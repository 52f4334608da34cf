package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/store"
)

// completes has a flag complete one of some words.
func completes(cmd *cobra.Command, flag string, words []string) {
	completesBy(cmd, flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func completesBy(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // programmer error: there is no such flag, or it has one
	}
}

// completesSettings completes KEY=VALUE: the keys of all settings, and behind one its known values.
func completesSettings(_ *cobra.Command, _ []string, start string) (list []cobra.Completion, directive cobra.ShellCompDirective) {
	key, _, valued := strings.Cut(start, "=")
	for _, s := range config.Settings() {
		switch {
		case !valued:
			list = append(list, cobra.CompletionWithDesc(s.Path+"=", s.About))
		case s.Path == key:
			for _, value := range s.Known() {
				list = append(list, key+"="+value)
			}
		}
	}
	if !valued {
		directive = cobra.ShellCompDirectiveNoSpace
	}
	return list, directive | cobra.ShellCompDirectiveNoFileComp
}

// completesVersions has the arguments of a command complete the versions of a corpus, newest first: those at these places by themselves, of the
// corpus that the first names, and any behind OUT@. Other arguments are files.
func (a *app) completesVersions(cmd *cobra.Command, alone ...int) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if n := len(args); n > 0 && slices.Contains(alone, n) && start != "@" && args[n-1] != "@" {
			return a.versionsOf(cmd.Context(), args[0], ""), cobra.ShellCompDirectiveNoFileComp
		}
		// Bash takes OUT@3 for three words, and replaces the last of them.
		n := len(args)
		switch {
		case start == "@" && n > 0:
			return a.versionsOf(cmd.Context(), args[n-1], "@"), cobra.ShellCompDirectiveNoFileComp
		case n > 1 && args[n-1] == "@":
			return a.versionsOf(cmd.Context(), args[n-2], ""), cobra.ShellCompDirectiveNoFileComp
		}
		if at := strings.LastIndexByte(start, '@'); at > 0 {
			return a.versionsOf(cmd.Context(), start[:at], start[:at+1]), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// versionsOf are the versions of a corpus on this machine, each behind what is typed already; none if there is no such corpus.
func (a *app) versionsOf(ctx context.Context, out, typed string) (list []cobra.Completion) {
	if store.IsRemote(out) { // nobody waits for a bucket at each key
		return nil
	}
	_ = a.withCorpus(ctx, out, func(c *corpus.Corpus) error { // what is wrong is for the command to say
		versions, _, err := c.Scan(ctx)
		for _, m := range slices.Backward(versions) {
			list = append(list, cobra.CompletionWithDesc(typed+strconv.Itoa(m.Version), m.Run.Committed()))
		}
		return err
	})
	return list
}

func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands, flags and values in a shell",
		Long: `Prints the script that makes a shell complete commands, flags, settings after --set, versions of a corpus, presets and kinds of job. It calls millrace, which has to be on the PATH.

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
