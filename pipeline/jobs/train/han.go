package train

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/jieba"
)

// space is what stands for a blank in pre-tokens of unigram, and begins one.
const space = "▁"

// hanCutter cuts parts of pre-tokens that begin with Han into words, or pieces of some characters. It is for one goroutine.
type hanCutter struct {
	words *jieba.Cutter // nil: none
	most  int           // characters of a piece; 0: as they are
	ends  []int32
}

func newHanCutter(s *Settings) *hanCutter {
	h := &hanCutter{}
	switch s.Cut {
	case CutNone:
	case CutJieba:
		h.words = jieba.Default().Cutter(true)
	default:
		h.most, _ = strconv.Atoi(s.Cut) // it is checked
	}
	return h
}

// cut calls each with the pieces of a part, of which a blank in front is in the first.
func (h *hanCutter) cut(part []byte, each func(piece []byte)) {
	from := 0
	if bytes.HasPrefix(part, []byte(space)) {
		from = len(space)
	}
	if r, _ := utf8.DecodeRune(part[from:]); !text.IsHan(r) {
		each(part)
		return
	}
	h.ends = h.ends[:0]
	switch {
	case h.words != nil:
		h.ends = h.words.Cut(h.ends, part[from:])
	case h.most > 0:
		n := 0
		for i := from; i < len(part); {
			_, size := utf8.DecodeRune(part[i:])
			i += size
			if n++; n%h.most == 0 {
				h.ends = append(h.ends, int32(i-from))
			}
		}
	}
	start := 0
	for _, end := range h.ends {
		if at := from + int(end); at < len(part) {
			each(part[start:at:at])
			start = at
		}
	}
	each(part[start:])
}
