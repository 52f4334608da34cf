package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"millrace/pipeline/columnar"
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

// Verdict says which document is a duplicate of which.
type Verdict struct {
	Document      int64 // number in the run
	ID            [16]byte
	WinnerID      [16]byte
	WinnerVersion int32 // the run's own version, or an earlier one
	Score         uint32
	Kind          uint8
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

// VerdictBytes is the length of an encoded Verdict.
const VerdictBytes = 48

// AppendVerdict encodes v, little-endian.
func AppendVerdict(b []byte, v Verdict) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(v.Document))
	b = append(b, v.ID[:]...)
	b = append(b, v.WinnerID[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(v.WinnerVersion))
	return binary.LittleEndian.AppendUint32(b, v.Score|uint32(v.Kind)<<24)
}

// DecodeVerdict decodes the first VerdictBytes of b.
func DecodeVerdict(b []byte) (v Verdict) {
	_ = b[VerdictBytes-1]
	v.Document = int64(binary.LittleEndian.Uint64(b))
	copy(v.ID[:], b[8:24])
	copy(v.WinnerID[:], b[24:40])
	v.WinnerVersion = int32(binary.LittleEndian.Uint32(b[40:]))
	v.Score = binary.LittleEndian.Uint32(b[44:]) & 0xFFFFFF
	v.Kind = b[47]
	return v
}

// Shard is a range of the run's documents whose kept ones make one output file. The shards of a run cover it whole.
type Shard struct {
	First int64 `json:"first"` // number of the first document
	End   int64 `json:"end"`   // number behind the last
	Kept  int64 `json:"kept"`
	Bytes int64 `json:"bytes"` // of kept text
}

// Shards reads the shard plan that resolve wrote.
func (f *Files) Shards(ctx context.Context) ([]Shard, error) {
	var shards []Shard
	err := ReadJSON(ctx, f.Work, ShardsName, &shards)
	return shards, err
}

// KeptMask reads the bits of documents first..end-1 of the run: true is kept.
func (f *Files) KeptMask(ctx context.Context, first, end int64) (mask []bool, err error) {
	o, err := f.Work.Open(ctx, KeptName)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if first < 0 || end < first || (end+7)/8 > o.Size() {
		return nil, fmt.Errorf("%s has %d bytes, too few for documents %d to %d", KeptName, o.Size(), first, end)
	}
	from := first / 8
	data := make([]byte, (end+7)/8-from)
	if _, err := io.ReadFull(io.NewSectionReader(o, from, int64(len(data))), data); err != nil {
		return nil, fmt.Errorf("read %s: %w", KeptName, err)
	}
	mask = make([]bool, end-first)
	for i := range mask {
		d := first + int64(i) - from*8
		mask[i] = data[d/8]>>(d%8)&1 == 1
	}
	return mask, nil
}

// ScanKept calls f with the kept documents of a shard, batch by batch in plan order. The batch is valid until f returns.
func (f *Files) ScanKept(ctx context.Context, shard Shard, yield func(*columnar.Batch) error) error {
	bases, err := f.DocumentBases(ctx)
	if err != nil {
		return err
	}
	mask, err := f.KeptMask(ctx, shard.First, shard.End)
	if err != nil {
		return err
	}
	var b columnar.Batch
	for split := range len(bases) - 1 {
		if bases[split+1] <= shard.First || bases[split] >= shard.End || bases[split] == bases[split+1] {
			continue
		}
		if err := f.scanSplit(ctx, split, bases[split], shard, mask, &b, yield); err != nil {
			return fmt.Errorf("split %d: %w", split, err)
		}
	}
	return nil
}

func (f *Files) scanSplit(ctx context.Context, split int, base int64, shard Shard, mask []bool, b *columnar.Batch,
	yield func(*columnar.Batch) error,
) (err error) {
	o, err := f.Work.Open(ctx, DocumentsName(split))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	spill, err := columnar.OpenSpill(o, o.Size())
	if err != nil {
		return err
	}
	number := base // of the block's first document
	for i := range spill.Blocks() {
		rows := int64(spill.Rows(i))
		first, end := number, number+rows
		number = end
		if end <= shard.First || first >= shard.End {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := spill.Read(i, b); err != nil {
			return err
		}
		rowMask := make([]bool, rows)
		kept := 0
		for r := range rowMask {
			d := first + int64(r)
			if d >= shard.First && d < shard.End && mask[d-shard.First] {
				rowMask[r] = true
				kept++
			}
		}
		if kept == 0 {
			continue
		}
		if kept < len(rowMask) {
			b.Keep(rowMask)
		}
		if err := yield(b); err != nil {
			return err
		}
	}
	return nil
}
