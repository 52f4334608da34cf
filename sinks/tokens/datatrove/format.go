// Package datatrove writes token files that datatrove reads: NAME.ds has the tokens, NAME.ds.index where documents end, NAME.ds.metadata the tokenizer and the
// number of tokens.
//
// Documents end where the next one of a sequence begins, and with the sequence: datatrove counts positions anew there. Padding is one more of them; a
// document without tokens has no end, since two ends at one place give wrong positions. Nothing is kept in memory. There is no .ds.loss: every token counts.
package datatrove

import (
	"context"
	"fmt"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Format is what the package writes: datatrove/train/train-00003-of-00016.ds, .ds.index and .ds.metadata.
var Format = tokens.Format{Name: "datatrove", New: create}

type writer struct {
	spec              tokens.Spec
	files             tokens.Files
	data, index, meta *tokens.File
	before, last      uint64 // tokens of the sequences before; where the last document ended
}

func create(ctx context.Context, job *pipeline.Job, folder string, shard tokens.Shard, spec tokens.Spec) (tokens.Writer, error) {
	f, err := tokens.CreateFiles(ctx, job, shard.Path(folder), ".ds", ".ds.index", ".ds.metadata")
	if err != nil {
		return nil, err
	}
	return &writer{spec: spec, files: f, data: f[0], index: f[1], meta: f[2]}, nil
}

func (w *writer) Write(q *tokens.Sequence) error {
	if err := w.spec.Check(q); err != nil {
		return err
	}
	w.data.Rows++
	if err := w.data.Tokens(w.spec, q.Tokens); err != nil {
		return err
	}
	for i := range q.Starts {
		if err := w.end(w.before + uint64(q.End(i))); err != nil {
			return err
		}
	}
	w.before += uint64(len(q.Tokens))
	return w.end(w.before)
}

// end says that a document ends behind so many tokens of the shard.
func (w *writer) end(at uint64) error {
	if at == w.last {
		return nil
	}
	w.last = at
	w.index.Rows++
	return w.index.Uint64(at)
}

func (w *writer) Commit() ([]pipeline.Output, error) {
	name := w.spec.Tokenizer
	if name == "" {
		name = "Unknown Tokenizer"
	}
	if _, err := fmt.Fprintf(w.meta, "%s|%d\n%d\n%s", name, w.spec.TokenBytes(), w.before, metric(w.before)); err != nil {
		return nil, err
	}
	return w.files.Commit()
}

func (w *writer) Close() error { return w.files.Close() }

// metric is a number of tokens as datatrove writes it for people, in three digits: 1.23 MT.
func metric(n uint64) string {
	v, unit := float64(n), 0 // v in thousands to the power of unit
	for ; v >= 1000; unit++ {
		v /= 1000
	}
	text := threeDigits(v)
	if text == "1000" {
		text, unit = "1.00", unit+1
	}
	return text + " " + [...]string{"", "k", "M", "G", "T", "P", "E"}[unit] + "T"
}

func threeDigits(v float64) string {
	for decimals := 2; decimals > 0; decimals-- {
		if text := strconv.FormatFloat(v, 'f', decimals, 64); len(text) <= len("1.23") {
			return text
		}
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
