// Command millrace turns piles of raw text files into a training-ready corpus. One file a command; what a command does is
// in the packages below pipeline/, what stands where in the chain is in wiring.go.
package main

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"

	"millrace/pipeline/monitor"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], stdio{
		out: os.Stdout, err: os.Stderr, environ: os.Environ(), errTerminal: isTerminal(os.Stderr),
	}))
}

// stdio is the world outside of a command.
type stdio struct {
	out, err    io.Writer
	environ     []string
	errTerminal bool // err is a terminal: draw on it
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" }

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	// All that is said on stderr goes through the display, so that nothing is written across its bars.
	display := monitor.NewDisplay(std.err, std.errTerminal)
	std.err = display
	ctx, stop := withSignals(ctx, std.err)
	defer stop()
	root := newRoot(std, display) //nolint:contextcheck // the commands get it by ExecuteContext
	root.SetArgs(args)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	code := exitCode(ctx, err)
	report(std.err, code, err)
	return code
}
