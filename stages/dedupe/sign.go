package dedupe

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/text"
)

// ordinaryKey is the longest key text, in code points, whose memory is kept for the next document.
const ordinaryKey = 1 << 20

// keyRoom is how much room text.AppendKey wants behind what it has made.
const keyRoom = 4<<10 + 16

// NewSign returns the stage that fills the Sketch of a batch. It drops nothing and changes no other column. cfg must be
// valid.
func NewSign(cfg Config) pipeline.Stage {
	s := &sign{minShingles: cfg.MinShingles}
	s.bands, s.bandSlots = cfg.bands()
	return s
}

type sign struct {
	minShingles int
	bands       int
	bandSlots   int
	key         []uint32
	scratch     []byte
	sketcher    sketcher
}

// Process implements pipeline.Stage.
func (s *sign) Process(ctx context.Context, in *columnar.Batch) (*columnar.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sk := &in.Sketch
	sk.Signature, sk.Exact, sk.Key = sk.Signature[:0], sk.Exact[:0], sk.Key[:0]
	sk.Shingles, sk.Bands = sk.Shingles[:0], sk.Bands[:0]
	for i := range in.Len() {
		s.document(sk, in.Text.At(i))
	}
	return in, nil
}

// document appends the sketch of one text.
func (s *sign) document(sk *columnar.Sketch, t []byte) {
	sk.Exact = append(sk.Exact, xxh3.Hash128(t).Bytes())
	if len(t) > ordinaryKey { // growing step by step leaves several times as much behind
		s.key = slices.Grow(s.key[:0], utf8.RuneCount(t)+keyRoom)
	}
	s.key = text.AppendKey(s.key[:0], t)
	keyHash := noKey
	if len(s.key) > 0 {
		var data []byte
		data, s.scratch = wordBytes(s.key, s.scratch)
		keyHash = xxh3.Hash128(data).Bytes()
	}
	sk.Key = append(sk.Key, keyHash)
	shingles := shingleCount(s.key)
	sk.Shingles = append(sk.Shingles, int32(shingles))

	at := len(sk.Signature)
	sk.Signature = append(sk.Signature, noSignature[:]...)
	if shingles >= s.minShingles {
		s.sketcher.sketch(s.key)
		slots := &s.sketcher.slots
		signature := (*[slotCount]byte)(sk.Signature[at:])
		// Bits 8 to 15 are those of a hash that neither choose the slot nor, being the least of many, lean to zero.
		for i, v := range slots {
			signature[i] = byte(v >> 8)
		}
		s.appendBands(sk)
	}
	if cap(s.key) > ordinaryKey {
		s.key, s.scratch, s.sketcher.long = nil, nil, nil
	}
}

// appendBands appends the band keys of the document that was sketched last.
func (s *sign) appendBands(sk *columnar.Sketch) {
	var data []byte
	data, s.scratch = wordBytes(s.sketcher.slots[:], s.scratch)
	width := 8 * s.bandSlots
	for b := range s.bands {
		sk.Bands = append(sk.Bands, xxh3.HashSeed(data[b*width:(b+1)*width], uint64(b)))
	}
}

// noKey is the key hash of a document whose key text is empty.
var noKey [16]byte

// noSignature is the signature of a document that is too short for one.
var noSignature [slotCount]byte
