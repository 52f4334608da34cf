// Package megatron writes token files that Megatron-LM reads as an IndexedDataset: NAME.bin has the tokens, NAME.idx where sequences begin and documents end.
//
// Every sequence is a document of the index, as datatrove and Megatron's own tool write it. While a shard is written, 4 bytes of each sequence are in memory. A
// shard without sequences has an empty .bin, which Megatron refuses to map.
package megatron

import (
	"context"
	"encoding/binary"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Format is what the package writes: megatron/train/train-00003-of-00016.bin and .idx.
var Format = tokens.Format{Name: "megatron", New: create}

const (
	magic   = "MMIDIDX\x00\x00"
	version = 1
	int32s  = 4 // the codes of types that Megatron knows
	uint16s = 8
)

type writer struct {
	ctx     context.Context
	job     *pipeline.Job
	spec    tokens.Spec
	name    string
	files   tokens.Files // .bin; in the end .idx, too
	lengths []int32      // of the sequences, in tokens
}

func create(ctx context.Context, job *pipeline.Job, folder string, shard tokens.Shard, spec tokens.Spec) (tokens.Writer, error) {
	name := shard.Path(folder)
	files, err := tokens.CreateFiles(ctx, job, name, ".bin")
	if err != nil {
		return nil, err
	}
	return &writer{ctx: ctx, job: job, spec: spec, name: name, files: files}, nil
}

func (w *writer) Write(q *tokens.Sequence) error {
	if err := w.spec.Check(q); err != nil {
		return err
	}
	w.lengths = append(w.lengths, int32(len(q.Tokens)))
	w.files[0].Rows++
	return w.files[0].Tokens(w.spec, q.Tokens)
}

func (w *writer) Commit() ([]pipeline.Output, error) {
	idx, err := tokens.Create(w.ctx, w.job, w.name+".idx")
	if err != nil {
		return nil, err
	}
	w.files = append(w.files, idx)
	if err := w.index(idx); err != nil {
		return nil, err
	}
	return w.files.Commit()
}

// index writes the lengths of the sequences, their offsets in bytes, and of each document the number of sequences before it, with that of all behind.
func (w *writer) index(f *tokens.File) error {
	n := len(w.lengths)
	f.Rows = int64(n)
	head := binary.LittleEndian.AppendUint64([]byte(magic), version)
	if w.spec.TokenBytes() == 2 {
		head = append(head, uint16s)
	} else {
		head = append(head, int32s)
	}
	head = binary.LittleEndian.AppendUint64(head, uint64(n))
	head = binary.LittleEndian.AppendUint64(head, uint64(n)+1)
	if _, err := f.Write(head); err != nil {
		return err
	}
	for _, length := range w.lengths {
		if err := f.Uint32(uint32(length)); err != nil {
			return err
		}
	}
	offset := uint64(0)
	for _, length := range w.lengths {
		if err := f.Uint64(offset); err != nil {
			return err
		}
		offset += uint64(length) * uint64(w.spec.TokenBytes())
	}
	for i := range n + 1 {
		if err := f.Uint64(uint64(i)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) Close() error { return w.files.Close() }
