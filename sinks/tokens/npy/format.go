// Package npy writes token files as dolma does, which OLMo reads: NAME.npy has the tokens, without the header that files of NumPy have, and NAME.csv.gz a line
// of start,end,id,src,loc for each document, or part of one, that begins in the shard.
//
// Start and end count tokens of the shard. The id is that of the corpus; src, in dolma the path of a file, is empty, and loc, its line there, is the number
// of the line here. Padding is in no line. Nothing is kept in memory.
package npy

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"

	"github.com/klauspost/compress/gzip"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Format is what the package writes: npy/train/train-00003-of-00016.npy and .csv.gz.
var Format = tokens.Format{Name: "npy", New: create}

type writer struct {
	spec       tokens.Spec
	files      tokens.Files
	data, meta *tokens.File
	gzip       *gzip.Writer
	line       []byte
	before     uint64 // tokens of the sequences before
}

func create(ctx context.Context, job *pipeline.Job, folder string, shard tokens.Shard, spec tokens.Spec) (tokens.Writer, error) {
	f, err := tokens.CreateFiles(ctx, job, shard.Path(folder), ".npy", ".csv.gz")
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewWriterLevel(f[1], gzip.BestSpeed)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &writer{spec: spec, files: f, data: f[0], meta: f[1], gzip: z}, nil
}

func (w *writer) Write(q *tokens.Sequence) error {
	if err := w.spec.Check(q); err != nil {
		return err
	}
	w.data.Rows++
	if err := w.data.Tokens(w.spec, q.Tokens); err != nil {
		return err
	}
	for i, start := range q.Starts {
		l := strconv.AppendUint(w.line[:0], w.before+uint64(start), 10)
		l = strconv.AppendUint(append(l, ','), w.before+uint64(q.End(i)), 10)
		l = hex.AppendEncode(append(l, ','), q.IDs[i][:])
		l = strconv.AppendInt(append(l, ",,"...), w.meta.Rows, 10)
		w.line = append(l, "\r\n"...) // as Python's csv.writer
		if _, err := w.gzip.Write(w.line); err != nil {
			return err
		}
		w.meta.Rows++
	}
	w.before += uint64(len(q.Tokens))
	return nil
}

func (w *writer) Commit() ([]pipeline.Output, error) {
	if err := w.gzip.Close(); err != nil {
		return nil, err
	}
	return w.files.Commit()
}

func (w *writer) Close() error { return w.files.Close() }
