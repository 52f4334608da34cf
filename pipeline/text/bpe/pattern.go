package bpe

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression of a tokenizer, which is one of Oniguruma, as RE2 has it.
type pattern struct {
	re *regexp.Regexp
	// trailing says that the first group are white space that gives its last character to what follows, if something does and it has
	// several: what \s+(?!\S) means in front of |\s+.
	trailing bool
}

// What classes of Oniguruma are in RE2, whose own are of ASCII, within brackets.
var classesOf = map[byte]string{
	's': `\t-\r\x{85}\p{Z}`,
	'd': `\p{Nd}`,
	'w': `\p{L}\p{M}\p{N}\p{Pc}`,
}

// lookahead is the one that is understood, where it stands.
const lookahead = `\s+(?!\S)|\s+`

// mostPattern is the longest pattern that is read: RE2 needs memory in proportion.
const mostPattern = 16 << 10

// compile translates a pattern.
func compile(expr string) (*pattern, error) {
	if len(expr) > mostPattern {
		return nil, fmt.Errorf("a pattern of %d bytes is too long: %d at most", len(expr), mostPattern)
	}
	p := &pattern{}
	head := expr
	if before, ok := strings.CutSuffix(expr, lookahead); ok && (before == "" || strings.HasSuffix(before, "|")) {
		head, p.trailing = before, true
	}
	translated, err := translate(head)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q: %w", expr, err)
	}
	if p.trailing {
		translated += `([` + classesOf['s'] + `]+)`
	}
	if p.re, err = regexp.Compile(translated); err != nil {
		return nil, fmt.Errorf("the pattern %q: %w", expr, err)
	}
	return p, nil
}

// exactlyOrNone says whether an expression begins with a number of times, or none, where RE2 takes the question mark for one that has as few as may be.
func exactlyOrNone(expr string) bool {
	times, rest, closed := strings.Cut(strings.TrimPrefix(expr, "{"), "}")
	return closed && times != "" && strings.Trim(times, "0123456789") == "" && strings.HasPrefix(rest, "?")
}

// translate writes a pattern for RE2, without groups that are remembered.
func translate(expr string) (string, error) {
	var b strings.Builder
	within := false // brackets
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch {
		case c == '\\':
			i++
			if i == len(expr) {
				return "", errors.New("it ends with \\")
			}
			n, err := escape(&b, expr[i:], within)
			if err != nil {
				return "", err
			}
			i += n - 1
		case within:
			if c == '[' || c == '&' && strings.HasPrefix(expr[i:], "&&") {
				return "", errors.New("sets in brackets are not read")
			}
			within = c != ']'
			b.WriteByte(c)
		case c == '[':
			within = true
			b.WriteByte(c)
			if strings.HasPrefix(expr[i+1:], "^") {
				b.WriteByte('^')
				i++
			}
			if strings.HasPrefix(expr[i+1:], "]") {
				return "", errors.New("] as the first of brackets is not read: write \\]")
			}
		case c == '(':
			switch {
			case !strings.HasPrefix(expr[i:], "(?"):
				b.WriteString("(?:")
			case strings.HasPrefix(expr[i:], "(?:"), strings.HasPrefix(expr[i:], "(?i:"):
				b.WriteByte(c)
			default:
				return "", errors.New("groups of other kinds than (?:…) and (?i:…) are not read, but at the end " + lookahead)
			}
		case c == '{' && strings.HasPrefix(expr[i+1:], ","):
			return "", errors.New("{,n} is not read: write {0,n}") // which RE2 takes for itself
		case c == '{' && exactlyOrNone(expr[i:]):
			return "", errors.New("{n}? is not read: write (?:…{n})?") // which RE2 takes for {n}
		case c == '^', c == '$':
			return "", fmt.Errorf("%c looks at what is beside a match", c)
		default:
			b.WriteByte(c)
		}
	}
	if within {
		return "", errors.New("a bracket is not closed")
	}
	return b.String(), nil
}

// escape writes what a backslash and expr begin with, and returns how long that is in expr.
func escape(b *strings.Builder, expr string, within bool) (int, error) {
	c := expr[0]
	if set, ok := classesOf[c|0x20]; ok {
		switch {
		case within && c|0x20 != c:
			return 0, fmt.Errorf("\\%c in brackets is not read", c)
		case within:
			b.WriteString(set)
		case c|0x20 == c:
			b.WriteString("[" + set + "]")
		default:
			b.WriteString("[^" + set + "]")
		}
		return 1, nil
	}
	switch {
	case c == 'p' || c == 'P':
		end := strings.IndexByte(expr, '}')
		if !strings.HasPrefix(expr[1:], "{") || end < 0 {
			return 0, fmt.Errorf("\\%c without {…} is not read", c)
		}
		b.WriteString("\\" + expr[:end+1])
		return end + 1, nil
	case c == 'u' && len(expr) >= 5:
		b.WriteString(`\x{` + expr[1:5] + `}`)
		return 5, nil
	case c == 'x', strings.IndexByte("nrtfv", c) >= 0, c < utf8.RuneSelf && !isWord(c):
		b.WriteString("\\" + expr[:1])
		return 1, nil
	case c >= utf8.RuneSelf:
		_, size := utf8.DecodeRuneInString(expr)
		b.WriteString(expr[:size])
		return size, nil
	}
	return 0, fmt.Errorf("\\%c is not read", c)
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// reader reads a text for RE2, and counts what was read of it.
type reader struct {
	text []byte
	at   int
	read int // characters, again and again
}

// ReadRune implements io.RuneReader.
func (r *reader) ReadRune() (c rune, size int, err error) {
	if r.at == len(r.text) {
		return 0, 0, io.EOF
	}
	c, size = utf8.DecodeRune(r.text[r.at:])
	r.at += size
	r.read++
	return c, size, nil
}

// How often a text may be read, and how much is read whatever its length: a pattern can read on far behind each of its matches, as a*b|a does.
const (
	mostReadings = 16
	freeReadings = 1 << 16
)

// walk calls f with the matches and what is between them, in their order. A match of nothing is none. Where a pattern reads the text too
// often, what is left is one piece.
func (p *pattern) walk(text []byte, f func(part []byte, match bool)) {
	r := reader{text: text}
	last, most := 0, mostReadings*len(text)+freeReadings
	for i := 0; i < len(text) && r.read <= most; {
		r.at = i
		at := p.re.FindReaderSubmatchIndex(&r)
		if at == nil {
			break
		}
		from, to := i+at[0], i+at[1]
		if from == to {
			_, size := utf8.DecodeRune(text[from:])
			i = from + size
			continue
		}
		if p.trailing && at[2] >= 0 && to < len(text) {
			if _, size := utf8.DecodeLastRune(text[from:to]); size < to-from {
				to -= size
			}
		}
		if last < from {
			f(text[last:from], false)
		}
		f(text[from:to], true)
		last, i = to, to
	}
	if last < len(text) {
		f(text[last:], false)
	}
}
