package unigram

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/millrace/millrace/pipeline/text/spm"
)

// Fields of a model of sentencepiece (sentencepiece_model.proto).
const (
	modelPieces, modelTrainer, modelNormalizer = 1, 2, 3

	pieceText, pieceScore, pieceType = 1, 2, 3

	normalizerName, normalizerChars, normalizerPrefix, normalizerSqueeze, normalizerEscape = 1, 2, 3, 4, 5

	trainerType, trainerSize, trainerCoverage, trainerLongest                      = 3, 4, 10, 20
	trainerByScript, trainerBySpace, trainerByNumber, trainerSuffix, trainerDigits = 21, 22, 23, 24, 25
	trainerBytes, trainerUnknown, trainerBegin, trainerEnd, trainerPad             = 35, 40, 41, 42, 43
	trainerUnknownPiece, trainerBeginPiece, trainerEndPiece, trainerPadPiece       = 45, 46, 47, 48
)

// WriteModel writes a model of sentencepiece, which cuts texts as the tokenizer.json does but for special tokens, which it does not seek in them. It has
// no normalizer but by tables that are not written here: with one in f it is an error.
func (m *Model) WriteModel(w io.Writer, f Front) error {
	if f.Normalizer != "" {
		return fmt.Errorf("a model of sentencepiece with the normalizer %s is not written: it would need sentencepiece's own tables", f.Normalizer)
	}
	b := bufio.NewWriter(w)
	id := func(names ...string) int64 {
		for _, name := range names {
			if i := slices.IndexFunc(m.Pieces, func(p Piece) bool { return p.Text == name && p.Type == Control }); i >= 0 {
				return int64(i)
			}
		}
		return -1
	}
	put := func(number int, part message) {
		var head message
		head.text(number, string(part))
		_, _ = b.Write(head) // the error is Flush's
	}
	for _, p := range m.Pieces {
		var part message
		part.text(pieceText, p.Text)
		part.float(pieceScore, p.Score)
		if p.Type != Normal {
			part.number(pieceType, int64(p.Type))
		}
		put(modelPieces, part)
	}
	var t message
	t.number(trainerType, spm.Unigram)
	t.number(trainerSize, int64(len(m.Pieces)))
	t.float(trainerCoverage, float32(m.options.CharacterCoverage))
	t.number(trainerLongest, int64(m.options.MaxPieceLength))
	t.bool(trainerByScript, !m.options.MixScripts)
	t.bool(trainerBySpace, true)
	t.bool(trainerByNumber, !m.options.MixScripts)
	t.bool(trainerDigits, m.options.SplitDigits)
	t.bool(trainerBytes, m.ByteFallback)
	t.number(trainerUnknown, int64(m.unknown()))
	for _, s := range []struct {
		number, name int
		names        []string
	}{
		{trainerBegin, trainerBeginPiece, []string{"<s>", "<bos>", "<BOS>", "[BOS]", "<|bos|>"}},
		{trainerEnd, trainerEndPiece, []string{"</s>", "<eos>", "<EOS>", "[EOS]", "<|eos|>"}},
		{trainerPad, trainerPadPiece, []string{"<pad>", "<PAD>", "[PAD]", "<|pad|>"}},
	} {
		i := id(s.names...)
		t.number(s.number, i)
		if i >= 0 {
			t.text(s.name, m.Pieces[i].Text)
		}
	}
	if i := m.unknown(); i >= 0 {
		t.text(trainerUnknownPiece, m.Pieces[i].Text)
	}
	put(modelTrainer, t)
	var n message
	n.text(normalizerName, "identity")
	n.bool(normalizerPrefix, f.Prefix)
	n.bool(normalizerSqueeze, false)
	n.bool(normalizerEscape, true)
	put(modelNormalizer, n)
	return b.Flush()
}

// ReadModel reads a model of sentencepiece that is a unigram language model. Texts are cut as sentencepiece cuts them (0.2.3).
func ReadModel(data []byte) (*Tokenizer, error) {
	m, err := spm.Read(data)
	if err != nil {
		return nil, err
	}
	return OfModel(m)
}

// OfModel makes a tokenizer of a model that is read.
func OfModel(m *spm.Model) (*Tokenizer, error) {
	if m.Kind != spm.Unigram {
		return nil, fmt.Errorf("the model is of type %d: only unigram language models, type %d, are read", m.Kind, spm.Unigram)
	}
	t := &Tokenizer{unknown: m.Unknown, model: m.Front, most: float64(float32(1.1754943508222875e-38))}
	least := math.MaxFloat32
	for id, p := range m.Pieces {
		t.pieces, t.scores = append(t.pieces, p.Text), append(t.scores, float64(p.Score))
		switch p.Type {
		case spm.Normal:
			least, t.most = min(least, float64(p.Score)), max(t.most, float64(p.Score))
		case spm.Given:
			if t.given == nil {
				t.given = map[int32]bool{}
			}
			t.given[int32(id)] = true
		}
	}
	t.unkCost = float64(float32(least) - unkPenalty)
	if err := t.build(func(id int) bool { return m.Pieces[id].Type == spm.Normal || m.Pieces[id].Type == spm.Given }); err != nil {
		return nil, err
	}
	t.setBytes(m.ByteFallback, space)
	return t, nil
}
