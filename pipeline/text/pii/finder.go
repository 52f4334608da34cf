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

// Find appends the spans of t, which is valid UTF-8, to dst: ascending, none overlapping another.
func (f *Finder) Find(dst []Span, t []byte) []Span {
	f.text, f.done = t, 0
	first := len(dst)
	for i := 0; i < len(t); {
		for i < len(t) && triggers[t[i]] == noTrigger {
			i++
		}
		if i == len(t) {
			break
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
)

// maySpread says whether a few digits in t[i:end] may be part of a number with separators or letters, or of an address.
func (f *Finder) maySpread(i, end int) bool {
	if i > 0 && (isLetter(f.text[i-1]) || f.text[i-1] == middle) {
		return true
	}
	if end < len(f.text) {
		switch c := f.text[end]; {
		case c == ' ':
			if end+1 < len(f.text) && !isDigit(f.text[end+1]) && f.text[end+1] != '(' && f.text[end+1] < 0xC0 {
				break
			}
			return true
		case c < 0x80:
			var next byte
			if end+1 < len(f.text) {
				next = f.text[end+1]
			}
			switch c {
			case '-', '.', '/':
				return isDigit(next) || next == '(' || next >= 0xC0
			case ':':
				return isAlnum(next) || next == ':'
			case ')':
				return isDigit(next) || next == ' ' || next == '-' || next == '(' || next >= 0xC0
			}
			return isAlnum(c)
		case c == 0xEF || c == 0xE2 || c == 0xC2 || c == 0xE3:
			if c, _ := fold(f.text, end); c != 0 && c != ',' {
				return true
			}
		}
	}
	return false
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
