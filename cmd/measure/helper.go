package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
)

// helper is this program in another role.
type helper struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

func startHelper(ctx context.Context, args ...string) (*helper, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &helper{cmd: exec.CommandContext(ctx, self, append([]string{"control"}, args...)...)}
	h.cmd.Stderr = os.Stderr
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.lines = bufio.NewScanner(out)
	return h, h.cmd.Start()
}

// line waits for the next thing that the helper says.
func (h *helper) line() (string, error) {
	if !h.lines.Scan() {
		return "", errors.Join(errors.New("a helper ended early"), h.lines.Err())
	}
	return h.lines.Text(), nil
}

// end waits for the end of the helper, and returns what it has cost.
func (h *helper) end() (usage, error) {
	err := errors.Join(h.stdin.Close(), h.cmd.Wait())
	var u usage
	u.add(h.cmd.ProcessState)
	return u, err
}
