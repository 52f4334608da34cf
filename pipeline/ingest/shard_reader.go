package ingest

import (
	"context"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// ShardReader reads the kept documents of a shard, block by block in the order of the plan.
type ShardReader struct {
	job   *pipeline.Job
	shard Shard
	bases []int64
	mask  []bool // of the documents of the shard
	won   []byte // records of its winners that no block had yet

	split       int   // the one that is read
	number      int64 // of the first document of its next block
	block       int
	spill       *columnar.Spill
	object      pipeline.Object
	rows, bytes int64 // so far
	rowMask     []bool
}

// OpenShard begins to read the kept documents of a shard. A shard that the run does not have is a permanent error.
func OpenShard(ctx context.Context, job *pipeline.Job, shard int) (pipeline.Reader, error) {
	shards, err := Shards(ctx, job)
	if err != nil {
		return nil, err
	}
	if shard < 0 || shard >= len(shards) {
		return nil, pipeline.Permanent(fmt.Errorf("shard %d: there are %d shards", shard, len(shards)))
	}
	r := &ShardReader{job: job, shard: shards[shard], split: -1}
	if r.bases, err = Bases(ctx, job); err != nil {
		return nil, err
	}
	if r.mask, err = KeptMask(ctx, job, r.shard.First, r.shard.End); err != nil {
		return nil, err
	}
	r.won, err = readWinners(ctx, job, shards, shard)
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
			if len(r.won) > 0 {
				return fmt.Errorf("%s names document %d, which is not kept in the shard", WinnersName, decodeWinner(r.won).Document)
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
	r.count(first, b)
	return kept, nil
}

// count says of the kept documents of a block, which begins with the given number, how many each of them stands for.
func (r *ShardReader) count(first int64, b *columnar.Batch) {
	for i, kept := range r.rowMask {
		if !kept {
			continue
		}
		losers := uint32(0)
		if len(r.won) > 0 {
			if w := decodeWinner(r.won); w.Document == first+int64(i) {
				losers, r.won = w.Losers, r.won[WinnerBytes:]
			}
		}
		b.Copies = append(b.Copies, CopiesOf(int64(losers)))
	}
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
