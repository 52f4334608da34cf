package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// texts is the Reader of a list: three texts a batch.
type texts struct {
	task int
	list []string
	next int
}

func (y *toy) openList(_ context.Context, _ *pipeline.Job, task int) (pipeline.Reader, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.opened["read"]++
	return &texts{task: task, list: y.lists[task]}, nil
}

func (r *texts) Read(ctx context.Context, b *columnar.Batch) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.next == len(r.list) {
		return io.EOF
	}
	for range min(3, len(r.list)-r.next) {
		text := r.list[r.next]
		b.Raw += int64(len(text))
		if text == "!" {
			b.Rejects = append(b.Rejects, columnar.Reject{File: int32(r.task), Scope: columnar.ScopeFile, Offset: int64(r.next), Bytes: 1, Reason: "truncated"})
		} else {
			addRow(b, r.task, r.next, text)
		}
		r.next++
	}
	return nil
}

func (r *texts) Close() error { return nil }

func addRow(b *columnar.Batch, task, row int, text string) {
	b.File = append(b.File, int32(task))
	b.Offset = append(b.Offset, int64(row))
	b.Text.Append([]byte(text))
	b.Meta.Append(nil)
}

// openDocuments opens what sieve left of a list.
func (y *toy) openDocuments(stage string) func(context.Context, *pipeline.Job, int) (pipeline.Reader, error) {
	return func(ctx context.Context, job *pipeline.Job, task int) (pipeline.Reader, error) {
		y.mu.Lock()
		y.opened[stage]++
		y.mu.Unlock()
		o, err := job.Work.Open(ctx, documentsName(task))
		if err != nil {
			return nil, err
		}
		spill, err := columnar.OpenSpill(o, o.Size())
		if err != nil {
			return nil, errors.Join(err, o.Close())
		}
		return &blocks{spill: spill, file: o}, nil
	}
}

// blocks is the Reader of a spill.
type blocks struct {
	spill *columnar.Spill
	file  io.Closer
	next  int
}

func (r *blocks) Read(_ context.Context, b *columnar.Batch) error {
	if r.next == r.spill.Blocks() {
		return io.EOF
	}
	r.next++
	return r.spill.Read(r.next-1, b)
}

func (r *blocks) Close() error { return r.file.Close() }

// toyStage is a stage made of a function.
type toyStage struct {
	y       *toy
	name    string
	process func(b *columnar.Batch)
	broken  bool // it was left in the middle of a batch
}

func (y *toy) stages(name string, process func(*columnar.Batch)) func(context.Context, *pipeline.Job) ([]pipeline.Stage, error) {
	return func(context.Context, *pipeline.Job) ([]pipeline.Stage, error) {
		return []pipeline.Stage{&toyStage{y: y, name: name, process: process}}, nil
	}
}

func (s *toyStage) Process(ctx context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	if s.broken {
		return nil, pipeline.Permanent(errors.New("this stage was left in the middle of a batch"))
	}
	s.broken = true
	if b.Len() > 0 && b.Offset[0] < 3 { // the first batch of its task
		if err := s.y.touch(ctx, s.name, int(b.File[0])); err != nil {
			return nil, err
		}
	}
	s.process(b)
	s.broken = false
	return b, nil
}

// parse rejects what is no number.
func parse(b *columnar.Batch) {
	drop(b, false, "bad_row", func(text string) bool {
		_, err := strconv.Atoi(text)
		if err == nil && text[0] == '+' {
			b.AddMixed(b.File[0], 1)
		}
		return err == nil
	})
	b.Counters.Add("parsed", int64(b.Len()))
}

// sieve filters odd numbers, and doubles even ones.
func sieve(b *columnar.Batch) {
	drop(b, true, "odd", func(text string) bool { return number(text)%2 == 0 })
	var doubled columnar.Strings
	for i := range b.Len() {
		doubled.Append(strconv.AppendInt(nil, 2*number(string(b.Text.At(i))), 10))
	}
	b.Text = doubled
	b.Counters.Add("doubled", int64(b.Len()))
}

func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

func drop(b *columnar.Batch, filtered bool, reason string, keep func(text string) bool) {
	mask := make([]bool, b.Len())
	for i := range mask {
		text := string(b.Text.At(i))
		if mask[i] = keep(text); !mask[i] {
			b.Rejects = append(b.Rejects, columnar.Reject{
				File: b.File[i], Filtered: filtered, Offset: b.Offset[i], Bytes: int64(len(text)), Reason: reason, Detail: text,
			})
		}
	}
	b.Keep(mask)
}

// sums is all that came with the batches of a task.
type sums struct {
	Numbers  []int64
	Rejects  []columnar.Reject
	Counters columnar.Counters
	Mixed    int64
	Raw      int64
}

// sumWriter is the BatchWriter of every step that writes.
type sumWriter struct {
	y     *toy
	ctx   context.Context
	stage string
	task  int
	out   *pipeline.OutputWriter
	begun bool
	sums
}

func (y *toy) writer(stage string, name func(int) string, out bool) pipeline.NewWriter {
	return func(ctx context.Context, job *pipeline.Job, task int) (_ pipeline.BatchWriter, err error) {
		w := &sumWriter{y: y, ctx: ctx, stage: stage, task: task}
		create := pipeline.CreateWork
		if out {
			create = pipeline.CreateOut
		}
		w.out, err = create(ctx, job, name(task))
		return w, err
	}
}

func (w *sumWriter) Write(b *columnar.Batch) error {
	if !w.begun {
		w.begun = true
		if err := w.y.touch(w.ctx, w.stage, w.task); err != nil {
			return err
		}
	}
	for i := range b.Len() {
		w.Numbers = append(w.Numbers, number(string(b.Text.At(i))))
	}
	w.Rejects = append(w.Rejects, b.Rejects...)
	w.Counters.Merge(b.Counters)
	for _, m := range b.Mixed {
		w.Mixed += m.N
	}
	w.Raw += b.Raw
	return nil
}

func (w *sumWriter) Commit() ([]pipeline.Output, error) {
	if err := json.NewEncoder(w.out).Encode(w.sums); err != nil {
		return nil, err
	}
	o, err := w.out.Commit(int64(len(w.Numbers)))
	return []pipeline.Output{o}, err
}

func (w *sumWriter) Close() error { return w.out.Close() }
