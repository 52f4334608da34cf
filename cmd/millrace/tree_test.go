package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/monitor"
)

func testRoot() *cobra.Command {
	root := newRoot(stdio{}, monitor.NewDisplay(&bytes.Buffer{}, false))
	root.InitDefaultHelpFlag()
	return root
}

// everyCommand lists the commands of the tree, hidden ones too.
func everyCommand(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		list = append(list, everyCommand(c)...)
	}
	return list
}

// No command stands outside of the headings of the help, and each that does something has an example.
func TestTreeIsGroupedAndShown(t *testing.T) {
	root := testRoot()
	for _, c := range root.Commands() {
		if c.GroupID == "" {
			t.Errorf("%s stands below no heading", c.Name())
		}
	}
	for _, c := range everyCommand(root) {
		if c != root && !c.HasSubCommands() && strings.TrimSpace(c.Example) == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: %q", c.CommandPath(), c.Short)
		}
	}
}

// shellWords takes a line apart as a shell does, up to what the shell does with the output.
func shellWords(t *testing.T, line string) (list []string) {
	t.Helper()
	word, in, quoted := "", rune(0), false
	end := func() {
		if word != "" || quoted {
			list = append(list, word)
		}
		word, quoted = "", false
	}
	for _, r := range line {
		switch {
		case in == 0 && (r == '\'' || r == '"'):
			in, quoted = r, true
		case in == r:
			in = 0
		case in == 0 && r == ' ':
			end()
		default:
			word += string(r)
		}
	}
	if end(); in != 0 {
		t.Errorf("%s: a quote that does not end", line)
	}
	if i := slices.IndexFunc(list, func(w string) bool { return w == ">" || w == "|" || w == "&&" || strings.HasPrefix(w, "#") }); i >= 0 {
		list = list[:i]
	}
	return list
}

// typed checks a line as it would be typed: the command is there, with these flags and so many arguments. It returns the command.
func typed(t *testing.T, line string) *cobra.Command {
	t.Helper()
	args := shellWords(t, line)
	if len(args) == 0 || args[0] != "millrace" {
		t.Errorf("%q is no call of millrace", line)
		return nil
	}
	cmd, rest, err := testRoot().Find(args[1:])
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err == nil && cmd.HasSubCommands() && cmd.Flags().NArg() > 0 {
		err = unknownCommand(cmd, cmd.Flags().Arg(0))
	}
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return cmd
}

// Every line of every example can be typed, and is one of the command that it stands with.
func TestExamplesCanBeTyped(t *testing.T) {
	for _, c := range everyCommand(testRoot()) {
		for line := range strings.SplitSeq(c.Example, "\n") {
			if line == "" {
				continue
			}
			if !strings.HasPrefix(line, "  millrace ") {
				t.Errorf("%s: %q does not begin with two blanks and millrace", c.CommandPath(), line)
			}
			cmd := typed(t, line)
			if cmd != nil && cmd.CommandPath() != c.CommandPath() && (cmd.Parent() == nil || cmd.Parent().CommandPath() != c.CommandPath()) &&
				!strings.Contains(c.Example, "  "+c.CommandPath()) {
				t.Errorf("%s: %s is of another command", c.CommandPath(), line)
			}
		}
	}
}

// So can the lines of README.md and docs that begin with millrace.
func TestDocumentedCommandsCanBeTyped(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			line = strings.Replace(line, "    go run ./cmd/millrace ", "    millrace ", 1)
			if strings.HasPrefix(line, "    millrace ") && !strings.HasSuffix(line, `\`) {
				call, _, _ := strings.Cut(strings.TrimSpace(line), "   ") // what follows is said of it
				typed(t, call)
				n++
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d lines were found", n)
	}
}
