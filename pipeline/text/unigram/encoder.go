package unigram

import (
	"slices"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Encoder cuts texts, one after the other, for one goroutine.
type Encoder struct {
	t    *Tokenizer
	walk *tokenjson.Walker
	dst  []int32
	ends []end
	text []byte // normalized, of a model of sentencepiece
	back []part
	// unknown are the bytes of characters in no piece that follow each other, and are not yet written.
	unknown []byte

	token func(id int32)
	piece func(piece []byte)
}

// end is the best way to cut a text up to some byte: the last piece of it, and where that begins; -1 if it is not known.
type end struct {
	score float64
	start int32
	id    int32
}

// part is a piece of a text.
type part struct{ start, end, id int32 }

// Encoder makes what cuts by the tokenizer. It looks for added tokens in a text, as the libraries do: sentencepiece for none but those of users.
func (t *Tokenizer) Encoder() *Encoder { return t.encoder((*tokenjson.Front).Walker) }

// Ordinary makes an Encoder that takes special tokens in a text for text.
func (t *Tokenizer) Ordinary() *Encoder { return t.encoder((*tokenjson.Front).Ordinary) }

func (t *Tokenizer) encoder(walker func(*tokenjson.Front) *tokenjson.Walker) *Encoder {
	e := &Encoder{t: t}
	e.token = func(id int32) { e.dst = append(e.dst, id) }
	e.piece = func(piece []byte) {
		e.best(piece)
		e.flush()
	}
	if t.front != nil {
		e.walk = walker(t.front)
	}
	return e
}

// Encode appends the ids of the tokens of a text, which is valid UTF-8, to dst.
func (e *Encoder) Encode(dst []int32, text []byte) []int32 {
	e.dst = dst
	if e.walk != nil {
		e.walk.Walk(text, e.token, e.piece)
	} else {
		e.text = e.t.model.Normalize(e.text[:0], text)
		e.piece(e.text)
	}
	dst, e.dst = e.dst, nil
	return dst
}

// mostWindow is how much of a text is looked at at once, so that places in it have 32 bits.
const mostWindow = 1 << 30

// best appends the tokens of a text by the cut whose sum of scores is greatest. Of equal ones it is that whose last piece begins first, as it is
// where equal ones are: sums are those of the library, from the beginning of the text, bit for bit. Where no piece reaches over a place
// all that is before it is written, so memory is that of the longest run without such a place.
func (e *Encoder) best(text []byte) {
	t := e.t
	tr := t.trie
	narrow := t.model != nil
	start := 0 // of what is not yet written
	ends := append(e.ends[:0], end{start: -1})
	for i := 0; i < len(text); {
		if i-start == len(ends)-1 && i > start {
			e.write(text[start:i], ends)
			ends = append(ends[:0], end{score: ends[len(ends)-1].score, start: -1})
			start = i
		}
		at := i - start
		before := ends[at].score
		var node int32
		single := false
		_, width := utf8.DecodeRune(text[i:])
		for j := i; j < len(text); {
			r, size := rune(text[j]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRune(text[j:])
			}
			next, id := tr.step(node, r)
			if next == 0 {
				break
			}
			node = next
			j += size
			if id < 0 {
				continue
			}
			for j-start >= len(ends) {
				ends = append(ends, end{start: -1})
			}
			single = single || j == i+width
			score := before + t.score(id, j-i)
			if narrow {
				score = float64(float32(score))
			}
			if to := &ends[j-start]; to.start < 0 || score > to.score {
				*to = end{score, int32(at), id}
			}
		}
		if !single {
			for at+width >= len(ends) {
				ends = append(ends, end{start: -1})
			}
			score := before + t.unkCost
			if narrow {
				score = float64(float32(score))
			}
			if to := &ends[at+width]; to.start < 0 || score > to.score {
				*to = end{score, int32(at), t.unknown}
			}
		}
		i += width
		if i-start > mostWindow { // all one run: what is there is cut off from the rest
			e.write(text[start:i], ends[:i-start+1])
			ends, start = append(ends[:0], end{start: -1}), i
		}
	}
	e.write(text[start:], ends)
	e.ends = ends
}

// score is that of a piece.
func (t *Tokenizer) score(id int32, size int) float64 {
	if t.given != nil && t.given[id] {
		return float64(float64(size)*t.most) - 0.1
	}
	return t.scores[id]
}

// write appends the tokens of a text that is cut.
func (e *Encoder) write(text []byte, ends []end) {
	e.back = e.back[:0]
	for at := int32(len(text)); at > 0; {
		p := ends[at]
		e.back = append(e.back, part{p.start, at, p.id})
		at = p.start
	}
	for _, p := range slices.Backward(e.back) {
		if p.id == e.t.unknown {
			e.unknown = append(e.unknown, text[p.start:p.end]...)
			continue
		}
		e.flush()
		e.dst = append(e.dst, p.id)
	}
}

// flush writes the unknown characters: as bytes, if there are pieces for them, or as one token.
func (e *Encoder) flush() {
	if len(e.unknown) == 0 {
		return
	}
	id := e.t.unknown
	if e.walk != nil {
		if whole := e.t.whole(e.unknown); whole >= 0 {
			e.dst, e.unknown = append(e.dst, whole), e.unknown[:0]
			return
		}
	}
	if e.t.byByte {
		for _, b := range e.unknown {
			e.dst = append(e.dst, e.t.bytely[b])
		}
	} else {
		e.dst = append(e.dst, id)
	}
	e.unknown = e.unknown[:0]
}

// whole is the piece that a text is; -1 if it is none. The library asks for it once more, of unknown characters too.
func (t *Tokenizer) whole(text []byte) int32 {
	var node int32
	id := int32(-1)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if node, id = t.trie.step(node, r); node == 0 {
			return -1
		}
		i += size
	}
	return id
}
