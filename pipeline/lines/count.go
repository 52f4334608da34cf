package lines

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
)

// CountStage is the stage whose tasks, one a partition, write the partition of the new run, and its keys that stand in LeastDocuments documents
// or more with how many these are. The entry's rows are entries of the new run.
func CountStage(of Of) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: StageCount, Out: []string{pipeline.LinesFolder}, Work: []pipeline.WorkFiles{{Folder: frequentFolder}}, Runner: &counter{grounds: grounds{of: of}},
	}
}

// FrequentStage is the stage of a job that only looks lines up, by a name of its own: its tasks, one a partition, leave the keys of the runs that there are that
// stand in LeastDocuments live documents or more with how many these are. The plan covers no version, and has no splits. The entry's rows are these keys.
func FrequentStage(name string, of Of) pipeline.StageSpec {
	return pipeline.StageSpec{Name: name, Work: []pipeline.WorkFiles{{Folder: frequentFolder}}, Runner: &counter{grounds: grounds{of: of}, only: true}}
}

type counter struct {
	grounds grounds
	only    bool // frequent keys are wanted, and no run
}

// Run implements pipeline.Runner.
func (c *counter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	g, err := c.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	p, n := task.Index, g.Partitions
	if p < 0 || p >= n {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d partitions", task, n))
	}
	if c.only && len(g.Covers) > 0 {
		return e, pipeline.Permanent(fmt.Errorf("%s: the lines of versions %v are not counted", task, g.Covers))
	}
	work, corpus := sorted.NewHandles(ctx, job.Work), sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, work.Close(), corpus.Close()) }()
	sources, err := tiers.Sources(corpus, g.History, g.Runs, p, n)
	if err != nil {
		return e, err
	}
	fresh, err := g.collected(work, p)
	if err != nil {
		return e, err
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	var run *tiers.File
	if len(g.Covers) > 0 {
		if run, err = tiers.Create(ctx, job, fmt.Sprintf("%s/%s/keys-%05d-of-%05d.idx", pipeline.LinesFolder, pipeline.VersionName(job.Plan.Version), p, n)); err != nil {
			return e, err
		}
	}
	frequent, err := tiers.CreateWork(ctx, job, frequentName(p))
	if err != nil {
		return e, errors.Join(err, run.Close())
	}
	defer func() { err = errors.Join(err, run.Close(), frequent.Close()) }()
	if err := g.count(ctx, sorted.NewMerge(append(sources, fresh...)), run, frequent); err != nil {
		return e, err
	}
	if run != nil {
		out, err := run.Commit(p, n)
		if err != nil {
			return e, err
		}
		e.Rows, e.Outputs = out.Rows, append(e.Outputs, out)
	}
	out, err := frequent.Commit(p, n)
	if c.only {
		e.Rows = out.Rows
	}
	e.Outputs = append(e.Outputs, out)
	return e, err
}

// collected are the entries of the documents that are new.
func (g *ground) collected(work *sorted.Handles, partition int) (list []sorted.Source[uint64], err error) {
	all := sorted.NewRuns(work, keysKind)
	for split := range g.Splits {
		name, documents := linesName(split), g.bases[split+1]-g.bases[split]
		f, runs, err := all.Open(name, partition)
		if err != nil {
			return nil, err
		}
		if f.Partitions != g.Partitions || uint64(f.Rows) != documents {
			return nil, sorted.Damaged(name, "%d partitions, %d documents: the plan has %d and %d", f.Partitions, f.Rows, g.Partitions, documents)
		}
		for _, r := range runs {
			list = append(list, r.Keys(g.bases[split], uint32(documents)))
		}
	}
	return list, nil
}

// count writes what of all entries goes into the new run, which may be nil, and which keys are frequent.
func (g *ground) count(ctx context.Context, m *sorted.Merge[uint64], run, frequent *tiers.File) error {
	live := tiers.Remaining(g.all, g.mask, func(d tiers.Document) bool { return g.mask.Has(d.Version, d.Rank) })
	t := tally{yield: func(key uint64, documents int64) error {
		if documents >= LeastDocuments {
			frequent.Add(key, uint64(documents))
		}
		return nil
	}}
	if err := tiers.Each(ctx, m, func(e sorted.Item[uint64]) error {
		if _, ok := live(e.Value); !ok {
			return nil
		}
		if run != nil && e.Value >= g.before {
			run.Add(e.Key, e.Value-g.before)
		}
		return t.add(e.Key)
	}); err != nil {
		return err
	}
	return t.end()
}

// tally counts the entries of each key of a sorted stream.
type tally struct {
	yield     func(key uint64, documents int64) error
	key       uint64
	documents int64
}

func (t *tally) add(key uint64) error {
	if key != t.key {
		if err := t.end(); err != nil {
			return err
		}
		t.key = key
	}
	t.documents++
	return nil
}

// end ends a key.
func (t *tally) end() error {
	n := t.documents
	t.documents = 0
	if n == 0 {
		return nil
	}
	return t.yield(t.key, n)
}
