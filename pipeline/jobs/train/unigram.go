package train

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
	"github.com/millrace/millrace/pipeline/text/unigram"
)

const kindUnigram = "unigram"

// ofPieces is the unigram language model of sentencepiece: see package unigram.
var ofPieces = algorithm{settle: settleUnigram, cutter: unigramCutter, trainer: newUnigram, bytes: func(pretoken []byte) int {
	return len(pretoken) - (len(space)-1)*bytes.Count(pretoken, []byte(space))
}}

func settleUnigram(s *Settings) error {
	s.Cut = cmp.Or(s.Cut, CutJieba)
	least := 1
	if s.ByteFallback {
		least += 256
	}
	return errors.Join(s.checkCut(), s.fits(least), unset(kindUnigram, "pattern", s.Pattern == ""), unset(kindUnigram, "min_frequency", s.MinFrequency == 0),
		unset(kindUnigram, "lowercase", !s.Lowercase), unset(kindUnigram, "alphabet", s.Alphabet == 0))
}

func unigramOptions(s *Settings) unigram.Options {
	return unigram.Options{Size: s.Size, Special: s.Special, Reserved: s.Reserved, ByteFallback: s.ByteFallback, SplitDigits: s.SplitDigits}
}

func unigramCutter(s *Settings) func(text []byte, each func(pretoken []byte)) {
	o, c, han := unigramOptions(s), &unigram.Cutter{}, newHanCutter(s)
	return func(text []byte, each func(pretoken []byte)) {
		c.Cut(text, func(pretoken []byte) {
			o.Parts(pretoken, func(part []byte) { han.cut(part, each) })
		})
	}
}

// unigramTrainer trains a unigram language model.
type unigramTrainer struct {
	*unigram.Trainer
	front unigram.Front
}

func newUnigram(s *Settings) (trainer, error) {
	t, err := unigram.New(unigramOptions(s))
	if err != nil {
		return nil, err
	}
	u := unigramTrainer{Trainer: t}
	if s.NFC {
		u.front.Normalizer = "NFC"
	}
	return u, nil
}

// Train implements trainer.
func (t unigramTrainer) Train(ctx context.Context) (made trained, err error) {
	m, err := t.Trainer.Train(ctx)
	if err != nil {
		return made, err
	}
	made.files = append(made.files, file{tokenizer.JSONName, func(w io.Writer) error { return m.WriteJSON(w, t.front) }})
	if t.front.Normalizer == "" {
		made.files = append(made.files, file{tokenizer.ModelName, func(w io.Writer) error { return m.WriteModel(w, t.front) }})
	} else {
		made.tells = append(made.tells, "no "+tokenizer.ModelName+": sentencepiece knows no normalizer NFC")
	}
	kinds := map[unigram.Type]int64{}
	for _, p := range m.Pieces {
		kinds[p.Type]++
	}
	made.notes = map[string]int64{"pieces": kinds[unigram.Normal]}
	made.tells = append(made.tells, fmt.Sprintf("%s beside special ones and bytes", pipeline.Counted(kinds[unigram.Normal], "piece")))
	return made, nil
}
