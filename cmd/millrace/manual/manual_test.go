package manual

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// tree has what is hard to set: lines that look like macros, backslashes, quotes, dashes, a table, a hidden command.
func tree() *cobra.Command {
	root := &cobra.Command{Use: "mill", Short: "Grind", Long: ".SH is no macro\n'nor' this\n\nA table:\n  a   b\\n\n  c   d\nand on", Run: func(*cobra.Command, []string) {}}
	root.AddGroup(&cobra.Group{ID: "g", Title: "Grind it:"})
	run := &cobra.Command{Use: "run [PATH...]", Short: "Run \"it\" - now", Example: "  mill run -- '~/a^b' `x`", GroupID: "g", Run: root.Run}
	run.Flags().StringP("out", "o", "", "the `DIR` of it\n.TH still the same")
	hidden := &cobra.Command{Use: "secret", Short: "Secret", Hidden: true, Run: root.Run}
	parent := &cobra.Command{Use: "both", Short: "Hold others"}
	parent.AddCommand(&cobra.Command{Use: "leaf", Short: "Do", Run: root.Run})
	root.AddCommand(run, hidden, parent)
	return root
}

func TestPages(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	more := Section{Title: "EXIT STATUS", Lines: []string{"  0    done", "  2    usage"}}
	names, err := Write(one, tree(), more)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"mill.1", "mill-both.1", "mill-both-leaf.1", "mill-run.1"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	if _, err := Write(two, tree(), more); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		a, err := os.ReadFile(filepath.Join(one, name))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(two, name)); err != nil || string(a) != string(b) {
			t.Errorf("%s is another each time: %v", name, err)
		}
		checkRoff(t, filepath.Join(one, name))
	}
	page, err := os.ReadFile(filepath.Join(one, "mill-run.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		".SH NAME\nmill\\-run \\- Run \"it\" \\- now\n", ".B mill run [PATH...] [flags]\n", ".B \\-o, \\-\\-out DIR\n", "\\&.TH still the same\n",
		"mill run \\-\\- \\(aq\\(ti/a\\(hab\\(aq \\`x\\`\n", "0    done\n", ".SH SEE ALSO\n.BR mill (1)\n",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if page, err = os.ReadFile(filepath.Join(one, "mill.1")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\\&.SH is no macro\n\\(aqnor\\(aq this\n", ".nf\na   b\\en\nc   d\n.fi\n.RE\nand on\n", ".SS Grind it\n.TP\n.B run\n",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
}

// checkRoff lets mandoc say what is wrong with a page, if it is there.
func checkRoff(t *testing.T, name string) {
	t.Helper()
	tool, err := exec.LookPath("mandoc")
	if err != nil {
		t.Log("without mandoc the page is not checked")
		return
	}
	out, _ := exec.CommandContext(t.Context(), tool, "-T", "lint", "-W", "warning", name).CombinedOutput() // what it says counts
	for line := range strings.SplitSeq(string(out), "\n") {
		if line != "" && !strings.Contains(line, "missing date") { // a date would make other bytes each day
			t.Error(line)
		}
	}
}
