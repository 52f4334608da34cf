package wordpiece

import (
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Encoder cuts texts, one after the other, for one goroutine.
type Encoder struct {
	t     *Tokenizer
	walk  *tokenjson.Walker
	dst   []int32
	token func(id int32)
	word  func(word []byte)
}

// Encoder makes what cuts by the tokenizer. It looks for added tokens in a text, as the library does.
func (t *Tokenizer) Encoder() *Encoder { return t.encoder(t.front.Walker()) }

// Ordinary makes an Encoder that takes special tokens in a text for text. It still looks for added tokens that are not special.
func (t *Tokenizer) Ordinary() *Encoder { return t.encoder(t.front.Ordinary()) }

func (t *Tokenizer) encoder(walk *tokenjson.Walker) *Encoder {
	e := &Encoder{t: t, walk: walk}
	e.token = func(id int32) { e.dst = append(e.dst, id) }
	e.word = e.whole
	switch {
	case t.parts != nil:
		e.word = e.cut
	case t.chars != nil:
		e.walk = walk.Uncut()
		e.word = func(text []byte) { e.dst = t.chars.append(e.dst, text) }
	}
	return e
}

// Encode appends the ids of the tokens of a text, which is valid UTF-8, to dst.
func (e *Encoder) Encode(dst []int32, text []byte) []int32 {
	e.dst = dst
	e.walk.Walk(text, e.token, e.word)
	dst, e.dst = e.dst, nil
	return dst
}

// whole appends the token that a word is.
func (e *Encoder) whole(word []byte) {
	if id, ok := e.t.ids[string(word)]; ok {
		e.dst = append(e.dst, id)
	} else {
		e.unknown()
	}
}

func (e *Encoder) unknown() {
	if e.t.unknown >= 0 {
		e.dst = append(e.dst, e.t.unknown)
	}
}

// cut appends the tokens of a word: the longest that it begins with, then the longest that follows, and so on. If one is missing the word is unknown.
func (e *Encoder) cut(word []byte) {
	if len(word) > e.t.most && utf8.RuneCount(word) > e.t.most {
		e.unknown()
		return
	}
	before := len(e.dst)
	ids := e.t.ids
	for len(word) > 0 {
		size := min(len(word), e.t.longest)
		for size < len(word) && size > 0 && !utf8.RuneStart(word[size]) {
			size--
		}
		id, ok := int32(0), false
		for size > 0 {
			if id, ok = ids[string(word[:size])]; ok {
				break
			}
			_, last := utf8.DecodeLastRune(word[:size])
			size -= last
		}
		if !ok {
			e.dst = e.dst[:before]
			e.unknown()
			return
		}
		e.dst = append(e.dst, id)
		word, ids = word[size:], e.t.parts
	}
}
