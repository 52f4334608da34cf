package unigram

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"millrace/pipeline/text/tokenjson"
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

// typeUnigram is the kind of model that this is.
const typeUnigram = 1

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
	t.number(trainerType, typeUnigram)
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
	if len(data) > tokenjson.MaxBytes {
		return nil, fmt.Errorf("%d bytes: a tokenizer has %d at most", len(data), tokenjson.MaxBytes)
	}
	front := &modelFront{prefix: true, squeeze: true, escape: true}
	t := &Tokenizer{unknown: -1, model: front}
	var types []Type
	kind := uint64(typeUnigram)
	byByte := false
	err := fields(data, func(f field) error {
		switch f.number {
		case modelPieces:
			return t.readPiece(f.bytes, &types)
		case modelTrainer:
			return fields(f.bytes, func(f field) error {
				switch f.number {
				case trainerType:
					kind = f.value
				case trainerSuffix:
					front.suffix = f.bool()
				case trainerBytes:
					byByte = f.bool()
				}
				return nil
			})
		case modelNormalizer:
			return front.read(f.bytes)
		}
		return nil
	})
	switch {
	case errors.Is(err, errWire):
		return nil, fmt.Errorf("no model of sentencepiece: %w", err)
	case err != nil:
		return nil, err
	case len(t.pieces) == 0:
		return nil, errors.New("no model of sentencepiece: it has no pieces")
	case kind != typeUnigram:
		return nil, fmt.Errorf("the model is of type %d: only unigram language models, type %d, are read", kind, typeUnigram)
	}
	return t, t.finish(types, byByte)
}

func (m *modelFront) read(data []byte) error {
	return fields(data, func(f field) (err error) {
		switch f.number {
		case normalizerChars:
			if len(f.bytes) > 0 {
				m.chars, err = tokenjson.ReadCharsMap(f.bytes)
			}
		case normalizerPrefix:
			m.prefix = f.bool()
		case normalizerSqueeze:
			m.squeeze = f.bool()
		case normalizerEscape:
			m.escape = f.bool()
		}
		return err
	})
}

func (t *Tokenizer) readPiece(data []byte, types *[]Type) error {
	if len(t.pieces) == tokenjson.MaxTokens {
		return fmt.Errorf("more than %d pieces", tokenjson.MaxTokens)
	}
	kind, score, text := Normal, 0.0, ""
	err := fields(data, func(f field) error {
		switch f.number {
		case pieceText:
			text = string(f.bytes)
		case pieceScore:
			score = float64(f.float())
		case pieceType:
			kind = Type(f.value)
		}
		return nil
	})
	t.pieces, t.scores, *types = append(t.pieces, valid(text)), append(t.scores, score), append(*types, kind)
	return err
}

// finish makes a tokenizer of the pieces that are read.
func (t *Tokenizer) finish(types []Type, byByte bool) error {
	if err := checkScores(t.scores); err != nil {
		return err
	}
	least, most := math.MaxFloat32, float64(float32(1.1754943508222875e-38))
	given := map[int32]bool{}
	for id, kind := range types {
		switch kind {
		case Unknown:
			if t.unknown >= 0 {
				return errors.New("two pieces are of type unknown")
			}
			t.unknown = int32(id)
		case Normal:
			least, most = min(least, t.scores[id]), max(most, t.scores[id])
		case Given:
			given[int32(id)] = true
		case Control, Unused, Byte:
		default:
			return fmt.Errorf("piece %d is of type %d, which there is not", id, kind)
		}
	}
	if t.unknown < 0 {
		return errors.New("no piece is of type unknown")
	}
	t.unkCost = float64(float32(least) - unkPenalty)
	t.model.most = most
	if len(given) > 0 {
		t.model.given = given
		if err := t.build(func(id int) bool { return given[int32(id)] }); err != nil {
			return err
		}
		t.model.match = t.trie
	}
	if err := t.build(func(id int) bool { return types[id] == Normal || types[id] == Given }); err != nil {
		return err
	}
	t.setBytes(byByte, space)
	return nil
}
