package columnar

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// chinese makes text with about the statistics of Chinese prose: words of one to four characters, drawn by rank, and
// punctuation.
type chinese struct {
	r     *rand.Rand
	words [][]byte
	zipf  *rand.Zipf
}

func newChinese(seed uint64) *chinese {
	r := rand.New(rand.NewPCG(seed, 1))
	words := chineseWords()
	return &chinese{r: r, words: words, zipf: rand.NewZipf(r, 1.05, 50, uint64(len(words)-1))}
}

var chineseWords = sync.OnceValue(func() (words [][]byte) {
	r := rand.New(rand.NewPCG(1, 1))
	char := rand.NewZipf(r, 1.1, 20, 3000)
	for range 60000 {
		var w []byte
		for range 1 + min(r.IntN(4), r.IntN(4)) {
			w = utf8.AppendRune(w, rune(0x4e00+char.Uint64()*7%20000))
		}
		words = append(words, w)
	}
	return words
})

// text appends about n bytes of text.
func (c *chinese) text(b []byte, n int) []byte {
	for start := len(b); len(b)-start < n; {
		for range 3 + c.r.IntN(12) {
			b = append(b, c.words[c.zipf.Uint64()]...)
		}
		b = append(b, []string{"，", "，", "。", "。\n", "；"}[c.r.IntN(5)]...)
	}
	return b
}

// batch makes rows documents of about size bytes each; first is the number of the first.
func (c *chinese) batch(first, rows, size int) *Batch {
	b := new(Batch)
	for i := range rows {
		b.File = append(b.File, int32((first+i)/50))
		b.Offset = append(b.Offset, int64(first+i)*1000)
		start := len(b.Text.Data)
		if size > 0 {
			b.Text.Data = c.text(b.Text.Data, 1+c.r.IntN(2*size))
		}
		b.Chars = append(b.Chars, int32(utf8.RuneCount(b.Text.Data[start:])))
		b.Text.Seal()
		if i%3 == 0 {
			b.Meta.Data = fmt.Appendf(b.Meta.Data, `{"id":%d}`, first+i)
		}
		b.Meta.Seal()
	}
	return b
}

// slice copies rows from..to-1 of a batch.
func (b *Batch) slice(from, to int) *Batch {
	c := &Batch{File: b.File[from:to], Offset: b.Offset[from:to]}
	if len(b.Chars) > 0 {
		c.Chars = b.Chars[from:to]
	}
	for i := from; i < to; i++ {
		c.Text.Append(b.Text.At(i))
		c.Meta.Append(b.Meta.At(i))
	}
	return c
}

// row is one document, for comparisons.
type row struct {
	File   int32
	Offset int64
	Chars  int32
	Text   string
	Meta   string
}

func rows(b *Batch) (list []row) {
	for i := range b.Len() {
		r := row{File: b.File[i], Offset: b.Offset[i], Text: string(b.Text.At(i)), Meta: string(b.Meta.At(i))}
		if len(b.Chars) > 0 {
			r.Chars = b.Chars[i]
		}
		list = append(list, r)
	}
	return list
}
