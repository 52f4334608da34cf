package fasttext

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	model "millrace/pipeline/text/fasttext"
)

// prepare appends what a model sees of a text to dst: one line.
type prepare func(dst, text []byte) []byte

// preparationTable is all of them, by their names: each is made anew for a goroutine, as it may keep scratch memory.
var preparationTable = []struct {
	name string
	make func() prepare
}{
	{"raw", func() prepare { return model.Line }},
	{"dclm", func() prepare { return dclm }},
	{"chars", func() prepare { return chars }},
	{"jieba", jiebaWords},
}

func preparations() (names []string) {
	for _, p := range preparationTable {
		names = append(names, p.name)
	}
	return names
}

// preparation makes one, which exists.
func preparation(name string) prepare {
	for _, p := range preparationTable {
		if p.name == name {
			return p.make()
		}
	}
	return model.Line
}

// dclm is what DataComp-LM gives its classifiers: the text without the white space at its ends, its lines joined by a blank. Lines and white
// space are those of Python: str.splitlines and str.strip.
func dclm(dst, text []byte) []byte {
	text = bytes.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1C && r <= 0x1F })
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n': // one line break
		case c >= '\n' && c <= '\r', c >= 0x1C && c <= 0x1E:
			dst = append(dst, ' ')
		case c == 0xC2 && i+1 < len(text) && text[i+1] == 0x85: // next line
			dst = append(dst, ' ')
			i++
		case c == 0xE2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]&^1 == 0xA8: // line and paragraph separator
			dst = append(dst, ' ')
			i += 2
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}

// chars sets a blank between all characters and leaves white space out: each character is a word.
func chars(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if !unicode.IsSpace(r) {
			dst = append(append(dst, text[:size]...), ' ')
		}
		text = text[size:]
	}
	return dst
}
