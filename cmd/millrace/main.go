// Command millrace turns piles of raw text files into a training-ready corpus. One file a command; what a command does is
// in the packages below pipeline/, what stands where in the chain is in wiring.go.
package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // schedules have time zones, and a container may have no table of them

	"golang.org/x/term"

	"github.com/millrace/millrace/pipeline/monitor"
)

func main() {
	if os.Getenv("GOGC") == "" {
		paceCollector()
	}
	os.Exit(run(context.Background(), os.Args[1:], stdio{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(), errTerminal: isTerminal(os.Stderr),
		outColumns: columns(os.Stdout),
	}))
}

// stdio is the world outside of a command.
type stdio struct {
	in          io.Reader
	out, err    io.Writer
	environ     []string
	errTerminal bool // err is a terminal: draw on it
	outColumns  int  // of the terminal that out is, 0 if it is none
}

// noColor says that nothing is to be coloured: see https://no-color.org.
func (s stdio) noColor() bool {
	return slices.ContainsFunc(s.environ, func(kv string) bool {
		value, ok := strings.CutPrefix(kv, "NO_COLOR=")
		return ok && value != ""
	})
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" }

// columns is the width of a terminal, 0 for what is none.
func columns(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || !isTerminal(f) {
		return 0
	}
	return width
}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	// All that is said on stderr goes through the display, so that nothing is written across its bars.
	display := monitor.NewDisplay(std.err, std.errTerminal)
	std.err = display
	format, _ := formatAsked(args, std)
	ctx, stop := withSignals(ctx, func(text string) { _ = writeAside(std.err, format == logJSON, asidePlain, text) })
	defer stop()
	root := newRoot(std, display) //nolint:contextcheck // the commands get it by ExecuteContext
	root.SetArgs(args)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	code := exitCode(ctx, err)
	report(std.err, code, err, errorsAsJSON(args, std))
	return code
}
