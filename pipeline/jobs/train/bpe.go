package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	bpe "github.com/millrace/millrace/pipeline/text/bpe/train"
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/pretoken"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

const (
	kindBPE        = "bpe"
	defaultPattern = "gpt4o"
	mergesName     = "merges.tsv"
)

// byteLevel is byte-level BPE: see package bpe/train.
var byteLevel = algorithm{settle: settleBPE, cutter: bpeCutter, trainer: newBPE}

func settleBPE(s *Settings) error {
	s.Pattern, s.Cut = cmp.Or(s.Pattern, defaultPattern), cmp.Or(s.Cut, CutJieba)
	errs := []error{s.checkCut(), unset(kindBPE, "byte_fallback", !s.ByteFallback), unset(kindBPE, "lowercase", !s.Lowercase), unset(kindBPE, "alphabet", s.Alphabet == 0)}
	if _, ok := pretoken.ByName(s.Pattern); !ok {
		errs = append(errs, fmt.Errorf("pattern %q: known are %s", s.Pattern, strings.Join(pretoken.Names(), ", ")))
	}
	return errors.Join(append(errs, s.fits(bytesOfBPE))...)
}

// bytesOfBPE are the tokens that every text needs.
const bytesOfBPE = 256

func (s *Settings) digits() int {
	if s.SplitDigits {
		return 1
	}
	return 0
}

func bpeCutter(s *Settings) func(text []byte, each func(pretoken []byte)) {
	p, _ := pretoken.ByName(s.Pattern)
	o := pretoken.Options{Digits: s.digits()}
	switch s.Cut {
	case CutNone:
	case CutJieba:
		o.Words = jieba.Default().Cutter(true)
	default:
		o.Han, _ = strconv.Atoi(s.Cut) // it is checked
	}
	c, err := pretoken.NewCutter(p, o)
	if err != nil {
		panic(err) // programmer error: settings are checked
	}
	return c.Cut
}

// bpeTrainer trains byte-level BPE.
type bpeTrainer struct {
	*bpe.Trainer
	json bpe.JSONOptions
}

func newBPE(s *Settings) (trainer, error) {
	t, err := bpe.New(bpe.Options{Size: s.Size, MinFrequency: s.MinFrequency, Special: s.Special, Reserved: s.Reserved})
	if err != nil {
		return nil, err
	}
	p, _ := pretoken.ByName(s.Pattern)
	return bpeTrainer{t, bpe.JSONOptions{Pattern: p, Digits: s.digits(), NFC: s.NFC}}, nil
}

// Train implements trainer.
func (t bpeTrainer) Train(ctx context.Context) (trained, error) {
	m, err := t.Trainer.Train(ctx)
	if err != nil {
		return trained{}, err
	}
	least := leastMerge(m.Merges)
	return trained{
		files: []file{
			{tokenizer.JSONName, func(w io.Writer) error { return m.WriteJSON(w, t.json) }},
			{mergesName, func(w io.Writer) error { return writeMerges(w, m) }},
		},
		notes: map[string]int64{"merges": int64(len(m.Merges)), "least_merge": least},
		tells: []string{mergesSay(len(m.Merges), least)},
	}, nil
}
