package monitor

import (
	"bytes"
	"fmt"
	"io"

	"golang.org/x/term"
)

// console is what mpb draws on. Unlike mpb's own it goes to the start of the line first: the terminal echoes ^C wherever
// the cursor is, and the picture would keep the columns left of it.
type console struct {
	bytes.Buffer
	out   io.Writer
	fd    int
	lines int // of the picture that is on the screen
}

func newConsole(out io.Writer) *console {
	c := &console{out: out, fd: -1}
	if f, ok := out.(interface{ Fd() uintptr }); ok && term.IsTerminal(int(f.Fd())) {
		c.fd = int(f.Fd())
	}
	return c
}

// IsTerminal implements mpb.ConsoleWriter.
func (c *console) IsTerminal() bool { return c.fd >= 0 }

// GetTermSize implements mpb.ConsoleWriter.
func (c *console) GetTermSize() (width, height int, err error) { return term.GetSize(c.fd) }

// Flush implements mpb.ConsoleWriter: it replaces the picture by what was written since, the last lines of which are the
// new picture.
func (c *console) Flush(lines int) error {
	frame := make([]byte, 0, c.Len()+16)
	frame = append(frame, '\r')
	if c.lines > 0 {
		frame = fmt.Appendf(frame, "\x1b[%dA", c.lines)
	}
	frame = append(frame, "\x1b[J"...)
	frame = append(frame, c.Bytes()...)
	c.Reset()
	c.lines = lines
	_, err := c.out.Write(frame)
	return err
}
