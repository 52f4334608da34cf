package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/manual"
)

// newMan is hidden, for it is for those who make packages.
func newMan(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Hidden:  true,
		Short:   "Write the man pages of all commands into a folder",
		Long:    `Writes the man pages of all commands into DIR, which is made if need be, one a command. The same program writes the same bytes.`,
		Example: "  millrace man share/man/man1",
		Args:    wantArgs(1, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			title, text, _ := strings.Cut(exitStatus, "\n")
			pages, err := manual.Write(args[0], cmd.Root(), manual.Section{Title: title, Lines: strings.Split(text, "\n")})
			if err != nil {
				return err
			}
			return a.say(map[string]any{"pages": pages}, "%d pages in %s\n", len(pages), args[0])
		},
	}
}
