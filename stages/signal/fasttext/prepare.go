package fasttext

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/bpe"
	model "github.com/millrace/millrace/pipeline/text/fasttext"
)

// prepare appends what a model sees of a text to dst: one line.
type prepare func(dst, text []byte) []byte

// preparation is a way to prepare texts.
type preparation struct {
	name string
	// tokens says that it cuts texts by a tokenizer.
	tokens bool
	// make is called for each goroutine, as what it makes may keep scratch memory. t is nil for those that have no tokens.
	make func(t *bpe.Tokenizer) prepare
}

// preparations is all of them.
var preparations = []preparation{
	{"raw", false, func(*bpe.Tokenizer) prepare { return model.Line }},
	{"dclm", false, func(*bpe.Tokenizer) prepare { return dclm }},
	{"chars", false, func(*bpe.Tokenizer) prepare { return chars }},
	{"jieba", false, func(*bpe.Tokenizer) prepare { return jiebaWords() }},
	{"ultra-fineweb", true, ultraFineWeb},
}

// preparationNamed is the one of a name, raw for an empty one.
func preparationNamed(name string) (p preparation, ok bool) {
	i := slices.IndexFunc(preparations, func(p preparation) bool { return p.name == cmp.Or(name, "raw") })
	if i < 0 {
		return p, false
	}
	return preparations[i], true
}

// dclm is what DataComp-LM gives its classifiers: the text without the white space at its ends, its lines joined by a blank. Lines and white
// space are those of Python: str.splitlines and str.strip.
func dclm(dst, text []byte) []byte {
	text = trim(text)
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

// trim is Python's str.strip.
func trim(text []byte) []byte {
	return bytes.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1C && r <= 0x1F })
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
