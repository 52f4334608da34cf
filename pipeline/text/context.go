package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// contextRoom is the most values that one call of context appends.
const contextRoom = 1 + mostBetween

// mostBetween is the most punctuation between two digits that counts: what is longer leads from an entry of a table of contents
// to its page.
const mostBetween = 4

// context appends what the character at t[i] is to the key text, where that depends on the ones beside it, and returns how many
// bytes it took: a run of marks is taken at once. The text between two digits is looked at once only, so a text takes time in
// proportion to its length.
func (f *folds) context(dst []uint32, t []byte, i int) ([]uint32, int) {
	r, size := utf8.DecodeRune(t[i:])
	switch r {
	case '.':
		left, _ := utf8.DecodeLastRune(t[:i])
		if startsWithDigit(t[i+1:]) && !isWord(left) && left != '.' {
			dst = append(dst, '.')
		}
		return dst, size
	case '!':
		return f.exclamation(dst, t, i)
	case ':', ';':
		return emoticon(dst, t[i:])
	case 0x3099, 0x309A, 0xFF9E, 0xFF9F:
		return f.voicedMark(dst, r, t[:i]), size
	}
	if isDash(r) {
		return f.dash(dst, r, t, i)
	}
	return f.digit(append(dst, uint32(f.alone(r))), t, i, size)
}

// alone is the fold of a character in context that has none.
func (f *folds) alone(r rune) rune {
	if r < utf8.RuneSelf && isDigit(r) {
		return r
	}
	if isDigit(r) || strings.ContainsRune(voicedMarks, r) {
		return ordinaryWidth(r)
	}
	return 0
}

// digit appends the punctuation behind a digit if another digit follows: 1.5 is not 15, and neither is 1, 5 or 1:5.
func (f *folds) digit(dst []uint32, t []byte, i, size int) ([]uint32, int) {
	n := len(dst)
	for at := i + size; at < len(t); {
		r, width := rune(t[at]), 1
		if r >= utf8.RuneSelf {
			r, width = utf8.DecodeRune(t[at:])
		}
		mark := f.punctuation(r)
		switch {
		case mark != 0 && len(dst) < n+mostBetween:
			if mark != minus || dst[len(dst)-1] != minus { // —— is one dash
				dst = append(dst, uint32(mark))
			}
		case mark == 0 && isDigit(r) && len(dst) > n:
			return dst, at - i
		case mark != 0 || !unicode.IsSpace(r):
			return dst[:n], size
		}
		at += width
	}
	return dst[:n], size
}

// voicedMark puts the mark into the kana before it, or appends it.
func (f *folds) voicedMark(dst []uint32, r rune, before []byte) []uint32 {
	mark := f.alone(r)
	base, _ := utf8.DecodeLastRune(before)
	if one, ok := f.voiced[[2]rune{f.fold(base), mark}]; ok {
		dst[len(dst)-1] = uint32(one)
		return dst
	}
	return append(dst, uint32(mark))
}

// exclamation appends the marks from t[i] on where they are an operator: != and n!/2, or !ready, which no word precedes.
func (f *folds) exclamation(dst []uint32, t []byte, i int) ([]uint32, int) {
	end := i + 1
	for end < len(t) && t[end] == '!' {
		end++
	}
	left, _ := utf8.DecodeLastRune(t[:i])
	right, _ := utf8.DecodeRune(t[end:])
	next := t[end:]
	for len(next) > 0 && next[0] == ' ' {
		next = next[1:]
	}
	operand := unicode.IsLetter(right) && right < utf8.RuneSelf || right == '(' || right == '_'
	if len(next) > 0 && strings.IndexByte("=/*^<>", next[0]) >= 0 || operand && f.beforeOperand(left) {
		dst = append(dst, '!')
	}
	return dst, end - i
}

// emoticon appends :) and its like at the beginning of t.
func emoticon(dst []uint32, t []byte) ([]uint32, int) {
	n := 1
	if len(t) > 2 && (t[1] == '-' || t[1] == '\'') {
		n++
	}
	if len(t) <= n || t[n] != '(' && t[n] != ')' {
		return dst, 1
	}
	if next, _ := utf8.DecodeRune(t[n+1:]); len(t) > n+1 && isWord(next) && next < utf8.RuneSelf {
		return dst, 1
	}
	return append(dst, uint32(t[0]), uint32(t[n])), n + 1
}

// dash appends a minus for a run of hyphens and dashes at t[i] that is one: before a digit (-1.5, a-1), before an operand
// (-x, a-b), beside another operator (->), or between blanks, where a dash and a minus look the same. A hyphen between words, a dash between
// characters that touch it, a bullet and a rule are none.
func (f *folds) dash(dst []uint32, first rune, t []byte, i int) ([]uint32, int) {
	end := i
	for end < len(t) {
		r, size := utf8.DecodeRune(t[end:])
		if !isDash(r) {
			break
		}
		end += size
	}
	short := first == '-' || strings.ContainsRune(hyphens, first)
	if short && end-i <= 2 && besideOperator(t, i, end) {
		for range end - i {
			dst = append(dst, minus)
		}
	} else if f.isMinus(short, t[:i], t[end:]) {
		dst = append(dst, minus)
	}
	return dst, end - i
}

// isMinus says whether the run between before and after is a minus. short is a hyphen's length.
func (f *folds) isMinus(short bool, before, after []byte) bool {
	left, leftSize := utf8.DecodeLastRune(before)
	right, rightSize := utf8.DecodeRune(after)
	leftBlank, rightBlank := leftSize == 0 || unicode.IsSpace(left), rightSize == 0 || unicode.IsSpace(right)
	switch {
	case leftBlank && rightBlank:
		return rightSize > 0 && right != '\n' && right != '\r' && !startsLine(before)
	case !short:
		return false
	case isDigit(right) || right == '.' && startsWithDigit(after[1:]):
		return true
	case rightBlank || !isWord(right) && strings.IndexByte("(_$", byte(min(right, utf8.RuneSelf))) < 0:
		return false
	case f.beforeOperand(left) || left == ')' || left == ']':
		return true
	}
	if right == '(' {
		return isWord(left)
	}
	// Words of one letter are the names of numbers: x-y, 2-x, but not x-ray or 2-fold.
	beyondLeft, _ := utf8.DecodeLastRune(before[:len(before)-leftSize])
	beyondRight, _ := utf8.DecodeRune(after[rightSize:])
	return (isDigit(left) || unicode.IsLetter(left) && !unicode.IsLetter(beyondLeft)) && !unicode.IsLetter(beyondRight)
}

// besideOperator says whether one of the operators of ASCII touches t[i:end].
func besideOperator(t []byte, i, end int) bool {
	return i > 0 && isOperator(t[i-1]) || end < len(t) && isOperator(t[end])
}

func isOperator(c byte) bool {
	switch c {
	case '+', '*', '/', '%', '&', '|', '^', '<', '>', '=', '~':
		return true
	}
	return false
}

// isDash says whether r is one of hyphens and dashes.
func isDash(r rune) bool {
	switch r {
	case '-', '‐', '‑', '‒', '–', '－', '﹣', '—', '―':
		return true
	}
	return false
}

// beforeOperand says whether an operand may begin behind r: at the beginning, behind blanks, brackets, separators and signs.
func (f *folds) beforeOperand(r rune) bool {
	switch {
	case r == utf8.RuneError, unicode.IsSpace(r), r == '!':
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune("([{,;:+*/%&|^<>=~?$", r)
	}
	return false
}

// startsLine says whether nothing but blanks stands between the beginning of a line and the end of t.
func startsLine(t []byte) bool {
	for len(t) > 0 {
		r, size := utf8.DecodeLastRune(t)
		if r == '\n' || r == '\r' {
			return true
		}
		if !unicode.IsSpace(r) {
			return false
		}
		t = t[:len(t)-size]
	}
	return true
}

// startsWithDigit says whether t begins with an ASCII digit.
func startsWithDigit(t []byte) bool { return len(t) > 0 && t[0]-'0' <= 9 }

func isDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9'
	}
	return unicode.Is(unicode.Nd, r)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || isDigit(r) }
