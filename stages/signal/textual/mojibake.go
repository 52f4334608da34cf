package textual

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// What is searched for here needs a look at the text of its own. The tally says whether there is anything to find, and mostly there is not.

// What UTF-8 looks like where it was taken for Latin-1, Windows-1252 or GBK: the first bytes of punctuation and of accented letters; and what is
// left of what was lost on the way, or was never written.
var mojibakePairs = [...]struct{ first, second string }{
	{"Ã", latinContinuation},
	{"Â", latinContinuation},
	{"â", "€\u0080"},
	{"ã", "€\u0080"},
	{"ï", "¼»"},
}

// latinContinuation are the bytes 80 to BF read as Latin-1 and as Windows-1252.
var latinContinuation = func() string {
	var b strings.Builder
	for r := rune(0x80); r <= 0xBF; r++ {
		b.WriteRune(r)
	}
	return b.String() + "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
}()

const mojibakeSigns = "锛銆鈥" // what ，。“ begin with, as GBK

var mojibakeWords = [...]string{"锟斤拷", "烫烫烫", "屯屯屯"}

// mojibake counts the marks of text that was decoded in a wrong way.
func (m *measurer) mojibake() (n int64) {
	for _, sign := range mojibakeSigns {
		n += m.tally.of(sign)
	}
	for _, word := range mojibakeWords {
		if m.tally.all(word) {
			n += int64(bytes.Count(m.text, []byte(word)))
		}
	}
	for _, pair := range mojibakePairs {
		if !m.tally.any(pair.first) || !m.tally.any(pair.second) {
			continue
		}
		for t := m.text; ; {
			i := bytes.Index(t, []byte(pair.first))
			if i < 0 {
				break
			}
			t = t[i+len(pair.first):]
			if r, size := utf8.DecodeRune(t); size > 1 && strings.ContainsRune(pair.second, r) {
				n++
			}
		}
	}
	return n
}
