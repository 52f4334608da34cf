// Package manual writes man pages of a tree of commands: one a command, from what its help says. The same tree gives the same bytes: there
// is no time in them.
package manual

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Section says where a page has what no command knows of itself.
type Section struct {
	Title string
	Lines []string // set as they are
}

// Write writes the pages of a command and of all below it that a help lists into a folder that is there: millrace-config-check.1 of millrace
// config check. Every page ends with the sections of more. It returns their names, in order.
func Write(folder string, root *cobra.Command, more ...Section) (names []string, err error) {
	for _, cmd := range commands(root) {
		name := name(cmd) + ".1"
		if err := os.WriteFile(filepath.Join(folder, name), page(cmd, more), 0o644); err != nil {
			return names, err
		}
		names = append(names, name)
	}
	return names, nil
}

// commands are one and all below it, in the order of the tree.
func commands(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			list = append(list, commands(c)...)
		}
	}
	return list
}

func name(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// page is the page of a command, in the macros of man(7).
func page(cmd *cobra.Command, more []Section) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH "%s" "1" "" "%s" "User Commands"`, strings.ToUpper(name(cmd)), cmd.Root().Name())
	line(".SH NAME\n%s \\- %s", escape(name(cmd)), escape(cmd.Short))
	line(".SH SYNOPSIS")
	if cmd.Runnable() {
		line(".B %s", escape(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		if cmd.Runnable() {
			line(".br")
		}
		line(".B %s", escape(cmd.CommandPath()+" COMMAND"))
	}
	if cmd.Long != "" {
		line(".SH DESCRIPTION")
		prose(&b, cmd.Long)
	}
	if cmd.HasAvailableSubCommands() {
		below(&b, cmd)
	}
	cmd.InitDefaultHelpFlag()
	flags(&b, "OPTIONS", cmd.NonInheritedFlags())
	flags(&b, "OPTIONS OF EVERY COMMAND", cmd.InheritedFlags())
	if cmd.Example != "" {
		line(".SH EXAMPLES")
		literal(&b, strings.Split(cmd.Example, "\n"))
	}
	for _, s := range more {
		line(".SH %s", escape(s.Title))
		literal(&b, s.Lines)
	}
	seeAlso(&b, cmd)
	return b.Bytes()
}

// below lists the commands below one, with the headings of its help.
func below(b *bytes.Buffer, cmd *cobra.Command) {
	fmt.Fprintln(b, ".SH COMMANDS")
	for _, g := range append(cmd.Groups(), &cobra.Group{}) {
		title := g.Title
		for _, c := range cmd.Commands() {
			if !c.IsAvailableCommand() || c.GroupID != g.ID {
				continue
			}
			if title != "" {
				fmt.Fprintf(b, ".SS %s\n", escape(strings.TrimSuffix(title, ":")))
				title = ""
			}
			fmt.Fprintf(b, ".TP\n.B %s\n%s\n", escape(c.Name()), escape(c.Short))
		}
	}
}

func flags(b *bytes.Buffer, title string, set *pflag.FlagSet) {
	if !set.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		text := "--" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", " + text
		}
		fmt.Fprintf(b, ".TP\n.B %s", escape(text))
		if value != "" {
			fmt.Fprintf(b, " %s", escape(value))
		}
		fmt.Fprintf(b, "\n%s\n", escape(usage))
	})
}

// seeAlso names the commands above and beside one.
func seeAlso(b *bytes.Buffer, cmd *cobra.Command) {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, name(cmd.Parent()))
		for _, c := range cmd.Parent().Commands() {
			if c != cmd && c.IsAvailableCommand() && c.GroupID == cmd.GroupID {
				pages = append(pages, name(c))
			}
		}
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			pages = append(pages, name(c))
		}
	}
	if len(pages) == 0 {
		return
	}
	slices.Sort(pages)
	fmt.Fprintln(b, ".SH SEE ALSO")
	for i, p := range pages {
		end := ","
		if i == len(pages)-1 {
			end = ""
		}
		fmt.Fprintf(b, ".BR %s (1)%s\n", escape(p), end)
	}
}

// prose sets paragraphs; lines that are indented, such as those of a table, stay as they are.
func prose(b *bytes.Buffer, text string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			fmt.Fprintln(b, ".PP")
		}
		var table []string
		end := func() {
			if len(table) > 0 {
				literal(b, table)
				table = nil
			}
		}
		for l := range strings.SplitSeq(paragraph, "\n") {
			if strings.HasPrefix(l, " ") {
				table = append(table, l)
				continue
			}
			end()
			fmt.Fprintln(b, escape(l))
		}
		end()
	}
}

// literal sets lines as they are.
func literal(b *bytes.Buffer, lines []string) {
	fmt.Fprintln(b, ".RS 2\n.nf")
	for _, l := range lines {
		fmt.Fprintln(b, escape(strings.TrimPrefix(l, "  ")))
	}
	fmt.Fprintln(b, ".fi\n.RE")
}

// escape makes text that of roff: nothing in it is a macro or an escape, and what can be typed can be copied from the page.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", "\\`", "^", `\(ha`, "~", `\(ti`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return strings.ReplaceAll(s, "\n.", "\n\\&.")
}
