package datatrove

import (
	_ "embed" // the table of rules
	"strings"
	"sync"
)

//go:embed english.tsv
var englishFile string

// englishRules are spaCy's words with rules of their own, and its units.
type englishRules struct {
	words       map[string]*special
	joins       map[string][]*special // by their first piece
	first, join shape                 // what the keys of the two look like
	alone       shape                 // what first pieces without a second look like
	second      [256]bool             // what second pieces start with
	units       map[string]bool
	longestUnit int // bytes
}

// special says which words a word is, and which pieces affixes break it into if they do.
type special struct {
	word          string
	words, pieces []int32 // their ends
}

// append appends the words of a rule whose word is at start.
func (r *special) append(dst []span, start int) []span {
	from := int32(0)
	for _, end := range r.words {
		dst = append(dst, span{int32(start) + from, int32(start) + end})
		from = end
	}
	return dst
}

// shape keeps what is in no map away from it: by the first byte of its keys, the lengths that they have.
type shape [256]uint32

func (s *shape) add(word string) {
	if len(word) > 31 {
		panic("a word of " + word + " is too long for its shape")
	}
	s[word[0]] |= 1 << len(word)
}

func (s *shape) may(word []byte) bool {
	return len(word) > 0 && len(word) < 32 && s[word[0]]&(1<<len(word)) != 0
}

// find is the rule of a word, nil if there is none.
func (e *englishRules) find(word []byte) *special {
	if !e.first.may(word) {
		return nil
	}
	return e.words[string(word)]
}

var theEnglishRules = sync.OnceValue(func() *englishRules {
	e := &englishRules{words: map[string]*special{}, joins: map[string][]*special{}, units: map[string]bool{}}
	for line := range strings.Lines(englishFile) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if fields[0] == "unit" {
			e.units[fields[1]] = true
			e.longestUnit = max(e.longestUnit, len(fields[1]))
			continue
		}
		r := &special{words: ends(fields[1]), word: strings.ReplaceAll(fields[1], " ", "")}
		e.words[r.word] = r
		e.first.add(r.word)
		if len(fields) > 2 {
			r.pieces = ends(fields[2])
			piece := r.word[:r.pieces[0]]
			e.joins[piece] = append(e.joins[piece], r)
			e.join.add(piece)
			if len(r.pieces) == 1 {
				e.alone.add(piece)
			} else {
				e.second[r.word[r.pieces[0]]] = true
			}
		}
	}
	return e
})

// ends are the ends of words that are parted by spaces, as they are without these.
func ends(words string) []int32 {
	var out []int32
	n := 0
	for word := range strings.SplitSeq(words, " ") {
		n += len(word)
		out = append(out, int32(n))
	}
	return out
}
