// Package webdataset writes token files as tokshuf of DCLM does, which WebDataset and OpenLM read: tars of 8192 contexts of one length, each a file of JSON
// that gzip compressed, and a manifest.jsonl of all tars of a split.
//
// The names in the tars are unique in the release. Nothing but a context is in memory; a tar appears when it is full.
package webdataset

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Format is what the package writes: webdataset/train/train-00003-of-00016-00000.tar and webdataset/train/manifest.jsonl.
var Format = tokens.Format{Name: "webdataset", Fixed: true, New: create, Index: index}

const (
	ending   = ".tar"
	contexts = 8192 // of a tar
)

type writer struct {
	ctx     context.Context
	job     *pipeline.Job
	spec    tokens.Spec
	name    string // of the tars of the shard, but for their numbers
	key     string // what the names in them begin with
	tar     *tokens.File
	outputs []pipeline.Output

	written int64 // contexts
	gzip    *gzip.Writer
	text    []byte
	packed  bytes.Buffer
	header  [block]byte
}

func create(ctx context.Context, job *pipeline.Job, folder string, shard tokens.Shard, spec tokens.Spec) (tokens.Writer, error) {
	if n := len(shard.Name()) + len(suffix); n > mostName {
		return nil, fmt.Errorf("split %s: files in tars have names of at most %d bytes, these have %d", shard.Split, mostName, n)
	}
	w := &writer{ctx: ctx, job: job, spec: spec, name: shard.Path(folder), key: shard.Name()}
	var err error
	w.gzip, err = gzip.NewWriterLevel(&w.packed, gzip.BestSpeed)
	return w, err
}

func (w *writer) Write(q *tokens.Sequence) error {
	if err := w.spec.Check(q); err != nil {
		return err
	}
	if err := w.pack(q.Tokens); err != nil {
		return err
	}
	if w.tar != nil && w.tar.Rows == contexts {
		if err := w.commitTar(); err != nil {
			return err
		}
	}
	if w.tar == nil {
		f, err := tokens.Create(w.ctx, w.job, fmt.Sprintf("%s-%05d%s", w.name, len(w.outputs), ending))
		if err != nil {
			return err
		}
		w.tar = f
	}
	w.tar.Rows++
	if err := w.member(w.packed.Bytes()); err != nil {
		return err
	}
	w.written++
	return nil
}

// pack makes a context a JSON array, and compresses it.
func (w *writer) pack(ids []int32) error {
	t := append(w.text[:0], '[')
	for i, id := range ids {
		if uint32(id) >= uint32(w.spec.Vocabulary) {
			return fmt.Errorf("token %d is none of the %d of the vocabulary", id, w.spec.Vocabulary)
		}
		if i > 0 {
			t = append(t, ',')
		}
		t = strconv.AppendInt(t, int64(id), 10)
	}
	w.text = append(t, ']')
	w.packed.Reset()
	w.gzip.Reset(&w.packed)
	if _, err := w.gzip.Write(w.text); err != nil {
		return err
	}
	return w.gzip.Close()
}

func (w *writer) commitTar() error {
	if _, err := w.tar.Write(trailer[:]); err != nil {
		return err
	}
	o, err := w.tar.Commit()
	if err != nil {
		return err
	}
	w.outputs, w.tar = append(w.outputs, o), nil
	return nil
}

func (w *writer) Commit() ([]pipeline.Output, error) {
	if w.tar != nil {
		if err := w.commitTar(); err != nil {
			return nil, err
		}
	}
	return w.outputs, nil
}

func (w *writer) Close() error {
	if w.tar == nil {
		return nil
	}
	return w.tar.Close()
}

// index writes the manifest.jsonl of a split: the names of the tars without their ending, and how many contexts they have.
func index(ctx context.Context, job *pipeline.Job, folder, split string, shards [][]pipeline.Output, _ tokens.Spec) ([]pipeline.Output, error) {
	var data []byte
	rows := int64(0)
	for _, outputs := range shards {
		for _, o := range outputs {
			if name, ok := strings.CutSuffix(path.Base(o.Name), ending); ok {
				data = fmt.Appendf(data, "{\"num_sequences\":%d,\"shard\":%q}\n", o.Rows, name)
				rows++
			}
		}
	}
	return tokens.WriteFile(ctx, job, folder+"/"+split+"/manifest.jsonl", data, rows)
}
