package ingest

import (
	"encoding/binary"
	"fmt"

	"github.com/millrace/millrace/pipeline/columnar"
)

// Kinds of duplicate, strongest first.
const (
	KindExact   = uint8(1) // equal text
	KindSameKey = uint8(2) // equal key text
	KindNear    = uint8(3) // their shingles resemble each other to the threshold
)

// KindName is the word for a kind in ledgers.
func KindName(kind uint8) string {
	switch kind {
	case KindExact:
		return "exact"
	case KindSameKey:
		return "same_key"
	case KindNear:
		return "near"
	}
	return fmt.Sprintf("kind %d", kind)
}

// Verdict says of a document that is not kept which other one it is like.
type Verdict struct {
	Document      int64 // number in the run
	ID            [16]byte
	WinnerID      [16]byte
	WinnerVersion int32 // the run's own version, or an earlier one
	Score         uint32
	Kind          uint8
	// Withdrawn says that the winner is one that was withdrawn, and blocks: the document is no duplicate, but rejected, with
	// ReasonWithdrawn.
	Withdrawn bool
}

// Detail is what there is to say of a reject with ReasonWithdrawn, for people.
func (v *Verdict) Detail() string {
	like := "it is " + KindName(v.Kind) + " with"
	switch v.Kind {
	case KindExact:
		like = "its text is that of"
	case KindSameKey:
		like = "its key text is that of"
	case KindNear:
		like = fmt.Sprintf("%d of %d bytes of its signature are those of", v.Score, MostEqualBytes)
	}
	return fmt.Sprintf("%s %x of version %d, which is withdrawn", like, v.WinnerID, v.WinnerVersion)
}

// A score up to MostEqualBytes is an estimate: so many of the 256 bytes of the two signatures are equal, which is all of
// them for the kinds other than near. A score above is exact: the Jaccard resemblance of the two sets of shingles in
// millionths, rounded down.
const (
	MostEqualBytes = columnar.SignatureBytes
	Millionths     = 1_000_000
)

// ExactScore says whether a score is an exact resemblance, in Millionths, and not an estimate.
func ExactScore[T ~int | ~int32 | ~int64 | ~uint32](score T) bool { return score > MostEqualBytes }

// withdrawnBit marks, in the kind of an encoded Verdict, that the winner is withdrawn.
const withdrawnBit = 0x80

// VerdictBytes is the length of an encoded Verdict.
const VerdictBytes = 48

// AppendVerdict encodes v, little-endian.
func AppendVerdict(b []byte, v Verdict) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(v.Document))
	b = append(b, v.ID[:]...)
	b = append(b, v.WinnerID[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(v.WinnerVersion))
	kind := v.Kind
	if v.Withdrawn {
		kind |= withdrawnBit
	}
	return binary.LittleEndian.AppendUint32(b, v.Score|uint32(kind)<<24)
}

// DecodeVerdict decodes the first VerdictBytes of b.
func DecodeVerdict(b []byte) (v Verdict) {
	_ = b[VerdictBytes-1]
	v.Document = int64(binary.LittleEndian.Uint64(b))
	copy(v.ID[:], b[8:24])
	copy(v.WinnerID[:], b[24:40])
	v.WinnerVersion = int32(binary.LittleEndian.Uint32(b[40:]))
	v.Score = binary.LittleEndian.Uint32(b[44:]) & 0xFFFFFF
	v.Kind, v.Withdrawn = b[47]&^withdrawnBit, b[47]&withdrawnBit != 0
	return v
}
