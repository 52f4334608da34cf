package normalize

import (
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text/block"
)

// class says what zh-safe does to a character.
type class = uint8

const (
	classCopy        class = iota // stays, and nothing before or after it changes it unless that is classComplex
	classComplex                  // may compose, decompose or change places: its segment goes to x/text
	classFullwidth                // full-width letter or digit
	classRadical                  // has an ideograph in radicals
	classBlank                    // U+0020
	classSpace                    // any other space
	classTab                      // U+0009
	classNewline                  // LF
	classReturn                   // CR, perhaps of CRLF
	classLine                     // any other line end
	classControl                  // dropped
	classInvisible                // dropped
	classVariation                // dropped unless it chooses the form of a symbol
	classReplacement              // stays, counted
	classPrivate                  // stays, counted
)

// classes is the table of zh-safe: built once, then read by every goroutine.
type classes struct {
	bmp      [1 << 16]class
	radicals map[rune]rune
	odd      block.Leads // of sequences of which not all are of classCopy
}

var loadClasses = sync.OnceValue(buildClasses)

func buildClasses() *classes {
	c := &classes{radicals: map[rune]rune{}}
	for r := range rune(1 << 16) {
		c.bmp[r] = c.classify(r)
	}
	for lead := 0xC0; lead <= 0xFF; lead++ {
		if c.mayBeOdd(lead) {
			c.odd.Add(byte(lead))
		}
	}
	return c
}

// mayBeOdd says whether some sequence that begins with a byte is not of classCopy, or is none of two or three bytes.
func (c *classes) mayBeOdd(lead int) bool {
	from, n := (lead-0xC0)<<6, 1<<6
	switch {
	case lead < 0xC2 || lead >= 0xF0:
		return true
	case lead >= 0xE0:
		from, n = (lead-0xE0)<<12, 1<<12
	}
	return slices.ContainsFunc(c.bmp[from:from+n], func(k class) bool { return k != classCopy })
}

func (c *classes) classify(r rune) class {
	switch {
	case neverComplex(r):
		return classCopy
	case r >= 0xE000 && r <= 0xF8FF:
		return classPrivate
	case r == ' ':
		return classBlank
	case r == '\t':
		return classTab
	case r == '\n':
		return classNewline
	case r == '\r':
		return classReturn
	case r == '\v' || r == '\f' || r >= 0x1C && r <= 0x1E || r == 0x85 || r == 0x2028 || r == 0x2029:
		return classLine
	case r == 0x1F: // parts words, as the three before it part lines (UAX #9: segment and paragraph separators)
		return classSpace
	case unicode.Is(unicode.Cc, r):
		return classControl
	case unicode.Is(unicode.Zs, r):
		return classSpace
	case r >= 0xFF10 && r <= 0xFF19 || r >= 0xFF21 && r <= 0xFF3A || r >= 0xFF41 && r <= 0xFF5A:
		return classFullwidth
	case r == 0x200B || r == 0x2060 || r == 0xFEFF || r == 0xFFFC:
		return classInvisible
	case r >= 0xFE00 && r <= 0xFE0F:
		return classVariation
	case r == utf8.RuneError:
		return classReplacement
	case r >= 0x2E80 && r <= 0x2FDF:
		if to, _ := utf8.DecodeRuneInString(norm.NFKC.String(string(r))); to != r {
			c.radicals[r] = to
			return classRadical
		}
		return classCopy
	case complexIn(norm.NFC, r):
		return classComplex
	}
	return classCopy
}

// neverComplex says of the bulk of the BMP, ideographs and Hangul syllables, that no form changes it: the tables are built
// in a third of the time for it.
func neverComplex(r rune) bool {
	return r >= 0x3400 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7A3
}

// complexIn says whether the form changes r, or may change it beside others with r not the first of them.
func complexIn(form norm.Form, r rune) bool {
	var buf [utf8.UTFMax]byte
	b := utf8.AppendRune(buf[:0], r)
	return utf8.ValidRune(r) && (!form.Properties(b).BoundaryBefore() || !form.IsNormal(b))
}

// classOf is the class of any code point.
func (c *classes) classOf(r rune) class {
	if r < 1<<16 {
		return c.bmp[r]
	}
	switch {
	case r >= 0x1F000 && r < 0x20000: // emoji
		return classCopy
	case r >= 0x20000 && r < 0x2F800: // ideographs
		return classCopy
	case r >= 0xE0100 && r <= 0xE01EF:
		return classVariation
	case r >= 0xF0000:
		return classPrivate
	case complexIn(norm.NFC, r):
		return classComplex
	}
	return classCopy
}

// choosesForm says whether prev, the character before U+FE0E or U+FE0F, is one of the symbols that have an emoji form and a
// text form. It goes by block, so a few symbols that have but one form are among them.
func choosesForm(prev rune) bool {
	switch {
	case prev < 0x2000:
		return prev == '©' || prev == '®'
	case prev < 0x3000:
		return prev == 0x203C || prev == 0x2049 || prev == 0x2122 || prev == 0x2139 ||
			prev >= 0x2190 && prev <= 0x23FF && prev != 0x2329 && prev != 0x232A || // brackets that NFC replaces
			prev == 0x24C2 || prev >= 0x25A0 && prev <= 0x27BF ||
			prev >= 0x2900 && prev <= 0x297F || prev >= 0x2B00
	case prev < 0x10000:
		return prev == 0x3030 || prev == 0x303D || prev == 0x3297 || prev == 0x3299
	}
	return prev >= 0x1F000 && prev <= 0x1FAFF
}
