package tokenjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text/bpe"
)

// normalizer appends the normalized text to dst.
type normalizer func(dst, text []byte) []byte

// mostDepth is how deep sequences of a file stand in each other, mostParts how many normalizers or pre-tokenizers it has.
const (
	mostDepth = 8
	mostParts = 64
)

func (f *Front) readNormalizer(data []byte, depth int) error {
	kind, err := kind(data)
	if err != nil || kind == "" {
		return err
	}
	if kind == "Sequence" {
		return inSequence(data, "normalizers", depth, f.readNormalizer)
	}
	n, growth, err := f.normalizerOf(kind, data)
	if err == nil && n != nil {
		f.normalizers, f.growth = append(f.normalizers, n), f.growth*max(growth, 1)
	}
	switch {
	case err != nil:
	case len(f.normalizers) > mostParts:
		err = fmt.Errorf("more than %d of them", mostParts)
	case f.growth > mostGrowth:
		err = fmt.Errorf("a text may become more than %d times as long", mostGrowth)
	}
	return err
}

// mostGrowth is how many times as long as it was normalizers may make a text: those of real files come to some 100 at most.
const mostGrowth = 4096

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

// normalizerOf reads one, and how many times as long it may make a text.
func (f *Front) normalizerOf(kind string, data []byte) (normalizer, int, error) {
	if form, ok := forms[kind]; ok {
		return func(dst, text []byte) []byte { return bpe.Normalize(form, dst, text) }, 11, nil
	}
	switch kind {
	case "Lowercase":
		return lower, 2, nil
	case "StripAccents":
		return without(isMark), 1, nil
	case "Strip":
		var o struct {
			Left  bool `json:"strip_left"`
			Right bool `json:"strip_right"`
		}
		err := json.Unmarshal(data, &o)
		return func(dst, text []byte) []byte {
			if o.Left {
				text = bytes.TrimLeftFunc(text, isSpace)
			}
			if o.Right {
				text = bytes.TrimRightFunc(text, isSpace)
			}
			return append(dst, text...)
		}, 1, err
	case "Prepend":
		var o struct {
			Prepend string `json:"prepend"`
		}
		err := json.Unmarshal(data, &o)
		return func(dst, text []byte) []byte {
			if len(text) > 0 {
				dst = append(dst, o.Prepend...)
			}
			return append(dst, text...)
		}, 1 + len(o.Prepend), err
	case "Replace":
		return f.readReplace(data)
	case "BertNormalizer":
		n, err := readBert(data)
		return n, 12, err
	case "Precompiled":
		var o struct {
			Map []byte `json:"precompiled_charsmap"`
		}
		if err := json.Unmarshal(data, &o); err != nil || len(o.Map) == 0 {
			return nil, 0, err
		}
		m, err := ReadCharsMap(o.Map)
		if err != nil {
			return nil, 0, err
		}
		return m.appendGraphemes, m.longest, nil
	}
	return nil, 0, fmt.Errorf("%s is not read", kind)
}

func (f *Front) readReplace(data []byte) (normalizer, int, error) {
	var o struct {
		Pattern pattern `json:"pattern"`
		Content string  `json:"content"`
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, 0, err
	}
	walk, err := o.Pattern.walk()
	if err != nil {
		return nil, 0, err
	}
	if o.Pattern.String != nil && *o.Pattern.String == " " {
		f.Space = o.Content
	}
	return func(dst, text []byte) []byte {
		walk(text, func(part []byte, match bool) {
			if match {
				dst = append(dst, o.Content...)
			} else {
				dst = append(dst, part...)
			}
		})
		return dst
	}, len(o.Content), nil
}

// pattern is a string or a regular expression.
type pattern struct {
	String *string
	Regex  *string
}

// walk is what calls f with the matches and with what is between them.
func (p *pattern) walk() (func(text []byte, f func(part []byte, match bool)), error) {
	switch {
	case p.Regex != nil && anyCharacter[*p.Regex]:
		return characters, nil
	case p.Regex != nil:
		return bpe.Matches(*p.Regex)
	case p.String != nil && *p.String != "":
		s := []byte(*p.String)
		return func(text []byte, f func([]byte, bool)) {
			for len(text) > 0 {
				i := bytes.Index(text, s)
				if i < 0 {
					f(text, false)
					return
				}
				if i > 0 {
					f(text[:i], false)
				}
				f(text[i:i+len(s)], true)
				text = text[i+len(s):]
			}
		}, nil
	}
	return nil, errors.New("there is no pattern")
}

// anyCharacter are the expressions for one, line breaks too, that are more than package bpe reads.
var anyCharacter = map[string]bool{`(?m:.)`: true, `(?m).`: true, `[\s\S]`: true, `[\S\s]`: true, `.|\n`: true, `.|\s`: true, `\s|.`: true, `\s|\S`: true, `\S|\s`: true}

func characters(text []byte, f func(part []byte, match bool)) {
	for len(text) > 0 {
		_, size := utf8.DecodeRune(text)
		f(text[:size], true)
		text = text[size:]
	}
}

func lower(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == 'İ' { // the only one that becomes two
			dst = append(dst, "i\u0307"...)
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}

// without leaves characters out.
func without(is func(rune) bool) normalizer {
	return func(dst, text []byte) []byte {
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRune(text[i:])
			if !is(r) {
				dst = append(dst, text[i:i+size]...)
			}
			i += size
		}
		return dst
	}
}

func readBert(data []byte) (normalizer, error) {
	var o struct {
		Clean   bool  `json:"clean_text"`
		Chinese bool  `json:"handle_chinese_chars"`
		Accents *bool `json:"strip_accents"`
		Lower   bool  `json:"lowercase"`
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	steps := []normalizer{func(dst, text []byte) []byte { return bert(dst, text, o.Clean, o.Chinese) }}
	if o.Accents != nil && *o.Accents || o.Accents == nil && o.Lower {
		strip := without(isNonspacing)
		steps = append(steps, func(dst, text []byte) []byte { return strip(dst, norm.NFD.Bytes(text)) })
	}
	if o.Lower {
		steps = append(steps, lower)
	}
	return func(dst, text []byte) []byte {
		for _, step := range steps[:len(steps)-1] {
			text = step(nil, text)
		}
		return steps[len(steps)-1](dst, text)
	}, nil
}

// bert takes control characters out, makes a blank of white space, and puts blanks round ideographs.
func bert(dst, text []byte, clean, chinese bool) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case clean && isControl(r):
		case clean && isSpace(r):
			dst = append(dst, ' ')
		case chinese && isIdeograph(r):
			dst = append(append(append(dst, ' '), text[i:i+size]...), ' ')
		default:
			dst = append(dst, text[i:i+size]...)
		}
		i += size
	}
	return dst
}
