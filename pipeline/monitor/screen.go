package monitor

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// Screen draws a picture of some lines on a terminal, in the same place again and again, and lets text pass above it. What changes is
// written at once, and nothing is cleared before it is written anew, so that nothing flickers. The picture never gets lower while it
// is drawn: what is below it stays where it is. Not safe for concurrent use.
type Screen struct {
	out   io.Writer
	fd    int
	drawn []string // the lines that are on the screen
}

// fallbackWidth and fallbackHeight are those of a terminal that does not say it.
const (
	fallbackWidth  = 80
	fallbackHeight = 24
)

// NewScreen returns a screen that draws on out.
func NewScreen(out io.Writer) *Screen {
	s := &Screen{out: out, fd: -1}
	if f, ok := out.(interface{ Fd() uintptr }); ok && term.IsTerminal(int(f.Fd())) {
		s.fd = int(f.Fd())
	}
	return s
}

// Size is that of the terminal.
func (s *Screen) Size() (width, height int) {
	if sized, ok := s.out.(interface{ Size() (width, height int) }); ok {
		return sized.Size()
	}
	if s.fd >= 0 {
		if w, h, err := term.GetSize(s.fd); err == nil && w > 0 && h > 1 {
			return w, h
		}
	}
	return fallbackWidth, fallbackHeight
}

// Draw replaces the picture. Lines have to be narrower than the terminal; of those that are more than it has the last are left out.
func (s *Screen) Draw(lines []string) error {
	width, height := s.Size()
	lines = lines[:min(len(lines), height-1)]
	up := s.rows(width)
	for len(lines) < min(len(s.drawn), height-1) {
		lines = append(lines, "")
	}
	var b strings.Builder
	s.home(&b, up)
	write(&b, lines)
	s.drawn = lines
	_, err := io.WriteString(s.out, b.String())
	return err
}

// Above writes whole lines of text above the picture.
func (s *Screen) Above(text []byte) error {
	width, _ := s.Size()
	var b strings.Builder
	s.home(&b, s.rows(width))
	if len(s.drawn) > 0 {
		b.WriteString("\x1b[J")
	}
	b.Write(text)
	if len(text) > 0 && text[len(text)-1] != '\n' && len(s.drawn) > 0 {
		b.WriteByte('\n')
	}
	write(&b, s.drawn)
	_, err := io.WriteString(s.out, b.String())
	return err
}

// Clear takes the picture away.
func (s *Screen) Clear() error {
	if len(s.drawn) == 0 {
		return nil
	}
	width, _ := s.Size()
	var b strings.Builder
	s.home(&b, s.rows(width))
	b.WriteString("\x1b[J")
	s.drawn = nil
	_, err := io.WriteString(s.out, b.String())
	return err
}

// Leave lets the picture stand, without the empty lines at its end: what comes is written below it.
func (s *Screen) Leave() error {
	lines := s.drawn
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	up := len(s.drawn) - len(lines)
	s.drawn = nil
	if up == 0 {
		return nil
	}
	_, err := fmt.Fprintf(s.out, "\r\x1b[%dA\x1b[J", up)
	return err
}

// home goes to the first line of the picture. It goes to the start of the line first: the terminal echoes ^C wherever the cursor is.
func (s *Screen) home(b *strings.Builder, up int) {
	if len(s.drawn) == 0 {
		return
	}
	b.WriteByte('\r')
	if up > 0 {
		fmt.Fprintf(b, "\x1b[%dA", up)
	}
}

// rows are those of the picture on the screen: a terminal that has become narrower breaks its lines.
func (s *Screen) rows(width int) (n int) {
	for _, line := range s.drawn {
		n += 1 + max(cells.StringWidth(line)-1, 0)/width
	}
	return n
}

// write writes lines over those that are there.
func write(b *strings.Builder, lines []string) {
	for _, line := range lines {
		b.WriteString(line)
		b.WriteString("\x1b[K\n")
	}
	if len(lines) > 0 {
		b.WriteString("\x1b[J")
	}
}
