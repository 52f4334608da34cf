package textual

import (
	"unicode/utf8"
)

// marks is what is counted of special characters.
type marks struct {
	sentences, ellipses, hashes, bracketed, urls int64
}

// mark is called with each special character: the one at t[i], in front of which there are so many others.
func (m *measurer) mark(l *line, r rune, i, size, chars int) {
	c := m.classes.bits[m.classes.of[r]]
	switch {
	case c&feed != 0:
		m.endLine(l, i, chars)
		*l = line{start: i + size, chars: chars + 1, sentence: i + size}
	case c&ended != 0:
		if i >= l.marks {
			m.endMarks(l, i)
		}
		if r == '.' && i-len("www") >= l.url {
			m.host(l, i-len("www"))
		}
	case c&broken != 0:
		l.broken = true
	case r == ':':
		m.scheme(l, i)
	case r == '#':
		if i == 0 || m.text[i-1] != '#' {
			m.marks.hashes++
		}
	case r == '【' && l.bracket == 0:
		l.bracket = chars + 1
	case r == '】' && l.bracket != 0:
		m.marks.bracketed += int64(chars - l.bracket)
		l.bracket = 0
	}
}

// endMarks looks at the run of end marks, and of quotes and brackets that close behind them, that begins at t[i]: whether a sentence ends
// behind it, and how many ellipses are in it.
func (m *measurer) endMarks(l *line, i int) {
	ends, last, same := false, rune(0), 0
	for i < len(m.text) {
		r, size := m.runeAt(i)
		c := m.classes.bits[m.classes.of[r]]
		if c&(ended|closing) == 0 {
			ends = ends || c&blank != 0
			break
		}
		if r != last {
			last, same = r, 0
		}
		same++
		if same == 1 && (r == '…' || r == '⋯') || same == 2 && r == '.' {
			m.marks.ellipses++
		}
		ends = ends || c&(ended|stop) == ended
		i += size
	}
	l.marks = i
	if ends || i == len(m.text) {
		l.sentence = i
		m.marks.sentences++
	}
}

func (m *measurer) runeAt(i int) (rune, int) {
	if b := m.text[i]; b < utf8.RuneSelf {
		return rune(b), 1
	}
	return utf8.DecodeRune(m.text[i:])
}

func (m *measurer) classAt(i int) (class, int) {
	r, size := m.runeAt(i)
	return m.classes.bits[m.classes.of[r]], size
}

func (m *measurer) classBefore(i int) (class, int) {
	r, size := utf8.DecodeLastRune(m.text[:i])
	return m.classes.bits[m.classes.of[r]], size
}
