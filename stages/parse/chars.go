package parse

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// charsFormat is a sentence a line, between a Begin and an End word, its characters split by spaces or U+3000. A line
// becomes a paragraph. Words at the ends of a line are dropped; inside of it only End followed by Begin counts, as the end
// of a sentence: a single one may be the user's text.
var charsFormat = format{
	name:   Chars,
	rule:   RuleFile,
	sniff:  sniffChars,
	decode: decodeChars,
}

func sniffChars(s sample, cfg Config) (why string) {
	line, _ := s.firstLine()
	if _, found := cutFirst(trimSeparators(line), []byte(cfg.Begin)); found {
		return "the first line begins with " + cfg.Begin
	}
	return ""
}

// charsScratch is the memory that decoding of chars reuses.
type charsScratch struct {
	begin, end []byte
	tokens     []token
	open       []int
}

func decodeChars(s *Stage, rec []byte) (reason, detail string) {
	if s.chars.begin == nil {
		s.chars.begin, s.chars.end = []byte(s.cfg.Begin), []byte(s.cfg.End)
	}
	start := len(s.out)
	for len(rec) > 0 {
		line := rec
		if i := bytes.IndexByte(rec, '\n'); i >= 0 {
			line, rec = rec[:i], rec[i+1:]
		} else {
			rec = nil
		}
		if line = trimSeparators(line); len(line) > 0 {
			s.charsLine(line, start)
		}
	}
	return "", ""
}

// charsLine appends the paragraphs of a line without white space at its ends.
func (s *Stage) charsLine(line []byte, document int) {
	line, begun := cutFirst(line, s.chars.begin)
	line, ended := cutLast(line, s.chars.end)
	if !begun || !ended {
		s.count.missing++
	}
	for {
		sentence, rest, more := cutSentence(line, s.chars.end, s.chars.begin)
		s.paragraph(sentence, document)
		if !more {
			return
		}
		line = rest
	}
}

// paragraph joins the tokens of a sentence. One without tokens leaves no trace.
func (s *Stage) paragraph(sentence []byte, document int) {
	mark := len(s.out)
	if mark > document {
		s.out = append(s.out, '\n')
	}
	start := len(s.out)
	if len(sentence) <= maxAnnotated && (bytes.IndexByte(sentence, '[') >= 0 || bytes.IndexByte(sentence, ']') >= 0) {
		s.joinAnnotated(sentence)
	} else if s.words.on {
		s.joinGiven(sentence)
	} else {
		s.out = join(s.out, sentence)
	}
	if len(s.out) == start {
		s.out = s.out[:mark]
	}
}

// maxAnnotated bounds the memory for the tokens of one sentence. What is longer is no sentence, and keeps its brackets.
const maxAnnotated = 1 << 20

// Which bits of a three-byte character before two spaces, as a little-endian word, must have which value.
const (
	spacedMask = 0xFFFFC0C0F0
	spacedBits = 0x20208080E0
)

// join appends the tokens of a sentence of valid UTF-8 without separators. Only between two tokens that meet in Latin
// letters or digits, and of which one has several characters, a space stays.
func join(out, sentence []byte) []byte {
	var before token
	for i := 0; i < len(sentence); {
		// Nearly all of a file is this: a character of three bytes, not Latin (E1), no U+3000, and two spaces.
		for i+8 <= len(sentence) {
			x := binary.LittleEndian.Uint64(sentence[i:])
			if x&spacedMask != spacedBits || x&0xFF == 0xE1 || x&0xFFFFFF == 0x8080E3 {
				break
			}
			out = append(out, byte(x), byte(x>>8), byte(x>>16))
			before = token{}
			i += 5
		}
		if i >= len(sentence) {
			break
		}
		if n := separator(sentence, i); n > 0 {
			i += n
			continue
		}
		if end := hanToken(sentence, i); end > 0 {
			out = append(out, sentence[i:end]...)
			before = token{}
			i = end
			continue
		}
		t := nextToken(sentence, i)
		out = t.append(out, sentence, before)
		before = t
		i = t.end
	}
	return out
}

// hanToken is the end of the token at i if it has only characters of three bytes that are not Latin; otherwise 0.
func hanToken(sentence []byte, i int) int {
	for ; i < len(sentence); i += 3 {
		c := sentence[i]
		if c < 0xE2 || c >= 0xF0 || c == 0xE3 {
			if c == 0xE3 && separator(sentence, i) == 0 {
				continue
			}
			if c == ' ' || c == '\t' || c == 0xE3 {
				return i
			}
			return 0
		}
	}
	return i
}

// token is one token of a sentence and what joining has to know of it.
type token struct {
	start, end  int
	first, last bool // whether it begins, ends in a Latin letter or digit
	several     bool // characters
	dropped     bool // annotation
}

func nextToken(sentence []byte, start int) token {
	return tokenOf(sentence, start, tokenEnd(sentence, start))
}

// tokenEnd is the index of the next separator.
func tokenEnd(sentence []byte, i int) int {
	for i < len(sentence) && (sentence[i] > ' ' && sentence[i] != 0xE3 || separator(sentence, i) == 0) {
		i++
	}
	return i
}

// tokenOf describes a token. A lead byte from E2 on begins no Latin letter, which is what nearly all of Chinese is.
func tokenOf(sentence []byte, start, end int) token {
	t := token{start: start, end: end}
	const han = 3
	if end-start >= han && sentence[start] >= 0xE2 && sentence[start] < 0xF0 {
		t.several = end-start > han
	} else {
		r, size := utf8.DecodeRune(sentence[start:end])
		t.first, t.several = latinOrDigit(r), start+size < end
	}
	switch {
	case !t.several:
		t.last = t.first
	case end-start >= han && sentence[end-han] >= 0xE2 && sentence[end-han] < 0xF0:
	default:
		r, _ := utf8.DecodeLastRune(sentence[start:end])
		t.last = latinOrDigit(r)
	}
	return t
}

func (t token) append(out, sentence []byte, before token) []byte {
	if before.last && t.first && (before.several || t.several) {
		out = append(out, ' ')
	}
	return append(out, sentence[t.start:t.end]...)
}

// latinOrDigit says whether a space before or after r may matter. Full-width letters and digits are typeset like Chinese
// characters and do not count.
func latinOrDigit(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z'
	case r < 0x250, 0x1E00 <= r && r < 0x1F00:
		return unicode.IsLetter(r)
	}
	return false
}

// cutFirst drops word from the start of a line if it stands there as a token of its own.
func cutFirst(line, word []byte) ([]byte, bool) {
	rest, found := bytes.CutPrefix(line, word)
	if !found || len(rest) > 0 && separator(rest, 0) == 0 {
		return line, false
	}
	return rest, true
}

// cutLast drops word from the end of a line if it stands there as a token of its own.
func cutLast(line, word []byte) ([]byte, bool) {
	rest, found := bytes.CutSuffix(line, word)
	if !found || len(rest) > 0 && !endsInSeparator(rest) {
		return line, false
	}
	return rest, true
}

// cutSentence cuts a line at the first end token that is followed by a begin token.
func cutSentence(line, end, begin []byte) (sentence, rest []byte, more bool) {
	for from := 0; ; {
		i := bytes.Index(line[from:], end)
		if i < 0 {
			return line, nil, false
		}
		i += from
		from = i + len(end)
		if i > 0 && !endsInSeparator(line[:i]) || from < len(line) && separator(line, from) == 0 {
			continue
		}
		after := from
		for after < len(line) && separator(line, after) > 0 {
			after += separator(line, after)
		}
		if rest, found := cutFirst(line[after:], begin); found {
			return line[:i], rest, true
		}
	}
}

func endsInSeparator(b []byte) bool {
	switch b[len(b)-1] {
	case ' ', '\t':
		return true
	}
	return bytes.HasSuffix(b, []byte("\u3000"))
}

// trimSeparators drops white space from both ends of a line.
func trimSeparators(line []byte) []byte {
	for len(line) > 0 {
		n := separator(line, 0)
		if n == 0 {
			break
		}
		line = line[n:]
	}
	for len(line) > 0 {
		switch {
		case line[len(line)-1] == '\r', line[len(line)-1] == ' ', line[len(line)-1] == '\t':
			line = line[:len(line)-1]
		case endsInSeparator(line):
			line = line[:len(line)-len("\u3000")]
		default:
			return line
		}
	}
	return line
}

// joinAnnotated joins a sentence with square brackets in it, without those that are leftovers of annotation.
func (s *Stage) joinAnnotated(sentence []byte) {
	tokens := s.chars.tokens[:0]
	for i := 0; i < len(sentence); {
		if n := separator(sentence, i); n > 0 {
			i += n
			continue
		}
		t := nextToken(sentence, i)
		tokens = append(tokens, t)
		i = t.end
	}
	s.chars.open = s.chars.open[:0]
	s.count.annotation += dropAnnotation(sentence, tokens, &s.chars.open)
	var before token
	for _, t := range tokens {
		if !t.dropped {
			s.out = t.append(s.out, sentence, before)
			s.words.add(s.out, t.end-t.start)
			before = t
		}
	}
	s.chars.tokens = tokens
}
