package main

import (
	"maps"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/monitor"
)

var parsing = regexp.MustCompile(`strconv\.\w+: parsing "[^"]*": `)

// app is what every command has: the world it runs in and the flags that all share.
type app struct {
	stdio
	display   *monitor.Display // what stdio.err writes to
	config    string
	set       []string
	logLevel  string
	logFormat string
	json      bool
}

// newRoot makes the command tree.
func newRoot(std stdio, display *monitor.Display) *cobra.Command {
	a, version := &app{stdio: std, display: display}, false
	root := &cobra.Command{
		Use:   "millrace",
		Short: "Turn piles of raw text files into a training-ready corpus",
		Long: `millrace turns piles of raw text files into a training-ready corpus: parsed, normalised, without duplicates,
as Parquet, Arrow or JSON Lines, with a vocabulary and an account of every document.`,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if version {
				return a.printVersion()
			}
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	root.Flags().BoolVar(&version, "version", false, "print the version of this program and of what it writes")
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "YAML `FILE` of settings; see millrace config show")
	f.StringArrayVar(&a.set, "set", nil, "`KEY=VALUE` of one setting, over --config and the environment, such as dedupe.threshold=0.8; may be repeated")
	completesBy(root, "set", completesSettings)
	f.StringVar(&a.logLevel, "log-level", "", "`LEVEL` is debug, info, warn or error (default info, on a terminal warn)")
	f.StringVar(&a.logFormat, "log-format", "", "`FORMAT` of stderr, json or text (default MILLRACE_LOG_FORMAT, or else json, on a terminal text)")
	f.BoolVar(&a.json, "json", false, "print one JSON object on stdout, and an error as one on stderr")
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	addGroups(root, a)
	root.SetHelpTemplate(root.HelpTemplate() + "\n" + exitStatus + "\n")
	return root
}

// parent is a command that only holds others.
func parent(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	cmd.AddCommand(children...)
	return cmd
}

// wantArgs checks the number of arguments; most < 0 is any number.
func wantArgs(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := "usage is " + cmd.UseLine()
		if len(args) < least {
			return usageError(hint, "%s is missing", what)
		}
		if most >= 0 && len(args) > most {
			return usageError(hint, "unexpected argument %q", args[most])
		}
		return nil
	}
}

// notNegative refuses a flag that is less than 0: of several the first by its name.
func notNegative(flags map[string]int) error {
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		if n := flags[flag]; n < 0 {
			return usageError("", "--%s %d is negative", flag, n)
		}
	}
	return nil
}
