package fasttext

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text/bpe"
)

// ultraFineWeb is what the classifiers of Ultra-FineWeb see: no more than two line feeds in a row, lower case, NFKD without marks that take no
// room (Mn), the tokens of a tokenizer with blanks between, line breaks and tabs written out, one blank for several.
func ultraFineWeb(t *bpe.Tokenizer) prepare {
	encoder, lower := t.Encoder(), cases.Lower(language.Und)
	var few, marked []byte
	var ids []int32
	return func(dst, text []byte) []byte {
		few = fewFeeds(few[:0], text)
		marked = withoutMarks(marked[:0], norm.NFKD.Bytes(lower.Bytes(few)))
		ids = encoder.Encode(ids[:0], marked)
		start := len(dst)
		for i, id := range ids {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = appendToken(dst, t.Bytes(id))
		}
		return append(dst[:start], trim(oneBlank(dst[start:]))...)
	}
}

// fewFeeds leaves two line feeds of more in a row.
func fewFeeds(dst, text []byte) []byte {
	feeds := 0
	for _, c := range text {
		feeds++
		if c != '\n' {
			feeds = 0
		}
		if feeds <= 2 {
			dst = append(dst, c)
		}
	}
	return dst
}

func withoutMarks(dst, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if !unicode.Is(unicode.Mn, r) {
			dst = append(dst, text[:size]...)
		}
		text = text[size:]
	}
	return dst
}

// appendToken appends a token by itself: where it has a part of a character, U+FFFD for each part as long as it could be one.
func appendToken(dst, token []byte) []byte {
	for i := 0; i < len(token); {
		switch c := token[i]; c {
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			r, size := utf8.DecodeRune(token[i:])
			dst = utf8.AppendRune(dst, r)
			if r == utf8.RuneError && size == 1 {
				size = partOf(token[i:])
			}
			i += size
			continue
		}
		i++
	}
	return dst
}

// partOf is how many bytes t begins with that a character could begin with, one at least. The character itself is not there.
func partOf(t []byte) int {
	for n := min(len(t), utf8.UTFMax-1); n > 1; n-- {
		if !utf8.FullRune(t[:n]) { // more bytes could make it one
			return n
		}
	}
	return 1
}

// oneBlank leaves one of several blanks in a row, in place.
func oneBlank(t []byte) []byte {
	kept := t[:0]
	for i, c := range t {
		if c != ' ' || i == 0 || t[i-1] != ' ' {
			kept = append(kept, c)
		}
	}
	return kept
}
