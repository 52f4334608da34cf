// Package mds writes token files that StreamingDataset of MosaicML's streaming reads: version 2 of MDS, chunks of at most 64 MiB, not compressed, and an
// index.json of all chunks of a split.
//
// A sample has three columns. tokens are its tokens as uint16 or uint32; cu_seqlens where documents, or parts of them, begin in it and where the last one
// ends, as int32: what follows is padding; ids the ids of these documents in hexadecimal digits, with spaces between. A chunk is in memory at a time.
package mds

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Format is what the package writes: mds/train/train-00003-of-00016.00000.mds and mds/train/index.json.
var Format = formatOf(tokens.ChunkBytes)

// formatOf is the format with chunks of at most so many bytes.
func formatOf(limit int) tokens.Format {
	l := layout{limit}
	return tokens.Format{Name: "mds", New: l.create, Index: l.index}
}

const ending = ".mds"

type layout struct{ limit int }

type writer struct {
	spec   tokens.Spec
	chunks *tokens.Chunks
}

func (l layout) create(ctx context.Context, job *pipeline.Job, folder string, shard tokens.Shard, spec tokens.Spec) (tokens.Writer, error) {
	head, err := encode(l.config(spec))
	if err != nil {
		return nil, err
	}
	name := shard.Path(folder)
	return &writer{spec: spec, chunks: tokens.NewChunks(ctx, job, l.limit, head, func(chunk int) string {
		return fmt.Sprintf("%s.%05d%s", name, chunk, ending)
	})}, nil
}

// Write appends a sample: the sizes of the columns that vary, then the columns in the order of their names.
func (w *writer) Write(q *tokens.Sequence) error {
	if err := w.spec.Check(q); err != nil {
		return err
	}
	bounds, ids, values := len(q.Starts)+1, idBytes(len(q.IDs)), len(q.Tokens)*w.spec.TokenBytes()
	sizeOfBounds, sizeOfTokens, head := 4*bounds+shapeBytes(bounds), values, 8
	if w.spec.Length == 0 {
		sizeOfTokens, head = values+shapeBytes(len(q.Tokens)), 12
	}
	b, err := w.chunks.Begin(head + sizeOfBounds + ids + sizeOfTokens)
	if err != nil {
		return err
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(sizeOfBounds))
	b = binary.LittleEndian.AppendUint32(b, uint32(ids))
	if w.spec.Length == 0 {
		b = binary.LittleEndian.AppendUint32(b, uint32(sizeOfTokens))
	}
	b = appendShape(b, bounds)
	for _, start := range q.Starts {
		b = binary.LittleEndian.AppendUint32(b, uint32(start))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(q.Text()))
	for i := range q.IDs {
		if i > 0 {
			b = append(b, ' ')
		}
		b = hex.AppendEncode(b, q.IDs[i][:])
	}
	if w.spec.Length == 0 {
		b = appendShape(b, len(q.Tokens))
	}
	if b, err = w.spec.AppendTokens(b, q.Tokens); err != nil {
		return err
	}
	w.chunks.End(b)
	return nil
}

// idBytes is how long n ids are with spaces between.
func idBytes(n int) int { return max(33*n-1, 0) }

// appendShape appends the shape of an array of one dimension: a byte with the number of dimensions and the width of what follows, which is its length.
func appendShape(b []byte, n int) []byte {
	const dimensions = 1 << 2
	switch {
	case n < 1<<8:
		return append(b, dimensions, byte(n))
	case n < 1<<16:
		return binary.LittleEndian.AppendUint16(append(b, dimensions|1), uint16(n))
	default:
		return binary.LittleEndian.AppendUint32(append(b, dimensions|2), uint32(n))
	}
}

// shapeBytes is what appendShape appends.
func shapeBytes(n int) int {
	switch {
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	default:
		return 5
	}
}

func (w *writer) Commit() ([]pipeline.Output, error) { return w.chunks.Commit() }

func (w *writer) Close() error { return nil }
