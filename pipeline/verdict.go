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
func (j *Job) Shards(ctx context.Context) ([]Shard, error) {
	var shards []Shard
	err := ReadJSON(ctx, j.Work, ShardsName, &shards)
	return shards, err
}

// KeptMask reads the bits of documents first..end-1 of the run: true is kept.
func (j *Job) KeptMask(ctx context.Context, first, end int64) (mask []bool, err error) {
	o, err := j.Work.Open(ctx, KeptName)
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

// ShardReader reads the kept documents of a shard, block by block in the order of the plan.
type ShardReader struct {
	job   *Job
	shard Shard
	bases []int64
	mask  []bool // of the documents of the shard

	split       int   // the one that is read
	number      int64 // of the first document of its next block
	block       int
	spill       *columnar.Spill
	object      Object
	rows, bytes int64 // so far
	rowMask     []bool
}

// OpenShard begins to read the kept documents of a shard. A shard that the run does not have is a permanent error.
func OpenShard(ctx context.Context, job *Job, shard int) (Reader, error) {
	shards, err := job.Shards(ctx)
	if err != nil {
		return nil, err
	}
	if shard < 0 || shard >= len(shards) {
		return nil, Permanent(fmt.Errorf("shard %d: there are %d shards", shard, len(shards)))
	}
	r := &ShardReader{job: job, shard: shards[shard], split: -1}
	if r.bases, err = job.DocumentBases(ctx); err != nil {
		return nil, err
	}
	r.mask, err = job.KeptMask(ctx, r.shard.First, r.shard.End)
	return r, err
}

// Read implements Reader. At the end it fails unless it has read just what the shard is to hold (invariant 7).
func (r *ShardReader) Read(ctx context.Context, b *columnar.Batch) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		for r.spill == nil || r.block == r.spill.Blocks() || r.number >= r.shard.End {
			more, err := r.next(ctx)
			if err != nil {
				return err
			}
			if more {
				continue
			}
			if r.rows != r.shard.Kept || r.bytes != r.shard.Bytes {
				return fmt.Errorf("found %d documents of %d bytes, the shard has %d of %d", r.rows, r.bytes, r.shard.Kept, r.shard.Bytes)
			}
			return io.EOF
		}
		kept, err := r.readBlock(b)
		if err != nil {
			return fmt.Errorf("split %d: %w", r.split, err)
		}
		if kept > 0 {
			r.rows += int64(b.Len())
			r.bytes += b.Text.Size(0, b.Len())
			return nil
		}
		b.Reset()
	}
}

// next opens the next split that the shard has documents of.
func (r *ShardReader) next(ctx context.Context) (more bool, err error) {
	if err := r.Close(); err != nil {
		return false, err
	}
	for r.split++; r.split < len(r.bases)-1; r.split++ {
		first, end := r.bases[r.split], r.bases[r.split+1]
		if first == end || end <= r.shard.First || first >= r.shard.End {
			continue
		}
		if r.object, err = r.job.Work.Open(ctx, DocumentsName(r.split)); err != nil {
			return false, fmt.Errorf("split %d: %w", r.split, err)
		}
		if r.spill, err = columnar.OpenSpill(r.object, r.object.Size()); err != nil {
			return false, fmt.Errorf("split %d: %w", r.split, err)
		}
		r.block, r.number = 0, first
		return true, nil
	}
	return false, nil
}

// readBlock reads the next block, if documents of it are kept, and says how many are.
func (r *ShardReader) readBlock(b *columnar.Batch) (kept int, err error) {
	block, first := r.block, r.number
	rows := int64(r.spill.Rows(block))
	r.block, r.number = block+1, first+rows
	if first+rows <= r.shard.First {
		return 0, nil
	}
	r.rowMask = append(r.rowMask[:0], make([]bool, rows)...)
	for i := range r.rowMask {
		d := first + int64(i)
		if d >= r.shard.First && d < r.shard.End && r.mask[d-r.shard.First] {
			r.rowMask[i] = true
			kept++
		}
	}
	if kept == 0 {
		return 0, nil
	}
	if err := r.spill.Read(block, b); err != nil {
		return 0, err
	}
	if kept < len(r.rowMask) {
		b.Keep(r.rowMask)
	}
	return kept, nil
}

// Close implements Reader.
func (r *ShardReader) Close() error {
	if r.object == nil {
		return nil
	}
	err := r.object.Close()
	r.object, r.spill = nil, nil
	return err
}
