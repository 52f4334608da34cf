package words

import (
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"

	"github.com/millrace/millrace/pipeline/text/jieba"
)

// Word is where a word stands in the bytes of its text.
type Word struct{ Start, End int32 }

// Cutter finds the words of texts, one after the other, for one goroutine. It allocates nothing once its scratch memory has grown to the longest text
// that there was without punctuation and blanks.
type Cutter struct {
	han  *jieba.Cutter
	ends []int32
	uax  *words.Iterator[[]byte]
	told *[1 << 16 / 64]uint64 // by code point: whether it makes a word of a piece
}

// New is what finds words, those of Chinese by a dictionary and with the HMM of jieba.
func New(d *jieba.Dictionary) *Cutter {
	return &Cutter{han: d.Cutter(true), uax: words.FromBytes(nil), told: loadTold()}
}

// Cut appends the words of text to dst, in their order. text is shorter than 2 GiB; a byte that is not UTF-8 makes no word.
func (c *Cutter) Cut(dst []Word, text []byte) []Word {
	rest := 0 // where the stretch begins that is not cut yet
	for p := 0; p < len(text); {
		end, han := jieba.Block(text, p)
		if han {
			dst = c.cutRest(dst, text[:p], rest)
			dst = c.cutHan(dst, text[:end], p)
			rest = end
		}
		if p = end; p < len(text) {
			// What ends a block is in none.
			_, size := utf8.DecodeRune(text[p:])
			p += size
		}
	}
	dst = c.cutRest(dst, text, rest)
	c.uax.SetText(nil) // text is the caller's
	return dst
}

// cutHan appends the words of the block that text ends with.
func (c *Cutter) cutHan(dst []Word, text []byte, start int) []Word {
	c.ends = c.han.Cut(c.ends[:0], text[start:])
	from := start
	for _, e := range c.ends {
		to := start + int(e)
		if text[from] >= utf8.RuneSelf || c.isWord(text[from:to]) {
			dst = append(dst, Word{int32(from), int32(to)})
		}
		from = to
	}
	return dst
}

// cutRest appends the words of what text has from start on, which has no ideograph of jieba.
func (c *Cutter) cutRest(dst []Word, text []byte, start int) []Word {
	if !c.isWord(text[start:]) {
		return dst
	}
	for c.uax.SetText(text[start:]); c.uax.Next(); {
		if c.isWord(c.uax.Value()) {
			dst = append(dst, Word{int32(start + c.uax.Start()), int32(start + c.uax.End())})
		}
	}
	return dst
}
