package dedupe

import (
	"context"
	"errors"

	"millrace/pipeline"
)

// NewSettle returns the runner of settle.<partition>: it finds every pair of documents that share a key of the partition,
// verifies it and writes the edges. The entry's rows are edges; the counter candidate_overflow says how often a document
// could not be compared with all earlier members of its group. cfg must be valid.
func NewSettle(cfg Config) pipeline.Runner { return settle{cfg} }

type settle struct{ cfg Config }

// Run implements pipeline.Runner.
func (s settle) Run(ctx context.Context, task pipeline.Task, files *pipeline.Files) (_ pipeline.Entry, err error) {
	plan := files.Plan
	if err := checkPartition(task, plan); err != nil {
		return pipeline.Entry{}, err
	}
	bases, err := files.DocumentBases(ctx)
	if err != nil {
		return pipeline.Entry{}, err
	}
	work, corpus := newHandles(ctx, files.Work), newHandles(ctx, files.Corpus)
	defer func() { err = errors.Join(err, work.Close(), corpus.Close()) }()

	var earlier []*history // oldest first: they come before tonight, so members of a group are in order of position
	for _, run := range plan.Runs {
		h, err := newHistory(corpus, plan, run)
		if err != nil {
			return pipeline.Entry{}, err
		}
		earlier = append(earlier, h)
	}
	keys, err := runKeys(work, plan, bases, task.Index)
	if err != nil {
		return pipeline.Entry{}, err
	}
	out, err := createWork(ctx, files, pipeline.EdgesName(task.Index))
	if err != nil {
		return pipeline.Entry{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	edges := newEdgesWriter(out)
	g := newGroup(s.cfg, newRecords(plan, work, corpus, bases), edges)
	if err := s.walk(ctx, newMerge(keys), earlier, g); err != nil {
		return pipeline.Entry{}, err
	}
	if err := edges.finish(); err != nil {
		return pipeline.Entry{}, err
	}
	o, err := out.commit(edges.total)
	if err != nil {
		return pipeline.Entry{}, err
	}
	e := done(task, edges.total, o)
	e.Counters.Add("candidate_overflow", g.overflows)
	return e, nil
}

// walk gives the members of every group to g.
func (s settle) walk(ctx context.Context, m *merge[uint64], earlier []*history, g *group) error {
	var key uint64
	for n := 0; m.next(); n++ {
		if m.key != key || n == 0 {
			key = m.key
			g.begin()
			for _, h := range earlier {
				if err := h.find(key, g.earlier); err != nil {
					return err
				}
			}
		}
		if err := g.tonight(m.value); err != nil {
			return err
		}
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return m.err
}

// done is the ledger entry of a finished task.
func done(task pipeline.Task, rows int64, outputs ...pipeline.Output) pipeline.Entry {
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: rows, Outputs: outputs,
	}
}
