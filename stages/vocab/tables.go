package vocab

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// late is the Runner of catchup.<split>.
type late struct{ tables pipeline.TableFormats }

// Run implements pipeline.Runner.
func (l late) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	p, err := CountingOf(job)
	if err != nil {
		return e, err
	}
	if p == nil || task.Index < 0 || task.Index >= len(p.Splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: the plan has no such split", task))
	}
	c, err := tokens.New(ctx, job, p, ingest.LateFolder, task.Index, true)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	for i := range p.Splits[task.Index] {
		err := p.Splits[task.Index][i].Read(ctx, job.Corpus, l.tables, func(_ int64, text, meta []byte, _ string) error {
			e.Rows++
			e.Bytes += int64(len(text))
			return c.Document(text, meta)
		})
		if err != nil {
			return e, err
		}
	}
	e.Outputs, err = c.Commit()
	return e, err
}

// ranker is the Runner of rank.<kind>.
type ranker struct{ config Config }

// Run implements pipeline.Runner.
func (r ranker) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	p, err := CountingOf(job)
	if err != nil {
		return e, err
	}
	if p == nil || task.Index < 0 || task.Index >= len(p.Kinds) {
		return e, pipeline.Permanent(fmt.Errorf("%s: the plan has no such kind of tokens", task))
	}
	kind := p.Kinds[task.Index].Kind
	if p.Kinds[task.Index].Untabled {
		return pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}, nil
	}
	entries, err := job.Entries(ctx, stageMerge)
	if err != nil {
		return e, err
	}
	var sum tokens.Merged
	for i := range entries {
		sum.Add(sumOf(entries[i].Counters, kind))
	}
	files, err := ingest.LeftIn(ctx, job, tokens.RankedFolder)
	if err != nil {
		return e, err
	}
	out, err := tokens.WriteTable(ctx, job, kind, tokens.Of(files, tokens.RankedFolder, kind), sum, r.config.Least)
	return pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Outputs: []pipeline.Output{out}}, err
}

// recounter does all of merge and rank in one task.
type recounter struct{ merger }

// Run implements pipeline.Runner.
func (r recounter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	p, err := r.counting(job)
	if err != nil {
		return e, err
	}
	if task.Index != 0 {
		return e, pipeline.Permanent(fmt.Errorf("%s: there is one task only", task))
	}
	if e, err = r.merger.Run(ctx, task, job); err != nil || p == nil {
		return e, err
	}
	for part := 1; part < p.Partitions; part++ {
		more, err := r.merger.Run(ctx, pipeline.Task{Stage: task.Stage, Index: part}, job)
		if err != nil {
			return e, err
		}
		e.Outputs = append(e.Outputs, more.Outputs...)
		e.Counters.Merge(more.Counters)
	}
	var files []string
	for _, o := range e.Outputs {
		if !o.Out {
			files = append(files, o.Name)
		}
	}
	for i := range p.Kinds {
		kind := p.Kinds[i].Kind
		if p.Kinds[i].Untabled {
			continue
		}
		table, err := tokens.WriteTable(ctx, job, kind, tokens.Of(files, tokens.RankedFolder, kind), sumOf(e.Counters, kind), r.config.Least)
		if err != nil {
			return e, err
		}
		e.Outputs = append(e.Outputs, table)
	}
	return e, nil
}
