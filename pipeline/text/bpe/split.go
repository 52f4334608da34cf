package bpe

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// splitter cuts a piece of text into smaller ones: it calls each with them in their order.
type splitter func(piece []byte, each func(piece []byte))

// OverBytes says whether a tokenizer.json has a pre-tokenizer ByteLevel, so that its model is over bytes and not over characters.
func OverBytes(data []byte) bool {
	var f struct {
		PreTokenizer json.RawMessage `json:"pre_tokenizer"`
	}
	return json.Unmarshal(data, &f) == nil && byteLevelIn(f.PreTokenizer, 0)
}

func byteLevelIn(data []byte, depth int) bool {
	kind, parts, err := part(data, "pretokenizers")
	if err != nil || depth > 8 {
		return false
	}
	for _, p := range parts {
		if byteLevelIn(p, depth+1) {
			return true
		}
	}
	return kind == "ByteLevel"
}

// readPreTokenizer reads what cuts texts before pairs are merged, and says whether ByteLevel is among it.
func (t *Tokenizer) readPreTokenizer(data []byte) (byteLevel bool, err error) {
	kind, parts, err := part(data, "pretokenizers")
	if err != nil {
		return false, err
	}
	switch kind {
	case "":
		return false, nil
	case sequence:
		for _, p := range parts {
			if byteLevel {
				return false, errors.New("something is behind ByteLevel")
			}
			if byteLevel, err = t.readPreTokenizer(p); err != nil {
				return false, err
			}
		}
		return byteLevel, nil
	case "ByteLevel":
		o := struct {
			Prefix bool  `json:"add_prefix_space"`
			Regex  *bool `json:"use_regex"`
		}{Prefix: true}
		if err := json.Unmarshal(data, &o); err != nil {
			return false, err
		}
		if o.Prefix {
			t.splits = append(t.splits, prefixed)
		}
		if o.Regex == nil || *o.Regex {
			p, _ := pretoken.ByName("gpt2")
			t.splits = append(t.splits, p.Cut)
		}
		return true, nil
	case "Digits":
		var o struct {
			Individual bool `json:"individual_digits"`
		}
		if err := json.Unmarshal(data, &o); err != nil {
			return false, err
		}
		t.splits = append(t.splits, digits(o.Individual))
		return false, nil
	case "Split":
		s, err := readSplit(data)
		if err == nil {
			t.splits = append(t.splits, s)
		}
		return false, err
	}
	return false, fmt.Errorf("%s is not read", kind)
}

// prefixed puts a blank in front of a piece that has none there.
func prefixed(piece []byte, each func([]byte)) {
	if len(piece) > 0 && piece[0] != ' ' {
		piece = append([]byte{' '}, piece...)
	}
	each(piece)
}

// readSplit reads a Split by a pattern whose matches are pieces of their own, or are left out.
func readSplit(data []byte) (splitter, error) {
	var o struct {
		Pattern struct {
			Regex  *string
			String *string
		} `json:"pattern"`
		Behavior string `json:"behavior"`
		Invert   bool   `json:"invert"`
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	if o.Pattern.Regex != nil && o.Behavior == "Isolated" {
		if known, ok := pretoken.ByExpression(*o.Pattern.Regex); ok {
			return known.Cut, nil // which match everywhere, so that it does not matter whether it is inverted
		}
	}
	var p *pattern
	var err error
	switch {
	case o.Pattern.Regex != nil:
		p, err = compile(*o.Pattern.Regex)
	case o.Pattern.String != nil && *o.Pattern.String != "":
		p = &pattern{re: regexp.MustCompile(regexp.QuoteMeta(*o.Pattern.String))}
	default:
		err = errors.New("there is no pattern to split by")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case o.Behavior == "Isolated":
		return p.isolate, nil
	case o.Behavior == "Removed" && o.Invert:
		return p.matches, nil
	case o.Behavior == "Removed":
		return p.between, nil
	}
	return nil, fmt.Errorf("the behavior %s of a split is not read", o.Behavior)
}

// digits makes pieces of digits of any script, of one each or of all that follow each other, and of what is between them.
func digits(individual bool) splitter {
	return func(piece []byte, each func([]byte)) {
		start, digit := 0, false
		for i := 0; i < len(piece); {
			r, size := utf8.DecodeRune(piece[i:])
			is := unicode.IsNumber(r)
			if i > start && (is != digit || is && individual) {
				each(piece[start:i])
				start = i
			}
			digit = is
			i += size
		}
		if start < len(piece) {
			each(piece[start:])
		}
	}
}

// isolate makes pieces of the matches and of what is between them.
func (p *pattern) isolate(piece []byte, each func([]byte)) {
	p.walk(piece, func(part []byte, _ bool) { each(part) })
}

// matches makes pieces of the matches.
func (p *pattern) matches(piece []byte, each func([]byte)) {
	p.walk(piece, func(part []byte, match bool) {
		if match {
			each(part)
		}
	})
}

// between makes pieces of what is between the matches.
func (p *pattern) between(piece []byte, each func([]byte)) {
	p.walk(piece, func(part []byte, match bool) {
		if !match {
			each(part)
		}
	})
}
