package shingle

import (
	"slices"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/text"
)

// ordinaryKey is the longest key text, in code points, whose memory is kept for the next text.
const ordinaryKey = 1 << 20

// keyRoom is how much room text.AppendKey wants behind what it has made.
const keyRoom = 4<<10 + 16

// keyOf is the key text of a text, in the memory of another one.
func keyOf(key []uint32, t []byte) []uint32 {
	if len(t) > ordinaryKey { // growing step by step leaves several times as much behind
		key = slices.Grow(key[:0], utf8.RuneCount(t)+keyRoom)
	}
	return text.AppendKey(key[:0], t)
}

// Signer makes the sketches of texts.
type Signer struct {
	minShingles int
	bands       int
	bandSlots   int
	key         []uint32
	scratch     []byte
	sketcher    sketcher
}

// NewSigner returns a Signer for texts that are near from a threshold on, and have so many shingles; what is shorter gets a
// signature of zeros, and no band keys.
func NewSigner(threshold float64, minShingles int) *Signer {
	s := &Signer{minShingles: minShingles}
	s.bands, s.bandSlots = Bands(threshold)
	return s
}

// Append appends the sketch of one text. It allocates nothing once the memory of sk and its own have grown.
func (s *Signer) Append(sk *columnar.Sketch, t []byte) {
	sk.Exact = append(sk.Exact, xxh3.Hash128(t).Bytes())
	s.key = keyOf(s.key, t)
	keyHash := [16]byte{}
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

// appendBands appends the band keys of the text that was sketched last.
func (s *Signer) appendBands(sk *columnar.Sketch) {
	var data []byte
	data, s.scratch = wordBytes(s.sketcher.slots[:], s.scratch)
	width := 8 * s.bandSlots
	for b := range s.bands {
		sk.Bands = append(sk.Bands, xxh3.HashSeed(data[b*width:(b+1)*width], uint64(b)))
	}
}

// noSignature is the signature of a text that is too short for one.
var noSignature [slotCount]byte
