package train

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	bpe "github.com/millrace/millrace/pipeline/text/bpe/train"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// vocabName is the table of tokens: a line an id, with the id, the token escaped, and how often it is used, between tabs.
const vocabName = "vocab.tsv"

func writeVocab(w io.Writer, t tokenizer.Tokenizer, uses []int64) error {
	b := bufio.NewWriter(w) // keeps the first error
	var line []byte
	for id := range uses {
		line = strconv.AppendInt(line[:0], int64(id), 10)
		line = appendEscaped(append(line, '\t'), t.Bytes(int32(id)))
		line = strconv.AppendInt(append(line, '\t'), uses[id], 10)
		_, _ = b.Write(append(line, '\n'))
	}
	return b.Flush()
}

// appendEscaped appends a token as tables have it: a backslash is \\, and \xNN a byte that is part of no character, of a control character, or of
// white space other than a blank.
func appendEscaped(dst, token []byte) []byte {
	const digits = "0123456789abcdef"
	for len(token) > 0 {
		r, size := utf8.DecodeRune(token)
		switch {
		case r == '\\':
			dst = append(dst, '\\', '\\')
		case r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) && (r != utf8.RuneError || size > 1):
			dst = append(dst, token[:size]...)
		default:
			for _, b := range token[:size] {
				dst = append(dst, '\\', 'x', digits[b>>4], digits[b&15])
			}
		}
		token = token[size:]
	}
	return dst
}

// writeMerges writes the pairs that are merged: a line each, with both tokens escaped and how often they stood side by side, between tabs.
func writeMerges(w io.Writer, m *bpe.Model) error {
	b := bufio.NewWriter(w) // keeps the first error
	var line []byte
	for _, p := range m.Merges {
		line = appendEscaped(line[:0], m.Tokens[p.Left])
		line = appendEscaped(append(line, '\t'), m.Tokens[p.Right])
		line = strconv.AppendInt(append(line, '\t'), p.Count, 10)
		_, _ = b.Write(append(line, '\n'))
	}
	return b.Flush()
}

func mergesSay(merges int, least int64) string {
	return fmt.Sprintf("%s merged; the last one stood there %s", pipeline.Counted(merges, "pair"), pipeline.Counted(least, "time"))
}
