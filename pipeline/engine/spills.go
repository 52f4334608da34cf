package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// spillWriter writes the documents of batches to a spill; with a side file also their rejects and counters, so that the
// next worker's batch is the one this worker had.
type spillWriter struct {
	out   *pipeline.OutputWriter
	spill *columnar.SpillWriter
	side  *pipeline.OutputWriter // nil where no other worker goes on from here
	bytes int64
	rows  int64
}

// side is what a batch carries besides its documents: a line for each block of the spill, which is the xxh3 of the JSON and the JSON.
type side struct {
	Rejects  []columnar.Reject    `json:"rejects,omitempty"`
	Removed  []sideRemoved        `json:"removed,omitempty"`
	Counters columnar.Counters    `json:"counters,omitempty"`
	Mixed    []columnar.FileCount `json:"mixed,omitempty"`
	Pages    []columnar.Page      `json:"pages,omitempty"`
	Raw      int64                `json:"raw,omitempty"`
}

// sideRemoved is a document of columnar.Removed. Its bytes are as they are: as strings, JSON would mend what is no UTF-8.
type sideRemoved struct {
	Reject int32  `json:"reject"`
	Chars  int32  `json:"chars"`
	Text   []byte `json:"text"`
	Meta   []byte `json:"meta,omitempty"`
}

// removedOf are those of a batch, without a copy of their bytes.
func removedOf(r *columnar.Removed) (list []sideRemoved) {
	for i := range r.Len() {
		list = append(list, sideRemoved{r.Reject[i], r.Chars[i], r.Text.At(i), r.Meta.At(i)})
	}
	return list
}

// handoverFolder holds the spills that carry tasks from one worker's stage to the next worker's, where a step leaves none by itself.
const handoverFolder = "handover"

func handoverName(stage string, task int) string {
	return fmt.Sprintf("%s/%s-%06d.arrow", handoverFolder, stage, task)
}

func isHandover(name string) bool { return path.Dir(name) == handoverFolder }

func sideName(spill string) string { return spill + ".side" }

func newSpillWriter(ctx context.Context, job *pipeline.Job, name string, withSide bool) (w *spillWriter, err error) {
	w = &spillWriter{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.out, err = pipeline.CreateSpill(ctx, job, name); err != nil {
		return w, err
	}
	if w.spill, err = columnar.NewSpillWriter(w.out); err != nil {
		return w, err
	}
	if withSide {
		if w.side, err = pipeline.CreateWork(ctx, job, sideName(name)); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *spillWriter) Write(b *columnar.Batch) error {
	if b.Len() == 0 && w.side == nil {
		return nil
	}
	w.bytes += int64(len(b.Text.Data))
	w.rows += int64(b.Len())
	if err := w.spill.Write(b); err != nil {
		return err
	}
	if w.side == nil {
		return nil
	}
	data, err := json.Marshal(side{b.Rejects, removedOf(&b.Removed), b.Counters, b.Mixed, b.Pages, b.Raw})
	if err == nil {
		_, err = fmt.Fprintf(w.side, "%016x %s\n", xxh3.Hash(data), data)
	}
	return err
}

// Commit makes the spill appear, its side file first. The digest in its description is that of the content.
func (w *spillWriter) Commit() ([]pipeline.Output, error) {
	rows, digest, err := w.spill.Finish()
	if err != nil {
		return nil, err
	}
	if rows != w.rows {
		return nil, fmt.Errorf("spill has %d rows, %d were written", rows, w.rows)
	}
	var outs []pipeline.Output
	if w.side != nil {
		o, err := w.side.Commit(rows)
		if err != nil {
			return nil, err
		}
		outs = append(outs, o)
	}
	o, err := w.out.Commit(rows)
	if err != nil {
		return nil, err
	}
	o.Digest, o.Bytes = digest, w.bytes
	return append(outs, o), nil
}

func (w *spillWriter) Close() (err error) {
	if w.side != nil {
		err = w.side.Close()
	}
	if w.out != nil {
		err = errors.Join(err, w.out.Close())
	}
	return err
}

// spillReader is the Reader of a split that another worker handed over.
type spillReader struct {
	spillFile pipeline.Object
	sideFile  pipeline.Object
	spill     *columnar.Spill
	side      *bufio.Reader
	next      int
}

func openSpill(ctx context.Context, job *pipeline.Job, name string) (r *spillReader, err error) {
	r = &spillReader{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.spillFile, err = job.Work.Open(ctx, name); err != nil {
		return r, err
	}
	if r.spill, err = columnar.OpenSpill(r.spillFile, r.spillFile.Size()); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	if r.sideFile, err = job.Work.Open(ctx, sideName(name)); err != nil {
		return r, err
	}
	r.side = bufio.NewReader(io.NewSectionReader(r.sideFile, 0, r.sideFile.Size()))
	return r, nil
}

// Read fills b with the next block and what its batch carried.
func (r *spillReader) Read(ctx context.Context, b *columnar.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.next == r.spill.Blocks() {
		return io.EOF
	}
	if err := r.spill.Read(r.next, b); err != nil {
		return err
	}
	r.next++
	s, err := r.beside()
	if err != nil {
		return fmt.Errorf("side file, block %d: %w", r.next-1, err)
	}
	b.Rejects = append(b.Rejects[:0], s.Rejects...)
	b.Removed.Reset()
	for _, d := range s.Removed {
		b.Removed.Add(int(d.Reject), d.Text, d.Meta, d.Chars)
	}
	b.Counters, b.Mixed, b.Raw = s.Counters, append(b.Mixed[:0], s.Mixed...), s.Raw
	b.Pages = append(b.Pages[:0], s.Pages...)
	return nil
}

// beside reads what belongs to the next block. That the file ends before is an error of its own: io.EOF would end the task's input.
func (r *spillReader) beside() (s side, err error) {
	line, err := r.side.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return s, io.ErrUnexpectedEOF
	}
	if err != nil {
		return s, err
	}
	sum, data, _ := bytes.Cut(line[:len(line)-1], []byte(" "))
	if string(sum) != fmt.Sprintf("%016x", xxh3.Hash(data)) {
		return s, errors.New("checksum is wrong")
	}
	return s, json.Unmarshal(data, &s)
}

func (r *spillReader) Close() (err error) {
	if r.sideFile != nil {
		err = r.sideFile.Close()
	}
	if r.spillFile != nil {
		err = errors.Join(err, r.spillFile.Close())
	}
	return err
}
