package tokenjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// each takes a piece, and whether it begins where the text does.
type each func(piece []byte, first bool)

// splitter cuts a piece into smaller ones: it calls each with them in their order. Empty ones are left out by who calls it.
type splitter func(piece []byte, first bool, each each)

func (f *Front) readPreTokenizer(data []byte, depth int) error {
	kind, err := kind(data)
	if err != nil || kind == "" {
		return err
	}
	if kind == "Sequence" {
		return inSequence(data, "pretokenizers", depth, f.readPreTokenizer)
	}
	list, err := f.splittersOf(kind, data)
	f.splits = append(f.splits, list...)
	if err == nil && len(f.splits) > mostParts {
		err = fmt.Errorf("more than %d of them", mostParts)
	}
	return err
}

func (f *Front) splittersOf(kind string, data []byte) ([]func() splitter, error) {
	switch kind {
	case "Metaspace":
		s, err := f.readMetaspace(data)
		return []func() splitter{s}, err
	case "WhitespaceSplit":
		return always(byClass(isSpace, removed)), nil
	case "Whitespace":
		return always(words), nil
	case "BertPreTokenizer":
		return always(byClass(isSpace, removed), byClass(isPunctuation, isolated)), nil
	case "Punctuation":
		o := struct{ Behavior string }{Behavior: "Isolated"}
		if err := json.Unmarshal(data, &o); err != nil {
			return nil, err
		}
		b, err := behaviorOf(o.Behavior)
		return always(byClass(isPunctuation, b)), err
	case "Digits":
		var o struct {
			Individual bool `json:"individual_digits"`
		}
		err := json.Unmarshal(data, &o)
		if o.Individual {
			return always(byClass(unicode.IsNumber, isolated)), err
		}
		return always(byClass(unicode.IsNumber, contiguous)), err
	case "CharDelimiterSplit":
		var o struct{ Delimiter string }
		if err := json.Unmarshal(data, &o); err != nil {
			return nil, err
		}
		d, size := utf8.DecodeRuneInString(o.Delimiter)
		if size == 0 || size != len(o.Delimiter) {
			return nil, fmt.Errorf("the delimiter %q is no character", o.Delimiter)
		}
		return always(byClass(func(r rune) bool { return r == d }, removed)), nil
	case "Split":
		s, err := f.readSplit(data)
		return always(s), err
	}
	return nil, fmt.Errorf("%s is not read", kind)
}

// always are splitters that need no scratch memory.
func always(list ...splitter) (all []func() splitter) {
	for _, s := range list {
		all = append(all, func() splitter { return s })
	}
	return all
}

// readMetaspace reads what writes another character for blanks, and cuts in front of each.
func (f *Front) readMetaspace(data []byte) (func() splitter, error) {
	o := struct {
		Replacement string `json:"replacement"`
		Scheme      string `json:"prepend_scheme"`
		Prefix      *bool  `json:"add_prefix_space"` // of older releases
		Split       *bool  `json:"split"`
	}{Scheme: "always"}
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	if n := utf8.RuneCountInString(o.Replacement); n != 1 {
		return nil, fmt.Errorf("the replacement %q of Metaspace is no character", o.Replacement)
	}
	if o.Prefix != nil && !*o.Prefix {
		o.Scheme = "never"
	}
	if o.Scheme != "always" && o.Scheme != "first" && o.Scheme != "never" {
		return nil, fmt.Errorf("the prepend_scheme %q of Metaspace is not read", o.Scheme)
	}
	f.Space = o.Replacement
	split, mark := o.Split == nil || *o.Split, []byte(o.Replacement)
	return func() splitter {
		var text []byte
		return func(piece []byte, first bool, each each) {
			text = text[:0]
			if (o.Scheme == "always" || o.Scheme == "first" && first) && piece[0] != ' ' && !bytes.HasPrefix(piece, mark) {
				text = append(text, mark...)
			}
			for {
				i := bytes.IndexByte(piece, ' ')
				if i < 0 {
					break
				}
				text = append(append(text, piece[:i]...), mark...)
				piece = piece[i+1:]
			}
			text = append(text, piece...)
			rest := text
			for split && len(rest) > len(mark) {
				i := bytes.Index(rest[1:], mark) + 1
				if i == 0 {
					break
				}
				each(rest[:i], first)
				rest, first = rest[i:], false
			}
			each(rest, first)
		}
	}, nil
}

// behavior says what becomes of matches.
type behavior int

const (
	removed behavior = iota
	isolated
	contiguous
	withPrevious
	withNext
)

func behaviorOf(name string) (behavior, error) {
	switch name {
	case "Removed":
		return removed, nil
	case "Isolated":
		return isolated, nil
	case "Contiguous":
		return contiguous, nil
	case "MergedWithPrevious":
		return withPrevious, nil
	case "MergedWithNext":
		return withNext, nil
	}
	return 0, fmt.Errorf("the behavior %q of a split is not read", name)
}

// readSplit reads a Split by a string or a pattern.
func (f *Front) readSplit(data []byte) (splitter, error) {
	var o struct {
		Pattern  pattern `json:"pattern"`
		Behavior string  `json:"behavior"`
		Invert   bool    `json:"invert"`
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	walk, err := o.Pattern.walk()
	if err != nil {
		return nil, err
	}
	b, err := behaviorOf(o.Behavior)
	f.characters = o.Pattern.Regex != nil && anyCharacter[*o.Pattern.Regex] && b == isolated
	return func(piece []byte, first bool, each each) {
		j := joiner{behavior: b, text: piece, first: first, each: each}
		walk(piece, func(part []byte, match bool) { j.add(len(part), match != o.Invert) })
		j.end()
	}, err
}

// byClass splits by characters of a class, each of which is a match.
func byClass(is func(rune) bool, b behavior) splitter {
	return func(piece []byte, first bool, each each) {
		j := joiner{behavior: b, text: piece, first: first, each: each}
		start := 0
		for i := 0; i < len(piece); {
			r, size := utf8.DecodeRune(piece[i:])
			if is(r) {
				if start < i {
					j.add(i-start, false)
				}
				j.add(size, true)
				start = i + size
			}
			i += size
		}
		if start < len(piece) {
			j.add(len(piece)-start, false)
		}
		j.end()
	}
}

// joiner makes pieces of matches and what is between them.
type joiner struct {
	behavior
	text       []byte
	first      bool
	each       each
	from, to   int // of what is not handed on
	last, some bool
}

// add takes the next part, which may be a match.
func (j *joiner) add(size int, match bool) {
	keep := false // it goes on with what is there
	switch j.behavior {
	case removed:
		if match {
			j.end()
			j.from, j.to = j.to+size, j.to+size
			return
		}
	case contiguous:
		keep = j.some && match == j.last
	case withPrevious:
		keep = j.some && match && !j.last
	case withNext:
		keep = j.some && !match && j.last
	}
	if !keep {
		j.end()
	}
	j.to += size
	j.last, j.some = match, true
}

func (j *joiner) end() {
	if j.from < j.to {
		j.each(j.text[j.from:j.to], j.first && j.from == 0)
	}
	j.from, j.some = j.to, false
}

// words are runs of letters, and of what is neither letters nor white space.
func words(piece []byte, first bool, each each) {
	start, last := 0, 0 // 0 is white space, 1 a word, 2 something else
	for i := 0; i <= len(piece); {
		r, size, is := rune(0), 1, 0
		if i < len(piece) {
			r, size = utf8.DecodeRune(piece[i:])
			switch {
			case isWord(r):
				is = 1
			case !isSpace(r):
				is = 2
			}
		}
		if is != last {
			if last != 0 {
				each(piece[start:i], first && start == 0)
			}
			start, last = i, is
		}
		i += size
	}
}
