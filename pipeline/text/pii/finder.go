package pii

import (
	"cmp"
	"slices"
)

// Span is a piece of a text, in bytes, that is personal data.
type Span struct {
	From, To int
	Kind     Kind
}

// A Finder finds spans, for one goroutine. Its zero value is ready. It keeps scratch memory, and allocates nothing once that has grown.
type Finder struct {
	text    []byte
	done    int // nothing before it is part of another span
	window  window
	spelled []Span
}

// What a byte may begin.
const (
	noTrigger = iota
	digitTrigger
	atTrigger
	wideTrigger // a full-width digit or sign
	bracketTrigger
	wechatTrigger // 微, by its second byte
	wordTrigger   // vx, wx, wechat, weixin
)

var triggers = func() (table [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		table[c] = digitTrigger
	}
	table['@'], table[0xEF], table[0xBE] = atTrigger, wideTrigger, wechatTrigger
	table['['], table['('], table['{'] = bracketTrigger, bracketTrigger, bracketTrigger
	for _, c := range "xXwW" {
		table[c] = wordTrigger
	}
	return table
}()

// wideTriggers are the last bytes of full-width characters that may begin something: digits, ＠, （ and ［.
var wideTriggers = func() (table [256]bool) {
	for _, c := range "０１２３４５６７８９＠（［" {
		table[string(c)[2]] = true
	}
	return table
}()

// Find appends the spans of t, which is valid UTF-8, to dst: ascending, none overlapping another.
func (f *Finder) Find(dst []Span, t []byte) []Span {
	f.text, f.done = t, 0
	first := len(dst)
	for i := 0; i < len(t); {
		switch triggers[t[i]] {
		case noTrigger:
			i++
			continue
		case wideTrigger: // most are punctuation
			if i+2 < len(t) && (t[i+1] != 0xBC || !wideTriggers[t[i+2]]) {
				i += 3
				continue
			}
		case wechatTrigger:
			if i == 0 || t[i-1] != 0xE5 {
				i++
				continue
			}
		}
		s, next := f.try(i)
		if s.To > s.From && !masked(t[s.From:s.To]) {
			dst = append(dst, s)
			f.done, next = s.To, s.To
		}
		i = next
	}
	f.spelled = findSpelled(f.spelled[:0], t)
	if len(f.spelled) > 0 {
		dst = append(dst, f.spelled...) // of Chinese numerals alone, which no other kind has
		slices.SortFunc(dst[first:], func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	}
	f.text = nil
	return dst
}

// try tries the rules for what may begin at t[i]. The span is empty if there is none; then the search goes on at next.
func (f *Finder) try(i int) (s Span, next int) {
	t := f.text
	switch triggers[t[i]] {
	case digitTrigger:
		return f.number(i)
	case atTrigger:
		return f.address(i, 1), i + 1
	case wideTrigger:
		c, size := fold(t, i)
		switch {
		case isDigit(c):
			return f.number(i)
		case c == '@':
			return f.address(i, size), i + size
		case c == '(' || c == '[':
			return f.spelledAt(i), i + size
		}
		return s, i + 1
	case bracketTrigger:
		return f.spelledAt(i), i + 1
	}
	return f.wechat(i)
}

// masked says whether all letters and digits of a span are zeros and x.
func masked(t []byte) bool {
	for i := 0; i < len(t); {
		c, size := fold(t, i)
		if isAlnum(c) && c != '0' && lower(c) != 'x' {
			return false
		}
		i += size
	}
	return true
}

// number tries the rules for numbers at t[i], a digit with none before it that has not been tried.
func (f *Finder) number(i int) (s Span, next int) {
	t := f.text
	n, end := 0, i
	for end < len(t) {
		c, size := fold(t, end)
		if !isDigit(c) {
			break
		}
		n, end = n+1, end+size
	}
	if n > maxDigits {
		return s, end
	}
	if n < shortest && !f.maySpread(i, end) {
		return s, end
	}
	letters, from := 0, i // in front
	for letters <= maxLetters {
		c, size := foldBefore(t[f.done:], from-f.done)
		if !isLetter(c) {
			break
		}
		letters, from = letters+1, from-size
	}
	if letters <= maxLetters {
		if at := f.plateLetter(from); at < from {
			f.window.fill(t, at, f.done, true)
			s = f.plate()
		} else if c, _ := foldBefore(t[f.done:], from-f.done); letters > 0 && !isDigit(c) && (n >= 6 || letters == 2 && n >= 2 || c == 0) {
			f.window.fill(t, from, f.done, true)
			s = f.lettered(letters)
		}
	}
	if s.To == 0 && (n >= shortest || f.goesOn(i, end)) && (letters == 0 || n > 2 && f.wordBefore(i)) {
		f.window.fill(t, i, f.done, false)
		s = f.digits(n)
	}
	if s.To > 0 {
		if whole := f.around(s); whole.To > 0 {
			s = whole
		}
	}
	return s, end
}

// goesOn says whether a separator follows a few digits in t[i:end], or the rest of the first number of an IPv6 address.
func (f *Finder) goesOn(i, end int) bool {
	if end == len(f.text) {
		return false
	}
	c, _ := fold(f.text, end)
	return c != 0 && !isLetter(c) || i+4 < len(f.text) && f.text[i+4] == ':'
}

const (
	maxDigits  = 40 // in a row: no number has more
	maxLetters = 3  // in front of the first digit: those of a plate
	shortest   = 5  // number without separators: a QQ number
	maxDecimal = 6  // digits of a number with one point that can be nothing else
)

// maySpread says whether a few digits in t[i:end] may be part of a number with separators or letters, or of an address.
func (f *Finder) maySpread(i, end int) bool {
	t := f.text
	if i > 0 && (isLetter(t[i-1]) || t[i-1] == middle) {
		return true
	}
	if end == len(t) {
		return false
	}
	c, size := fold(t, end)
	if c == 0 {
		return false
	}
	var next byte
	if end+size < len(t) {
		next, _ = fold(t, end+size)
	}
	switch c {
	case '.':
		if isDigit(next) && t[end] == c {
			return !isShortDecimal(t, i, end)
		}
		return isDigit(next) || next == '('
	case ' ', '-', '/':
		return isDigit(next) || next == '('
	case ':':
		return isAlnum(next) || next == ':'
	case ')':
		return isDigit(next) || next == ' ' || next == '-' || next == '('
	}
	return isAlnum(c) || c == middle
}

// isShortDecimal says whether digits, the point at t[end] and digits are all of a number, and too few for any that is looked for.
func isShortDecimal(t []byte, i, end int) bool {
	k := end + 1
	for k < len(t) && isDigit(t[k]) {
		k++
	}
	if k-1-i > maxDecimal {
		return false
	}
	if k == len(t) {
		return true
	}
	c, _ := fold(t, k)
	return c == 0 || c == ',' || c == '%'
}

// around is the e-mail address or user information that a number is a part of.
func (f *Finder) around(s Span) Span {
	for i, n := s.To, 0; i < len(f.text) && n < maxLocal; n++ {
		c, size := fold(f.text, i)
		if c == '@' {
			if whole := f.address(i, size); whole.To > 0 && whole.From < s.To {
				return whole
			}
			return Span{}
		}
		if !isLocal(c) && c != ':' {
			break
		}
		i += size
	}
	return Span{}
}
