package tokenjson

import (
	"fmt"
	"slices"
)

// Front is what is done with a text before a model sees it.
type Front struct {
	raw, normal finders // tokens that are sought in the text as it is, and in the normalized one
	normalizers []normalizer
	growth      int // how many times as long as it was they may make a text
	splits      []func() splitter
	characters  bool // the only split is one into characters
	// Space is what stands for a blank in the pieces: U+2581 where Metaspace, or a Replace, writes it; "" if nothing does.
	Space string
}

// Front reads it.
func (f *File) Front() (*Front, error) {
	t := &Front{growth: 1}
	if err := t.readNormalizer(f.Normalizer, 0); err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	if err := t.readPreTokenizer(f.PreTokenizer, 0); err != nil {
		return nil, fmt.Errorf("pre_tokenizer: %w", err)
	}
	w := t.walker(newAdded(nil), newAdded(nil))
	var raw, normal []Added
	for _, a := range f.Added {
		if a.ID < 0 || a.ID >= MaxTokens {
			return nil, fmt.Errorf("added_tokens: %q: the id %d is not from 0 to %d", a.Content, a.ID, MaxTokens-1)
		}
		switch {
		case a.Content == "":
		case a.Normalized:
			a.Content = string(w.normalize([]byte(a.Content)))
			normal = append(normal, a)
		default:
			raw = append(raw, a)
		}
	}
	t.raw, t.normal = newFinders(raw), newFinders(normal)
	return t, nil
}

// Characters says whether the pieces of a text are its characters, as they are.
func (f *Front) Characters() bool {
	return f.characters && len(f.splits) == 1 && len(f.normalizers) == 0
}

// Walker cuts texts, one after the other, for one goroutine.
type Walker struct {
	f      *Front
	raw    *added
	normal *added
	buffer [2][]byte
	cut    splitter // all splits, one in the other
	piece  func(piece []byte)
}

// Walker makes what cuts. It looks for added tokens in a text, as the library does.
func (f *Front) Walker() *Walker { return f.walker(f.raw.all, f.normal.all) }

// Ordinary makes a Walker that takes special tokens in a text for text. It still looks for added tokens that are not special.
func (f *Front) Ordinary() *Walker { return f.walker(f.raw.ordinary, f.normal.ordinary) }

func (f *Front) walker(raw, normal *added) *Walker {
	w := &Walker{f: f, raw: raw, normal: normal}
	w.cut = func(piece []byte, _ bool, _ each) { w.piece(piece) }
	for _, of := range slices.Backward(f.splits) {
		split, then := of(), w.cut
		next := func(piece []byte, first bool) {
			if len(piece) > 0 {
				then(piece, first, nil)
			}
		}
		w.cut = func(piece []byte, first bool, _ each) { split(piece, first, next) }
	}
	return w
}

// Uncut makes the pieces of the walker what its splits would have been given, for who cuts it faster.
func (w *Walker) Uncut() *Walker {
	w.cut = func(piece []byte, _ bool, _ each) { w.piece(piece) }
	return w
}

// Walk calls token with the added tokens of a text, which is valid UTF-8, and piece with what the model sees, in their order. A piece is valid until the next call.
func (w *Walker) Walk(text []byte, token func(id int32), piece func(piece []byte)) {
	w.piece = piece
	w.raw.walk(text, func(at int, part []byte, id int32) {
		if id >= 0 {
			token(id)
			return
		}
		w.normal.walk(w.normalize(part), func(within int, part []byte, id int32) {
			if id >= 0 {
				token(id)
			} else {
				w.cut(part, at == 0 && within == 0, nil)
			}
		})
	})
	w.piece = nil
}

// normalize is the normalized text: the text itself, or scratch memory.
func (w *Walker) normalize(text []byte) []byte {
	for i, n := range w.f.normalizers {
		into := &w.buffer[i%2]
		*into = n((*into)[:0], text)
		text = *into
	}
	return text
}
