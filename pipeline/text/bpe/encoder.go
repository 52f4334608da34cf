package bpe

import (
	"slices"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
)

// Encoder cuts texts, one after the other, for one goroutine.
type Encoder struct {
	t     *Tokenizer
	dst   []int32
	piece func(piece []byte) // cuts a piece by all splits, and merges what they make

	raw, added *added // tokens that are sought in the text, and in the normalized one

	merges *merges.Encoder
}

// Encoder makes what cuts by the tokenizer. It looks for added tokens in a text, as the library does.
func (t *Tokenizer) Encoder() *Encoder { return t.encoder(t.raw.all, t.normal.all) }

// Ordinary makes an Encoder that takes special tokens in a text for text. It still looks for added tokens that are not special.
func (t *Tokenizer) Ordinary() *Encoder { return t.encoder(t.raw.ordinary, t.normal.ordinary) }

func (t *Tokenizer) encoder(raw, normal *added) *Encoder {
	e := &Encoder{t: t, raw: raw, added: normal, merges: t.table.Encoder()}
	e.piece = e.merge
	for _, split := range slices.Backward(t.splits) {
		then := e.piece
		e.piece = func(piece []byte) { split(piece, then) }
	}
	return e
}

// Encode appends the ids of the tokens of a text, which is valid UTF-8, to dst.
func (e *Encoder) Encode(dst []int32, text []byte) []int32 {
	e.dst = dst
	for len(text) > 0 {
		from, to, id, ok := e.raw.next(text)
		if !ok {
			e.normal(e.t.normalize(text))
			break
		}
		e.normal(e.t.normalize(text[:from]))
		e.dst = append(e.dst, id)
		text = text[to:]
	}
	dst, e.dst = e.dst, nil
	return dst
}

// normal cuts a normalized text.
func (e *Encoder) normal(text []byte) {
	for len(text) > 0 {
		from, to, id, ok := e.added.next(text)
		if !ok {
			e.piece(text)
			return
		}
		if from > 0 {
			e.piece(text[:from])
		}
		e.dst = append(e.dst, id)
		text = text[to:]
	}
}

// merge appends the tokens of a piece.
func (e *Encoder) merge(piece []byte) {
	from, whole := len(e.dst), piece
	for len(piece) > 0 { // of one that is beyond all measure a part each time
		var n int
		e.dst, n = e.merges.Append(e.dst, piece)
		piece = piece[n:]
	}
	if len(e.t.whole) > 0 && len(e.dst)-from > 1 {
		if id, ok := e.t.whole[string(whole)]; ok {
			e.dst = append(e.dst[:from], id)
		}
	}
}
