package datatrove

import "github.com/millrace/millrace/pipeline/text/jieba"

// chinese finds the words that jieba cuts, as spaCy's tokenizer for Chinese hands them on: white space is none.
type chinese struct {
	classes *classTable
	cutter  *jieba.Cutter
	ends    []int32
}

func newChinese() *chinese { return &chinese{classes: classes(), cutter: jieba.Default().Cutter(true)} }

func (c *chinese) split(dst []span, text []byte) ([]span, []byte) {
	c.ends = c.cutter.Cut(c.ends[:0], text)
	start := int32(0)
	for _, end := range c.ends {
		if of, _ := c.classes.at(text, int(start)); of&space == 0 {
			dst = append(dst, span{start, end})
		}
		start = end
	}
	return dst, text
}
