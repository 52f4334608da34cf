// Package terminal is a model of a terminal, for tests of what is drawn on one: it obeys the control sequences that millrace writes, and
// fails on others. It is a screen alone; what scrolls out of it at the top is kept as text.
package terminal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Terminal is an io.Writer that keeps what a person would see. Safe for concurrent use.
type Terminal struct {
	mu            sync.Mutex
	width, height int
	rows          [][]rune // guarded by mu, as all below; 0 is the second column of a wide sign
	above         []string
	row, column   int
	wrapping      bool   // the last column was written to: the next sign goes to the next line
	rest          []byte // of a sequence or sign that is not whole yet
	alternate     bool   // the alternate screen is shown
	main          [][]rune
	wrapped       []string // lines that were broken, since they were too wide
	hidden        bool     // the cursor
	err           error
}

var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// New returns an empty one.
func New(width, height int) *Terminal {
	t := &Terminal{width: width, height: height}
	t.rows = t.blank()
	return t
}

func (t *Terminal) blank() [][]rune {
	rows := make([][]rune, t.height)
	for i := range rows {
		rows[i] = t.blankRow()
	}
	return rows
}

func (t *Terminal) blankRow() []rune { return slices.Repeat([]rune{' '}, t.width) }

// Write implements io.Writer. What it does not know is an error, and Err has it.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := append(t.rest, p...)
	t.rest = nil
	for len(b) > 0 && t.err == nil {
		n := t.one(b)
		if n == 0 { // it is not whole
			t.rest = slices.Clone(b)
			break
		}
		b = b[n:]
	}
	return len(p), t.err
}

// one obeys the first sign or sequence, and returns how many bytes it has, 0 if it is not whole.
func (t *Terminal) one(b []byte) int {
	switch b[0] {
	case '\r':
		t.column, t.wrapping = 0, false
		return 1
	case '\n': // as a terminal whose driver adds the return
		t.column, t.wrapping = 0, false
		t.down()
		return 1
	case '\b':
		t.column = max(t.column-1, 0)
		return 1
	case '\a':
		return 1
	case 0x1b:
		return t.sequence(b)
	}
	if !utf8.FullRune(b) {
		return 0
	}
	r, n := utf8.DecodeRune(b)
	if r < ' ' || r == utf8.RuneError {
		t.err = fmt.Errorf("terminal: %q", b[:n])
		return n
	}
	t.put(r)
	return n
}

func (t *Terminal) put(r rune) {
	w := cells.RuneWidth(r)
	if w == 0 {
		return
	}
	if t.wrapping || t.column+w > t.width {
		t.wrapped = append(t.wrapped, text(t.rows[t.row]))
		t.column, t.wrapping = 0, false
		t.down()
	}
	t.rows[t.row][t.column] = r
	if w == 2 {
		t.rows[t.row][t.column+1] = 0
	}
	if t.column += w; t.column == t.width {
		t.column, t.wrapping = t.width-1, true
	}
}

func (t *Terminal) down() {
	if t.row++; t.row < t.height {
		return
	}
	t.row = t.height - 1
	if !t.alternate {
		t.above = append(t.above, text(t.rows[0]))
	}
	t.rows = append(t.rows[1:], t.blankRow())
}

// sequence obeys a control sequence.
func (t *Terminal) sequence(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	if b[1] != '[' {
		t.err = fmt.Errorf("terminal: escape %q", b[:2])
		return 2
	}
	end := slices.IndexFunc(b[2:], func(c byte) bool { return c >= '@' && c <= '~' })
	if end < 0 {
		return 0
	}
	args, command := string(b[2:2+end]), b[2+end]
	n, _ := strconv.Atoi(args)
	t.wrapping = false
	switch {
	case command == 'A':
		t.row = max(t.row-max(n, 1), 0)
	case command == 'K' && n == 0:
		t.clear(t.rows[t.row][t.column:])
	case command == 'J' && n == 0:
		t.clear(t.rows[t.row][t.column:])
		for _, row := range t.rows[t.row+1:] {
			t.clear(row)
		}
	case command == 'J' && n == 2:
		t.rows = t.blank()
	case command == 'H' && args == "":
		t.row, t.column = 0, 0
	case args == "?25" && (command == 'h' || command == 'l'):
		t.hidden = command == 'l'
	case args == "?1049" && command == 'h':
		t.alternate, t.main, t.rows = true, t.rows, t.blank()
	case args == "?1049" && command == 'l':
		t.alternate, t.rows, t.main = false, t.main, nil
	case command == 'm': // colours
	default:
		t.err = fmt.Errorf("terminal: sequence %q", b[:3+end])
	}
	return 3 + end
}

func (t *Terminal) clear(row []rune) {
	for i := range row {
		row[i] = ' '
	}
}

func text(row []rune) string {
	return strings.TrimRight(strings.ReplaceAll(string(row), "\x00", ""), " ")
}

// Size is how many columns and rows it has.
func (t *Terminal) Size() (width, height int) { return t.width, t.height }

// Lines are those on the screen, without the empty ones at its end.
func (t *Terminal) Lines() (lines []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range t.rows {
		lines = append(lines, text(row))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// String is all that was shown and stands: what has scrolled away, and the lines on the screen.
func (t *Terminal) String() string {
	lines := t.Lines()
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(append(slices.Clone(t.above), lines...), "\n") + "\n"
}

// Cursor is where the next sign goes, counted from the first line of all that was shown.
func (t *Terminal) Cursor() (row, column int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.above) + t.row, t.column
}

// Wrapped are the lines that were too wide, as far as they fitted.
func (t *Terminal) Wrapped() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.wrapped)
}

// Err is what was written that no terminal is to be sent.
func (t *Terminal) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
