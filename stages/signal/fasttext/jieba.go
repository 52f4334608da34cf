package fasttext

import (
	model "github.com/millrace/millrace/pipeline/text/fasttext"
	"github.com/millrace/millrace/pipeline/text/jieba"
)

// jiebaWords sets a blank between the words that jieba.cut gives, line breaks being blanks before.
func jiebaWords() prepare {
	cutter := jieba.Default().Cutter(true)
	var line []byte
	var ends []int32
	return func(dst, text []byte) []byte {
		line = model.Line(line[:0], text)
		ends = cutter.Cut(ends[:0], line)
		from := int32(0)
		for _, end := range ends {
			dst = append(append(dst, line[from:end]...), ' ')
			from = end
		}
		return dst
	}
}
