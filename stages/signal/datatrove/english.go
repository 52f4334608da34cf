package datatrove

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// span is a part of a text, in bytes.
type span struct{ start, end int32 }

// splitter finds the words of a text, one after the other; what is between two is white space. It is for one goroutine.
type splitter interface {
	// split appends the words, and returns the text that they are of, which is nearly always the given one. It holds until the next call.
	split(dst []span, text []byte) ([]span, []byte)
}

// english finds words as spaCy's tokenizer for English does: what white space separates is freed of affixes, then cut at infixes. Words
// with rules of their own stop that, and where their pieces come out side by side in the end they are put together again.
type english struct {
	classes  *classTable
	rules    *englishRules
	suffixes []span // of a piece, the outermost first
	matches  []match
	seen     []bool
	joined   []span
	text     []byte // without what spaCy stumbles over
}

func newEnglish() *english { return &english{classes: classes(), rules: theEnglishRules()} }

// unspeakable is a word that spaCy stumbles over, but for the first time in a process, since it is the name of a symbol whose number its tables use
// otherwise. datatrove takes it out of the text, wherever it is, and tries again.
const unspeakable = "IS_ALPHA"

func (e *english) split(dst []span, text []byte) ([]span, []byte) {
	first := len(dst)
	dst = e.words(dst, text)
	if bytes.Contains(text, []byte(unspeakable)) {
		for _, w := range dst[first:] {
			if string(text[w.start:w.end]) == unspeakable {
				e.text = removeAll(e.text[:0], text, unspeakable)
				return e.words(dst[:first], e.text), e.text
			}
		}
	}
	return dst, text
}

// removeAll appends text without a word.
func removeAll(dst, text []byte, word string) []byte {
	for {
		i := bytes.Index(text, []byte(word))
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i+len(word):]
	}
}

// words appends the words of a text.
func (e *english) words(dst []span, text []byte) []span {
	first := len(dst)
	ascii := &e.classes.blocks[0]
	for i := 0; i < len(text); {
		start, plain := i, true
		for i < len(text) {
			b := text[i]
			if b < utf8.RuneSelf {
				if ascii[b]&space != 0 {
					break
				}
				plain = plain && b|0x20-'a' <= 'z'-'a'
				i++
				continue
			}
			c, size := e.classes.at(text, i)
			if c&space != 0 {
				break
			}
			plain = false
			i += size
		}
		switch {
		case i == start:
			_, size := e.classes.at(text, i)
			i += size
		case plain:
			dst = e.whole(dst, text, start, i)
		default:
			dst = e.piece(dst, text, start, i)
		}
	}
	return e.join(dst, first, text)
}

// whole appends a word that nothing is cut off, or what its rule makes of it.
func (e *english) whole(dst []span, text []byte, start, end int) []span {
	if rule := e.rules.find(text[start:end]); rule != nil {
		return rule.append(dst, start)
	}
	return append(dst, span{int32(start), int32(end)})
}

// piece appends the words of a piece without white space.
func (e *english) piece(dst []span, text []byte, start, end int) []span {
	e.suffixes = e.suffixes[:0]
	for start < end && e.rules.find(text[start:end]) == nil {
		before := e.prefix(text[start:end])
		if before > 0 && e.rules.find(text[start+before:end]) != nil {
			dst = append(dst, span{int32(start), int32(start + before)})
			start += before
			break
		}
		// The suffix is looked for behind the prefix: nothing is seen through it.
		behind := e.suffix(text[start+before : end])
		if behind > 0 && e.rules.find(text[start:end-behind]) != nil {
			e.suffixes = append(e.suffixes, span{int32(end - behind), int32(end)})
			end -= behind
			break
		}
		if before+behind == 0 {
			break
		}
		if before > 0 {
			dst = append(dst, span{int32(start), int32(start + before)})
			start += before
		}
		if behind > 0 {
			e.suffixes = append(e.suffixes, span{int32(end - behind), int32(end)})
			end -= behind
		}
	}
	if start < end {
		dst = e.core(dst, text, start, end)
	}
	for _, s := range slices.Backward(e.suffixes) {
		dst = append(dst, s)
	}
	return dst
}

// core appends the words of what affixes leave.
func (e *english) core(dst []span, text []byte, start, end int) []span {
	t := text[start:end]
	if rule := e.rules.find(t); rule != nil {
		return rule.append(dst, start)
	}
	if e.isURL(t) {
		return append(dst, span{int32(start), int32(end)})
	}
	from := 0
	for i := 0; i < len(t); {
		cut, size := e.infix(t, i)
		if cut == 0 {
			i += size
			continue
		}
		if i > 0 { // nothing is cut at the very start
			if from < i {
				dst = append(dst, span{int32(start + from), int32(start + i)})
			}
			dst = append(dst, span{int32(start + i), int32(start + i + cut)})
			from = i + cut
		}
		i += cut
	}
	if from < len(t) {
		dst = append(dst, span{int32(start + from), int32(end)})
	}
	return dst
}
