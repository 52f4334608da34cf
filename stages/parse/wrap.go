package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A text is taken for hard-wrapped by its first lines: wrapShare percent of them, and at least wrapLines, must break off in
// the middle of a sentence at one width, and hardly one may be wider. Verse and lists are narrower or end in punctuation,
// and lines of paragraphs are much longer.
const (
	wrapSample = 16 << 10 // bytes
	wrapLook   = 128      // lines
	wrapLines  = 4
	wrapShare  = 40
	wrapWider  = 5 // percent
	minWrap    = 24
	maxWrap    = 140
	wrapSlack  = 2 // columns that a line may be short of the width, where the next character did not fit
)

// wrapWidth returns the width in columns at which the lines of a text were broken, 0 if they were not.
func wrapWidth(text []byte) int {
	sample := text[:min(len(text), wrapSample)]
	var broken, wide [maxWrap + 1]uint8 // lines by width: in mid-sentence, all
	lines, long := 0, 0
	for len(sample) > 0 && lines < wrapLook {
		end := bytes.IndexByte(sample, '\n')
		if end < 0 {
			break // the last line of a paragraph, or one that is cut
		}
		line := trimRight(sample[:end])
		sample = sample[end+1:]
		if len(line) == 0 {
			continue
		}
		lines++
		width := maxWrap + 1
		if len(line) <= 3*maxWrap {
			width = columns(line)
		}
		if width > maxWrap {
			// Most texts have such lines only; after a few of them nothing else will come out.
			if long++; long >= wrapLines && 2*long > lines {
				return 0
			}
			continue
		}
		wide[width]++
		if width >= minWrap && !endsSentence(line) {
			broken[width]++
		}
	}
	if lines < wrapLines {
		return 0
	}
	wider := long
	for width := maxWrap; width >= minWrap; width-- {
		if 100*wider > wrapWider*lines {
			return 0
		}
		at := 0
		for w := max(minWrap, width-wrapSlack); w <= width; w++ {
			at += int(broken[w])
		}
		if broken[width] > 0 && at >= wrapLines && 100*at >= wrapShare*lines {
			return width
		}
		wider += int(wide[width])
	}
	return 0
}

// trimRight cuts spaces and carriage returns off the end of a line.
func trimRight(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == ' ' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

// columns is the width of a line: characters of three bytes and more take two columns.
func columns(line []byte) (n int) {
	for ; len(line) >= 8; line = line[8:] {
		x := binary.LittleEndian.Uint64(line)
		follows := x >> 7 &^ (x >> 6) & lowBits
		wide := x >> 7 & (x >> 6) & (x >> 5) & lowBits
		n += 8 - bits.OnesCount64(follows) + bits.OnesCount64(wide)
	}
	for _, c := range line {
		if utf8.RuneStart(c) {
			n++
		}
		if c >= 0xE0 {
			n++
		}
	}
	return n
}

const lowBits = 0x0101010101010101

// endsSentence says whether a line without white space at its end ends in what closes a sentence or a heading.
func endsSentence(line []byte) bool {
	for {
		r, size := utf8.DecodeLastRune(line)
		switch r {
		case '”', '’', '』', '」', '）', '》', '】', '"', '\'', ')', ']':
			line = line[:len(line)-size]
		case '。', '！', '？', '；', '：', '…', '．', '.', '!', '?', ';', ':':
			return true
		default:
			return size == 0
		}
	}
}

// joinWrapped appends a text without the line ends at which its sentences were broken.
func (s *Stage) joinWrapped(text []byte, width int) {
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			s.out = append(s.out, text...)
			return
		}
		whole := text[:end+1]
		text = text[end+1:]
		line := trimRight(whole[:end])
		if n := columns(line); n < width-wrapSlack || n > width+wrapSlack || endsSentence(line) || startsParagraph(text) {
			s.out = append(s.out, whole...)
			continue
		}
		s.count.joined++
		s.out = append(s.out, line...)
		last, _ := utf8.DecodeLastRune(line)
		first, _ := utf8.DecodeRune(text)
		if latinOrDigit(last) && latinOrDigit(first) {
			s.out = append(s.out, ' ')
		}
	}
}

// startsParagraph says whether the line with which text begins is blank, indented, or not there.
func startsParagraph(text []byte) bool {
	return len(text) == 0 || separator(text, 0) > 0 || text[0] == '\n' || text[0] == '\r'
}
