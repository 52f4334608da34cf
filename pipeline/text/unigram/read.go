package unigram

import (
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline/text/tokenjson"
)

// Read reads a tokenizer.json.
func Read(data []byte) (*Tokenizer, error) {
	f, err := tokenjson.Read(data)
	if err != nil {
		return nil, err
	}
	if f.Type() != "Unigram" {
		return nil, fmt.Errorf("model: the type is %q: only Unigram is read", f.Type())
	}
	var m struct {
		Unknown      *int32            `json:"unk_id"`
		Vocab        []json.RawMessage `json:"vocab"`
		ByteFallback bool              `json:"byte_fallback"`
	}
	if err := json.Unmarshal(f.Model, &m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if len(m.Vocab) > tokenjson.MaxTokens {
		return nil, fmt.Errorf("model: vocab: %d pieces: %d at most are read", len(m.Vocab), tokenjson.MaxTokens)
	}
	if m.Unknown == nil {
		return nil, errUnknown
	}
	t := &Tokenizer{unknown: *m.Unknown}
	if t.unknown < 0 || int(t.unknown) >= len(m.Vocab) {
		return nil, fmt.Errorf("model: the unk_id %d is not one of %d pieces", t.unknown, len(m.Vocab))
	}
	t.pieces, t.scores = make([][]byte, len(m.Vocab)), make([]float64, len(m.Vocab))
	for id, pair := range m.Vocab {
		var piece string
		list := [2]any{&piece, &t.scores[id]}
		var n []json.RawMessage
		if err := json.Unmarshal(pair, &n); err != nil || len(n) != 2 {
			return nil, fmt.Errorf("model: vocab: %d is no piece with its score: %.80s", id, pair)
		}
		for i, part := range n {
			if err := json.Unmarshal(part, list[i]); err != nil {
				return nil, fmt.Errorf("model: vocab: %d is no piece with its score: %.80s", id, pair)
			}
		}
		t.pieces[id] = valid(piece)
	}
	if err := checkScores(t.scores); err != nil {
		return nil, fmt.Errorf("model: vocab: %w", err)
	}
	if err := t.build(func(int) bool { return true }); err != nil {
		return nil, fmt.Errorf("model: vocab: %w", err)
	}
	least := t.scores[0]
	for _, s := range t.scores {
		least = min(least, s)
	}
	t.unkCost = least - unkPenalty
	if t.front, err = f.Front(); err != nil {
		return nil, err
	}
	t.setBytes(m.ByteFallback, t.front.Space)
	t.named = f.Named()
	for _, a := range f.Added {
		for int(a.ID) >= len(t.bytes) {
			t.pieces, t.bytes = append(t.pieces, nil), append(t.bytes, nil)
		}
		t.bytes[a.ID] = []byte(a.Content)
	}
	return t, nil
}
