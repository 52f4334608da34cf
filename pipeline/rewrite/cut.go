package rewrite

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Work is what a job withdraws, as its plan and the tasks before tell it.
type Work struct {
	Live []ingest.LiveShard // all live shards, in all formats
	// Shards are those of them that lose documents, in their order: task k is the k-th.
	Shards []Shard
}

// Shard is a live shard that loses documents.
type Shard struct {
	ingest.LiveShard
	Gone []int64 // the rows that are withdrawn, ascending
	// Reasons say of how many of them why: see package withdrawn.
	Reasons map[string]int64
}

// Cut is the Runner of a stage that writes the shards anew which lose documents: the k-th of Work.Shards by task k, to
// <folder>/<folder of the version>/rest-<n>-of-<shards>.<extension>, where n counts those of its format that are written. Row order is
// kept. Of a shard that loses all of its documents nothing is written. The rows of a format that cannot be read here come from the shards
// that hold the same documents, and can. An entry has the documents that were in the shard, are in the new one, and were left out, by the
// reason. Safe for concurrent use.
type Cut struct {
	Tables pipeline.TableFormats
	// Options say by the name of a format how its shards are written.
	Options map[string]columnar.TableOptions
	// Of says what a job withdraws.
	Of func(ctx context.Context, job *pipeline.Job) (Work, error)
	// Count makes what fills in how many documents each of some rows stands for, where their shards do not say it: see Copy.Fill. versions
	// are those of the rows, and frames reads columns of them.
	Count func(ctx context.Context, job *pipeline.Job, versions []int, frames Frames) (fill func(*columnar.Frame, int, []any) error, err error)
}

// Frames reads columns of some rows: see Copy.Frames.
type Frames = func(columns columnar.Selection, yield func(f *columnar.Frame, first, end int) error) error

// Spec is the stage. Its tasks are as many as Work.Shards.
func (c *Cut) Spec(name string) pipeline.StageSpec {
	return pipeline.StageSpec{Name: name, Out: c.Tables.Folders(), Sums: true, Runner: c}
}

// Run implements pipeline.Runner.
func (c *Cut) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	w, err := c.Of(ctx, job)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(w.Shards) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d shards", task, len(w.Shards)))
	}
	s := &w.Shards[task.Index]
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Sum: pipeline.Sum{In: s.Rows}}
	for reason, n := range s.Reasons {
		e.Sum.Leave(pipeline.LeftWithdrawn, reason, n)
	}
	format := c.Tables.Of(s.Path)
	if format == nil {
		return e, pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", s.Path))
	}
	copied := Copy{Tables: c.Tables, Rows: kept(s), Format: *format, Table: c.Options[format.Name], Name: w.name(task.Index, format, job.Plan)}
	if copied.Len() == 0 {
		return e, nil
	}
	if format.Read == nil {
		if copied.Rows, err = w.elsewhere(s, copied.Rows); err != nil {
			return e, err
		}
	}
	if w.uncounted(copied.Rows) {
		var versions []int
		for _, h := range s.Holds {
			versions = append(versions, h.Version)
		}
		copied.Fill, err = c.Count(ctx, job, versions, func(columns columnar.Selection, yield func(f *columnar.Frame, first, end int) error) error {
			return copied.Frames(ctx, job.Corpus, columns, yield)
		})
		if err != nil {
			return e, err
		}
	}
	out, err := copied.Write(ctx, job)
	if err != nil {
		return e, err
	}
	e.Rows, e.Bytes, e.Outputs, e.Sum.Out = out.Rows, out.Bytes, []pipeline.Output{out}, out.Rows
	return e, nil
}

// uncounted says whether any of the rows lie in shards that do not say what their documents stand for.
func (w *Work) uncounted(rows []Rows) bool {
	return slices.ContainsFunc(w.Live, func(s ingest.LiveShard) bool {
		return s.Uncounted && slices.ContainsFunc(rows, func(r Rows) bool { return r.Path == s.Path })
	})
}

// name is that of the k-th shard when it is written anew, as sinks name the folder of a version in the format.
func (w *Work) name(k int, format *pipeline.TableFormat, plan *pipeline.Plan) string {
	number, all := 0, 0
	for i := range w.Shards {
		if s := &w.Shards[i]; format.Holds(s.Path) && int64(len(s.Gone)) < s.Rows {
			if i < k {
				number++
			}
			all++
		}
	}
	folder := pipeline.VersionName(plan.Version)
	if format.Folder == pipeline.DataFolder {
		folder = plan.VersionFolder()
	}
	return path.Join(format.Folder, folder, fmt.Sprintf("rest-%05d-of-%05d.%s", number, all, format.Extension))
}

// kept are the rows of a shard that stay.
func kept(s *Shard) (rows []Rows) {
	next := int64(0)
	for _, gone := range s.Gone {
		if gone > next {
			rows = append(rows, Rows{s.Path, next, gone})
		}
		next = gone + 1
	}
	if next < s.Rows {
		rows = append(rows, Rows{s.Path, next, s.Rows})
	}
	return rows
}

// elsewhere are the rows of shards that are read which hold the documents of the given rows of a shard that cannot be.
func (w *Work) elsewhere(s *Shard, rows []Rows) ([]Rows, error) {
	places := PlacesIn(w.Live, func(l *ingest.LiveShard) bool { return l.Read })
	return places.Of(&s.LiveShard, rows, func(version int, of Rows) (Rows, error) {
		return of, pipeline.Permanent(fmt.Errorf("%s: row %d, a document of version %d, is in no shard that can be read here", s.Path, of.From, version))
	})
}
