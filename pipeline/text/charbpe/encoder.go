package charbpe

import (
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Encoder cuts texts, one after the other, for one goroutine.
type Encoder struct {
	t      *Tokenizer
	merges *merges.Encoder
	walk   *tokenjson.Walker
	token  func(id int32)
	piece  func(piece []byte)

	dst  []int32
	ids  []int32 // of symbols
	text []byte  // normalized, of a model of sentencepiece
	// unknown are the bytes of characters that are no token and follow each other, and are not yet written.
	unknown []byte
}

// Encoder makes what cuts by the tokenizer. It looks for added tokens in a text, as the libraries do: sentencepiece for none but those of users.
func (t *Tokenizer) Encoder() *Encoder { return t.encoder((*tokenjson.Front).Walker) }

// Ordinary makes an Encoder that takes special tokens in a text for text.
func (t *Tokenizer) Ordinary() *Encoder { return t.encoder((*tokenjson.Front).Ordinary) }

func (t *Tokenizer) encoder(walker func(*tokenjson.Front) *tokenjson.Walker) *Encoder {
	e := &Encoder{t: t, merges: t.table.Encoder()}
	e.token = func(id int32) { e.dst = append(e.dst, id) }
	e.piece = e.word
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
		e.given(e.text)
	}
	dst, e.dst = e.dst, nil
	return dst
}

// given cuts a text in which pieces of users are tokens.
func (e *Encoder) given(text []byte) {
	start := 0
	if e.t.model.HasGiven() {
		for i := 0; i < len(text); {
			id, size := e.t.model.Given(text[i:])
			if size == 0 {
				_, size = utf8.DecodeRune(text[i:])
				i += size
				continue
			}
			e.symbols(text[start:i])
			e.flush()
			e.dst = append(e.dst, id)
			i += size
			start = i
		}
	}
	e.symbols(text[start:])
	e.flush()
}

// word cuts a piece that a tokenizer.json makes of a text.
func (e *Encoder) word(piece []byte) {
	from := len(e.dst)
	e.symbols(piece)
	e.flush()
	if len(e.t.whole) > 0 {
		if id, ok := e.t.whole[string(piece)]; ok {
			e.dst = append(e.dst[:from], id)
		}
	}
}

// symbols appends the tokens of what is merged, and keeps characters that are in no rule.
func (e *Encoder) symbols(text []byte) {
	for len(text) > 0 {
		if e.t.table.First(text) < 0 {
			_, size := utf8.DecodeRune(text)
			e.keep(text[:size])
			text = text[size:]
			continue
		}
		var n int
		if len(e.t.texts) == 0 {
			e.flush()
			e.dst, n = e.merges.Append(e.dst, text)
		} else {
			e.ids, n = e.merges.Append(e.ids[:0], text)
			e.tokens()
		}
		text = text[n:]
	}
}

// tokens appends the tokens of symbols of which some are characters that are none.
func (e *Encoder) tokens() {
	for _, symbol := range e.ids {
		if id := e.t.of[symbol]; id >= 0 {
			e.flush()
			e.dst = append(e.dst, id)
		} else {
			e.keep(e.t.texts[int(symbol)-len(e.t.bytes)])
		}
	}
}

// keep takes a character that is no token.
func (e *Encoder) keep(c []byte) {
	if !e.t.fuse && !e.t.byByte {
		e.dst = append(e.dst, e.t.unknown)
		return
	}
	e.unknown = append(e.unknown, c...)
}

// flush writes the characters that are kept: as bytes, if there are tokens for these, or as one token.
func (e *Encoder) flush() {
	if len(e.unknown) == 0 {
		return
	}
	if e.t.byByte {
		for _, b := range e.unknown {
			e.dst = append(e.dst, e.t.bytely[b])
		}
	} else {
		e.dst = append(e.dst, e.t.unknown)
	}
	e.unknown = e.unknown[:0]
}
