package corpus

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// outcome is what the tasks of a finished run report, checked against each other.
type outcome struct {
	first    string           // the stage that made documents of the sources, with an entry a split
	last     string           // the one that decided which are kept
	splits   []pipeline.Entry // of the first
	resolved pipeline.Entry   // of the last
	shards   []ingest.Shard
	written  [][]pipeline.Entry // of each stage over the shards, by shard
	bases    []int64            // see ingest.Bases
	kept     int64
	bytes    int64          // of kept text
	files    []dataset.File // that tasks wrote for the version, sorted by path
	counters columnar.Counters
}

// readOutcome reads the ledger entries of every stage and the shard plan. It fails unless every task of the plan is there
// (invariant 4), all but splits are done, and the sums agree (invariant 7).
func readOutcome(ctx context.Context, job *pipeline.Job, h home) (*outcome, error) {
	chain, o := job.Chain, &outcome{counters: columnar.Counters{}}
	o.first, o.last = chain.Summed()
	var err error
	if o.shards, err = ingest.Shards(ctx, job); err != nil {
		return nil, err
	}
	for i := range chain {
		for k := range chain[i].Tracks {
			track := &chain[i].Tracks[k]
			want, err := track.Tasks(ctx, job)
			if err != nil {
				return nil, err
			}
			for _, stage := range track.Recorded() {
				entries, err := job.Entries(ctx, stage.Name)
				if err != nil {
					return nil, err
				}
				if len(entries) != want {
					return nil, fmt.Errorf("stage %s has %d ledger entries, the plan has %d tasks", stage.Name, len(entries), want)
				}
				if err := o.add(h, track, &stage, entries); err != nil {
					return nil, err
				}
			}
		}
	}
	if o.bases, err = ingest.Bases(ctx, job); err != nil {
		return nil, err
	}
	if err := o.checkShards(); err != nil {
		return nil, err
	}
	slices.SortFunc(o.files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	for i := 1; i < len(o.files); i++ {
		if o.files[i].Path == o.files[i-1].Path {
			return nil, fmt.Errorf("%s was written by two tasks", o.files[i].Path)
		}
	}
	return o, nil
}

func (o *outcome) add(h home, track *pipeline.Track, spec *pipeline.StageSpec, entries []pipeline.Entry) error {
	stage := spec.Name
	for i, e := range entries {
		dead := e.Verdict == pipeline.VerdictDead && track.MayDie
		if e.Stage != stage && !dead || e.Index != i { // a task may die in an earlier stage of its track
			return fmt.Errorf("ledger entry %d of stage %s is that of %s.%06d", i, stage, e.Stage, e.Index)
		}
		if e.Verdict != pipeline.VerdictDone && !dead {
			return fmt.Errorf("task %s.%06d is %q, and no version can do without it", stage, i, e.Verdict)
		}
		if dead && e.Rows != 0 {
			return fmt.Errorf("task %s.%06d is dead, but has %d documents", stage, i, e.Rows)
		}
		for name, n := range e.Counters {
			if slices.Contains(spec.Tells, name) || slices.Contains(spec.Tells, "*") {
				o.counters.Add(name, n)
			}
		}
		for _, out := range e.Outputs {
			if !out.Out {
				continue
			}
			if folder, _, _ := strings.Cut(out.Name, "/"); !slices.Contains(spec.Out, folder) {
				return fmt.Errorf("task %s.%06d wrote %s, which is in no folder that its stage may write to", stage, i, out.Name)
			}
			if folder := dataset.FolderOf(out.Name); !h.holds(folder) {
				return fmt.Errorf("task %s.%06d wrote %s, which is no place of version %s", stage, i, out.Name, h.version)
			}
			o.files = append(o.files, dataset.FileOf(out))
		}
	}
	switch {
	case stage == o.first:
		o.splits = entries
	case stage == o.last:
		o.resolved = entries[0]
	case track.Apart:
		o.written = append(o.written, entries)
	}
	return nil
}

// withdrawn is how many documents were rejected behind their splits, for they are like withdrawn ones.
func (o *outcome) withdrawn() int64 {
	return o.resolved.Sum.For(pipeline.LeftRejected, ingest.ReasonWithdrawn)
}

// checkShards says whether the shards cover the documents of the run, and whether every file of a shard has its rows. A run
// that kept nothing has no shards.
func (o *outcome) checkShards() error {
	next := int64(0)
	for i, s := range o.shards {
		if s.First != next || s.End < s.First {
			return fmt.Errorf("shard %d covers documents %d to %d, the one before ends at %d", i, s.First, s.End, next)
		}
		next = s.End
		o.kept += s.Kept
		o.bytes += s.Bytes
		for _, entries := range o.written {
			for _, out := range entries[i].Outputs {
				if out.Out && out.Rows != s.Kept {
					return fmt.Errorf("%s has %d rows, but %d documents are kept in shard %d", out.Name, out.Rows, s.Kept, i)
				}
			}
		}
	}
	if all := o.bases[len(o.bases)-1]; len(o.shards) > 0 && next != all {
		return fmt.Errorf("the shards cover %d of %d documents", next, all)
	}
	return nil
}
