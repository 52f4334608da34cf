package tokens

import (
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/words"
)

// cutter finds the words of documents, for one goroutine.
type cutter struct {
	words *words.Cutter
	cut   []words.Word
}

func newCutter() *cutter { return &cutter{words: words.New(jieba.Default())} }

// each calls f with the words of a document: those that it came in, if its metadata has them.
func (c *cutter) each(text, meta []byte, f func(word []byte)) {
	if given, ok := words.Given(meta, text); ok {
		for w := range given {
			f(w)
		}
		return
	}
	c.cut = c.words.Cut(c.cut[:0], text)
	for _, w := range c.cut {
		f(text[w.Start:w.End])
	}
}
