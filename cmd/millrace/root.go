package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"

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
	a := &app{stdio: std, display: display}
	root := &cobra.Command{
		Use:   "millrace",
		Short: "Turn piles of raw text files into a training-ready corpus",
		Long: `millrace turns piles of raw text files into a training-ready corpus: parsed, normalised, without duplicates,
as Parquet, Arrow or JSON Lines, with a vocabulary and an account of every document.`,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "YAML `FILE` of settings; see millrace config show")
	f.StringArrayVar(&a.set, "set", nil, "`KEY=VALUE` of one setting, over --config and the environment, such as dedupe.threshold=0.8; may be repeated")
	f.StringVar(&a.logLevel, "log-level", "", "`LEVEL` is debug, info, warn or error (default info, on a terminal warn)")
	f.StringVar(&a.logFormat, "log-format", "", "`FORMAT` is json or text (default json, on a terminal text)")
	f.BoolVar(&a.json, "json", false, "print one JSON object on stdout")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 { // the flags are meant for a command that there is not
			return unknownCommand(cmd, args[0])
		}
		// Which function of Go read a number is nothing to the user.
		return usageError(cmd.CommandPath()+" --help lists the flags", "%s", parsing.ReplaceAllString(err.Error(), ""))
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newRun(a), newServe(a), newWorker(a), newPublish(a), newStart(a), newStatus(a), newDead(a), newPause(a), newResume(a), newCancel(a), newDetect(a), newFilters(a), newInspect(a), newVerify(a), newFiles(a), newExplain(a), newDiff(a), newLog(a), newDrop(a), newGC(a), newCompact(a), newRemove(a), newPurge(a), newReindex(a), newSignals(a), newLines(a), newDecontaminate(a), newVocab(a), newTokenizer(a), newRelease(a),
		newConfig(a), newVersion(a))
	root.SetHelpTemplate(root.HelpTemplate() + "\n" + exitStatus + "\n")
	return root
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := "commands are " + strings.Join(names, ", ")
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	return usageError(hint, "unknown command %q", name)
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
