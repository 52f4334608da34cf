package train

import (
	"context"
	"errors"
	"slices"

	bpe "github.com/millrace/millrace/pipeline/text/bpe/train"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

const (
	kindWordPiece = "wordpiece"
	// unknownWord is the special token of what cannot be cut; where it is not named among the special ones it stands in front of them.
	unknownWord = "[UNK]"
)

// ofWords is WordPiece, as BERT has it: see package bpe/train.
var ofWords = algorithm{
	settle:  settleWordPiece,
	cutter:  func(s *Settings) func(text []byte, each func(pretoken []byte)) { return bpe.Words(s.Lowercase) },
	trainer: newWordPiece,
}

func settleWordPiece(s *Settings) error {
	if !slices.Contains(s.Special, unknownWord) {
		s.Special = append([]string{unknownWord}, s.Special...)
	}
	return errors.Join(s.fits(0), unset(kindWordPiece, "pattern", s.Pattern == ""), unset(kindWordPiece, "cut", s.Cut == ""), unset(kindWordPiece, "nfc", !s.NFC),
		unset(kindWordPiece, "split_digits", !s.SplitDigits), unset(kindWordPiece, "byte_fallback", !s.ByteFallback))
}

type wordPieceTrainer struct{ *bpe.WordPieceTrainer }

func newWordPiece(s *Settings) (trainer, error) {
	t, err := bpe.NewWordPiece(bpe.WordPieceOptions{
		Options: bpe.Options{Size: s.Size, MinFrequency: s.MinFrequency, Special: s.Special, Reserved: s.Reserved}, Unknown: unknownWord,
		Alphabet: s.Alphabet, Lowercase: s.Lowercase,
	})
	return wordPieceTrainer{t}, err
}

// Train implements trainer.
func (t wordPieceTrainer) Train(ctx context.Context) (trained, error) {
	m, err := t.WordPieceTrainer.Train(ctx)
	if err != nil {
		return trained{}, err
	}
	least := leastMerge(m.Merges)
	return trained{
		files: []file{{tokenizer.JSONName, m.WriteJSON}},
		notes: map[string]int64{"merges": int64(len(m.Merges)), "least_merge": least},
		tells: []string{mergesSay(len(m.Merges), least)},
	}, nil
}

// leastMerge is how often the pair stood there that was merged last, 0 if none was.
func leastMerge(list []bpe.Merge) int64 {
	if n := len(list); n > 0 {
		return list[n-1].Count
	}
	return 0
}
