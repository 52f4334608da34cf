package unigram

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/spm"
	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Bounds of what is read: the largest vocabularies have some 600 000 nodes and pieces of some 100 characters.
const (
	mostNodes = 4 << 20
	mostPiece = 1024 // characters
)

// space stands for a blank in pieces.
const space = "▁"

// Tokenizer cuts texts into the pieces of a unigram language model.
type Tokenizer struct {
	trie   *trie
	pieces [][]byte // as they stand in the file
	bytes  [][]byte // what they stand for
	scores []float64
	bytely [256]int32 // the pieces of single bytes, if there are all
	byByte bool

	named   map[string]int32 // added tokens
	unknown int32
	unkCost float64 // the score of a character that is no piece

	front *tokenjson.Front // of a tokenizer.json
	model *spm.Front       // of a model of sentencepiece, whose sums are of float32
	given map[int32]bool   // of such a model, pieces of users, which are always taken
	most  float64          // and the best score of all pieces
}

// unkPenalty is how much less than the worst piece an unknown character scores.
const unkPenalty = 10

// build makes what is needed to cut: the trie of the pieces for which in says so. The last of equal ones counts.
func (t *Tokenizer) build(in func(id int) bool) error {
	t.trie = newTrie(2 * len(t.pieces))
	for id, p := range t.pieces {
		if len(p) == 0 || !in(id) {
			continue
		}
		if n := utf8.RuneCount(p); n > mostPiece {
			return fmt.Errorf("piece %d has %d characters: %d at most are read", id, n, mostPiece)
		}
		var node int32
		var e *edge
		for i := 0; i < len(p); {
			r, size := utf8.DecodeRune(p[i:])
			e = t.trie.add(node, r)
			node = e.next
			i += size
		}
		e.piece = int32(id)
		if t.trie.nodes > mostNodes {
			return fmt.Errorf("the pieces have more than %d beginnings", mostNodes)
		}
	}
	return nil
}

// setBytes looks for the pieces of single bytes, and says what the pieces stand for.
func (t *Tokenizer) setBytes(byteFallback bool, space string) {
	of := make(map[string]int32, 256)
	for b := range 256 {
		of[fmt.Sprintf("<0x%02X>", b)] = int32(b)
	}
	found := 0
	t.bytes = make([][]byte, len(t.pieces))
	for id, p := range t.pieces {
		t.bytes[id] = p
		if b, ok := of[string(p)]; ok && byteFallback {
			t.bytes[id] = []byte{byte(b)}
			t.bytely[b] = int32(id)
			of[string(p)] = b
			found++
		} else if space != "" && bytes.Contains(p, []byte(space)) {
			t.bytes[id] = bytes.ReplaceAll(p, []byte(space), []byte{' '})
		}
	}
	t.byByte = byteFallback && found >= 256
}

// Size is one more than the greatest id.
func (t *Tokenizer) Size() int { return len(t.pieces) }

// ID is that of a token, as the file spells it; of added tokens of one name it is the last one's.
func (t *Tokenizer) ID(token string) (id int32, ok bool) {
	if id, ok = t.named[token]; ok {
		return id, ok
	}
	for id, piece := range t.pieces {
		if len(piece) > 0 && string(piece) == token {
			return int32(id), true
		}
	}
	return 0, false
}

// Bytes are those that a token stands for, with blanks as such; nil if there is no such token. They must not be changed.
func (t *Tokenizer) Bytes(id int32) []byte {
	if id < 0 || int(id) >= len(t.bytes) {
		return nil
	}
	return t.bytes[id]
}

// Unknown is the token of characters that are in no piece.
func (t *Tokenizer) Unknown() int32 { return t.unknown }

// checkScores wants numbers that can be added.
func checkScores(scores []float64) error {
	for id, s := range scores {
		if math.IsNaN(s) || math.Abs(s) > 1e9 {
			return fmt.Errorf("the score %v of piece %d is none", s, id)
		}
	}
	return nil
}

var errUnknown = errors.New("model: there is no unk_id: what is in no piece would have no token")

// valid is a piece as a string of valid UTF-8.
func valid(s string) []byte { return []byte(strings.ToValidUTF8(s, "\uFFFD")) }
