package textual

import (
	"bytes"
	"unicode/utf8"
)

// Bounds of lines: those of FineWeb, mC4 and c4-zh.
const (
	shortLine              = 30
	longLine               = 200
	keptLeast, keptLongest = 5, 500
)

// lines is what is counted of the lines of a text.
type lines struct {
	all, chars, longest, paragraphs                  int64
	ended, ellipsis, bullet, more, short, long, kept int64
	inParagraph                                      bool
}

// line is what is known of the line that is being read.
type line struct {
	start, chars int  // where it begins: the byte, and the character
	sentence     int  // the byte behind the last sentence that ended in it
	marks        int  // behind the last run of marks that was looked at
	url          int  // behind the last address
	bracket      int  // the character behind an open 【, 0 if none is
	broken       bool // it holds a character that c4-zh does not keep
}

// endLine is called at the end of a line, t[end], in front of which there are so many characters.
func (m *measurer) endLine(l *line, end, chars int) {
	t, start := m.text, l.start
	chars -= l.chars
	for start < end {
		c, size := m.classAt(start)
		if c&blank == 0 {
			break
		}
		start, chars = start+size, chars-1
	}
	for start < end {
		c, size := m.classBefore(end)
		if c&blank == 0 {
			break
		}
		end, chars = end-size, chars-1
	}
	if start == end {
		m.lines.inParagraph = false
		return
	}
	if !m.lines.inParagraph {
		m.lines.inParagraph = true
		m.lines.paragraphs++
	}
	if end > l.sentence {
		m.marks.sentences++
	}
	m.lines.all++
	m.lines.chars += int64(chars)
	m.lines.longest = max(m.lines.longest, int64(chars))
	if chars < shortLine {
		m.lines.short++
	}
	if chars >= longLine {
		m.lines.long++
	}
	if m.beginsWithBullet(t[start:end]) {
		m.lines.bullet++
	}
	if !l.broken && chars >= keptLeast && chars <= keptLongest && endsLikeC4(t[start:end]) {
		m.lines.kept++
	}
	if endsWithMore(t[start:end]) {
		m.lines.more++
	}
	// Quotes and brackets aside.
	for start < end {
		c, size := m.classBefore(end)
		if c&closing == 0 {
			if c&(ended|finish) != 0 {
				m.lines.ended++
			}
			break
		}
		end -= size
	}
	if endsWithEllipsis(t[start:end]) {
		m.lines.ellipsis++
	}
}

// beginsWithBullet says whether a line begins with a bullet. What also stands for multiplication or addition is one in front of a blank.
func (m *measurer) beginsWithBullet(line []byte) bool {
	r, size := utf8.DecodeRune(line)
	if r == '*' || r == '+' {
		if size == len(line) {
			return true
		}
		next, _ := utf8.DecodeRune(line[size:])
		return m.classes.bits[m.classes.of[next]]&blank != 0
	}
	return m.classes.bits[m.classes.of[r]]&bullet != 0
}

// endsLikeC4 says whether a line ends as c4-zh asks for.
func endsLikeC4(line []byte) bool {
	r, size := utf8.DecodeLastRune(line)
	switch r {
	case '。', '！', '？', '”', '：':
		return true
	case '…':
		before, _ := utf8.DecodeLastRune(line[:len(line)-size])
		return before == '…'
	}
	return false
}

// endsWithEllipsis says whether a line ends with one.
func endsWithEllipsis(line []byte) bool {
	for _, end := range [...]string{"…", "⋯", "...", "。。。"} {
		if bytes.HasSuffix(line, []byte(end)) {
			return true
		}
	}
	return false
}

// endsWithMore says whether a line ends with words that ask to read on.
func endsWithMore(line []byte) bool {
	for _, end := range [...]string{"展开", "展開", "更多", "全文", "。。。"} {
		if bytes.HasSuffix(line, []byte(end)) {
			return true
		}
	}
	n := len(line)
	return n >= 8 && hasPrefixFold(line[n-8:], "readmore") || n >= 9 && hasPrefixFold(line[n-9:], "read more")
}
