package charbpe

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
	"github.com/millrace/millrace/pipeline/text/spm"
	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Tokenizer is a BPE over characters.
type Tokenizer struct {
	table  *merges.Table
	texts  [][]byte         // of symbols that are no pieces, behind those that are
	of     []int32          // the token of each symbol, if there are such; -1 if it is unknown
	bytes  [][]byte         // what tokens stand for; nil where there is none
	names  map[string]int32 // tokens as the file spells them
	added  map[string]int32
	whole  map[string]int32 // tokens that nothing is merged into, but that a piece may be
	bytely [256]int32       // the tokens of single bytes
	byByte bool             // and whether characters that are no token become such
	fuse   bool             // unknown characters that follow each other are one token

	unknown int32

	front *tokenjson.Front // of a tokenizer.json
	model *spm.Front       // of a model of sentencepiece
}

// mostRules bounds the pairs that make a piece, mostPiece the characters of a piece: each is looked at as often as it has characters.
const (
	mostRules = 8 << 20
	mostPiece = 512
)

// space stands for a blank in pieces.
const space = "▁"

// errUnused is of a kind of piece that no trainer makes.
var errUnused = errors.New("pieces of type unused are not read in a model of BPE")

// OfModel makes a tokenizer of a model of sentencepiece.
func OfModel(m *spm.Model) (*Tokenizer, error) {
	if m.Kind != spm.BPE {
		return nil, fmt.Errorf("the model is of type %d: only BPE, type %d, is read", m.Kind, spm.BPE)
	}
	t := &Tokenizer{model: m.Front, unknown: m.Unknown, fuse: true, names: make(map[string]int32, len(m.Pieces))}
	var symbols [][]byte
	normal := make(map[string]int32, len(m.Pieces))
	for id, p := range m.Pieces {
		if _, ok := t.names[string(p.Text)]; ok && len(p.Text) > 0 {
			return nil, fmt.Errorf("two pieces are %q", p.Text)
		}
		t.names[string(p.Text)] = int32(id)
		t.bytes, t.of = append(t.bytes, p.Text), append(t.of, int32(id))
		switch {
		case p.Type == spm.Unused:
			return nil, errUnused
		case p.Type != spm.Normal || len(p.Text) == 0:
			symbols = append(symbols, nil)
			continue
		case utf8.RuneCount(p.Text) > mostPiece:
			return nil, fmt.Errorf("piece %d has more than %d characters", id, mostPiece)
		}
		symbols = append(symbols, p.Text)
		normal[string(p.Text)] = int32(id)
	}
	// Characters of pieces that are no pieces themselves are there before anything is merged, too.
	initial := t.characters(&symbols, normal)
	rules, err := scoredRules(m.Pieces, normal)
	if err != nil {
		return nil, err
	}
	if t.table, err = merges.New(symbols, initial, rules); err != nil {
		return nil, err
	}
	t.setBytes(space, m.ByteFallback, func(id int) bool { return m.Pieces[id].Type == spm.Byte })
	return t, nil
}

// characters are those of the symbols in of, each as one: what is none yet becomes one behind the others, with its token if it is a piece of another type.
func (t *Tokenizer) characters(symbols *[][]byte, of map[string]int32) (ids []int32) {
	seen := map[rune]bool{}
	for _, s := range slices.Clone(*symbols) {
		for i := 0; i < len(s); {
			r, size := utf8.DecodeRune(s[i:])
			c := s[i : i+size]
			i += size
			if seen[r] {
				continue
			}
			seen[r] = true
			id, ok := of[string(c)]
			if !ok {
				id = int32(len(*symbols))
				of[string(c)] = id
				token := int32(-1)
				if other, ok := t.names[string(c)]; ok && other != t.unknown {
					token = other
				}
				*symbols, t.of, t.texts = append(*symbols, c), append(t.of, token), append(t.texts, c)
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// scoredRules are the pairs that make a piece, those of the best score first. Those of equal scores have one rank: of these the first in a text counts.
func scoredRules(pieces []spm.Piece, of map[string]int32) (rules []merges.Rule, err error) {
	var order []int32
	for id, p := range pieces {
		if p.Type == spm.Normal && len(p.Text) > 0 {
			order = append(order, int32(id))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(pieces[b].Score, pieces[a].Score) })
	rank := int32(0)
	for i, id := range order {
		if i > 0 && pieces[id].Score != pieces[order[i-1]].Score {
			rank++
		}
		text := pieces[id].Text
		for j := range string(text) {
			left, ok := of[string(text[:j])]
			if !ok {
				continue
			}
			right, ok := of[string(text[j:])]
			if !ok {
				continue
			}
			if len(rules) == mostRules {
				return nil, fmt.Errorf("more than %d pairs of pieces make a piece", mostRules)
			}
			rules = append(rules, merges.Rule{Left: left, Right: right, Rank: rank, To: id})
		}
	}
	return rules, nil
}

// setBytes says what tokens stand for, and finds those of single bytes, among the ids for which may says so.
func (t *Tokenizer) setBytes(space string, byByte bool, may func(id int) bool) {
	found := 0
	for b := range 256 {
		id, ok := t.names[fmt.Sprintf("<0x%02X>", b)]
		if byByte && ok && may(int(id)) {
			t.bytely[b], t.bytes[id] = id, []byte{byte(b)}
			found++
		}
	}
	t.byByte = found == 256
	for id, text := range t.bytes {
		if space != "" && bytes.Contains(text, []byte(space)) {
			t.bytes[id] = bytes.ReplaceAll(text, []byte(space), []byte{' '})
		}
	}
}

// Size is one more than the greatest id.
func (t *Tokenizer) Size() int { return len(t.bytes) }

// ID is that of a token, as the file spells it.
func (t *Tokenizer) ID(token string) (id int32, ok bool) {
	if id, ok = t.added[token]; !ok {
		id, ok = t.names[token]
	}
	return id, ok
}

// Bytes are those that a token stands for, with blanks as such; nil if there is no such token. They must not be changed.
func (t *Tokenizer) Bytes(id int32) []byte {
	if id < 0 || int(id) >= len(t.bytes) {
		return nil
	}
	return t.bytes[id]
}

// Unknown is the token of characters that are no token; -1 if there is none.
func (t *Tokenizer) Unknown() int32 { return t.unknown }
