package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/pipeline/strict"
)

// newHelp is the help of cobra, but that a name which is no command is an error.
func newHelp(root *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Print the help of a command",
		Long:    `Prints the help of a command, as COMMAND --help does.`,
		Example: "  millrace help run\n  millrace help config check",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			of, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(of, rest[0])
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			if of, rest, err := root.Find(args); err == nil && len(rest) == 0 {
				names = commandNames(of)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	root.SetHelpCommand(cmd)
	return cmd
}

// commandNames lists the commands below one that its help lists.
func commandNames(cmd *cobra.Command) (names []string) {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

func unknownCommand(cmd *cobra.Command, name string) error {
	names := commandNames(cmd)
	if len(names) == 0 {
		return usageError("usage is "+cmd.UseLine(), "%s has no command %q", cmd.CommandPath(), name)
	}
	hint := "commands are " + strings.Join(names, ", ")
	if near := nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usageError(hint, "unknown command %q", name)
}

// nearest is the name that a misspelt one is meant for, "" if none is near: one that begins with it before one that needs few changes.
func nearest(name string, names []string) string {
	if len(name) > 1 {
		for _, n := range names {
			if strings.HasPrefix(n, name) {
				return n
			}
		}
	}
	return strict.Nearest(name, names)
}

// flagError is what is wrong with the flags of a command, with the flag that may be meant.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 { // the flags are meant for a command that there is not
		return unknownCommand(cmd, args[0])
	}
	hint := cmd.CommandPath() + " --help lists the flags"
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		name := unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name = strings.TrimLeft(short, "-") // -out is meant for --out
		}
		if near := nearest(name, names); near != "" {
			hint = "did you mean --" + near + "?"
		}
	}
	// Which function of Go read a number is nothing to the user.
	return usageError(hint, "%s", parsing.ReplaceAllString(err.Error(), ""))
}
