// Command millrace turns piles of raw text files into a training-ready corpus. One file a command; what a command does is
// in the packages below pipeline/, what stands where in the chain is in wiring.go.
package main

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"
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
	ctx, stop := withSignals(ctx, std.err)
	defer stop()
	root := newRoot(std)
	root.SetArgs(args)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	code := exitCode(ctx, err)
	report(std.err, code, err)
	return code
}
