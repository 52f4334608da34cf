package corpus

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// outcome is what the tasks of a finished run report, checked against each other.
type outcome struct {
	dedupe   []pipeline.Entry // one a split
	sink     []pipeline.Entry // one a shard
	resolve  pipeline.Entry
	shards   []pipeline.Shard
	bases    []int64 // see Files.DocumentBases
	kept     int64
	bytes    int64  // of kept text
	files    []File // that tasks wrote for the version, sorted by path
	counters columnar.Counters
}

// readOutcome reads the ledger entries of every stage and the shard plan. It fails unless every task of the plan is there
// (invariant 4), all but splits are done, and the sums agree (invariant 7).
func readOutcome(ctx context.Context, files *pipeline.Files, h home) (*outcome, error) {
	plan := files.Plan
	o := &outcome{counters: columnar.Counters{}}
	var err error
	if o.shards, err = files.Shards(ctx); err != nil {
		return nil, err
	}
	// The map phase ends in the entries of dedupe: parse and normalize have none of their own there.
	tasks := map[string]int{
		pipeline.StageDedupe: len(plan.Splits), pipeline.StageSettle: plan.Partitions, pipeline.StageResolve: 1,
		pipeline.StageIndex: plan.Partitions, pipeline.StageVocab: len(o.shards), pipeline.StageSink: len(o.shards),
		pipeline.StageMerge: -1,
	}
	for _, stage := range pipeline.Stages {
		want, ok := tasks[stage]
		if !ok {
			continue
		}
		entries, err := files.Entries(ctx, stage)
		if err != nil {
			return nil, err
		}
		if want >= 0 && len(entries) != want {
			return nil, fmt.Errorf("stage %s has %d ledger entries, the plan has %d tasks", stage, len(entries), want)
		}
		if err := o.add(h, stage, entries); err != nil {
			return nil, err
		}
	}
	if o.bases, err = files.DocumentBases(ctx); err != nil {
		return nil, err
	}
	if err := o.checkShards(); err != nil {
		return nil, err
	}
	slices.SortFunc(o.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for i := 1; i < len(o.files); i++ {
		if o.files[i].Path == o.files[i-1].Path {
			return nil, fmt.Errorf("%s was written by two tasks", o.files[i].Path)
		}
	}
	return o, nil
}

// candidateOverflow counts documents that were not compared with all that they might resemble.
const candidateOverflow = "candidate_overflow"

// winnerMissing counts documents without a value of the field that decides which one stays.
const winnerMissing = "winner_missing"

func (o *outcome) add(h home, stage string, entries []pipeline.Entry) error {
	for i, e := range entries {
		if e.Stage != stage && stage != pipeline.StageDedupe || e.Index != i { // a split may die in parse
			return fmt.Errorf("ledger entry %d of stage %s is that of %s.%06d", i, stage, e.Stage, e.Index)
		}
		dead := e.Verdict == pipeline.VerdictDead
		if e.Verdict != pipeline.VerdictDone && (!dead || stage != pipeline.StageDedupe) {
			return fmt.Errorf("task %s.%06d is %q, and no version can do without it", stage, i, e.Verdict)
		}
		if dead && e.Rows != 0 {
			return fmt.Errorf("split %d is dead, but has %d documents", i, e.Rows)
		}
		if stage == pipeline.StageDedupe || stage == pipeline.StageSettle { // what the others count is in the totals
			o.counters.Merge(e.Counters)
		}
		for _, out := range e.Outputs {
			if !out.Out {
				continue
			}
			if folder := folderOf(out.Name); !h.holds(folder) {
				return fmt.Errorf("task %s.%06d wrote %s, which is no place of version %s", stage, i, out.Name, h.version)
			}
			o.files = append(o.files, fileOf(out))
		}
	}
	switch stage {
	case pipeline.StageDedupe:
		o.dedupe = entries
	case pipeline.StageSink:
		o.sink = entries
	case pipeline.StageResolve:
		o.resolve = entries[0]
		for _, name := range []string{candidateOverflow, winnerMissing} {
			o.counters.Add(name, o.resolve.Counters[name])
		}
	}
	return nil
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
		for _, out := range o.sink[i].Outputs {
			if out.Out && out.Rows != s.Kept {
				return fmt.Errorf("%s has %d rows, but %d documents are kept in shard %d", out.Name, out.Rows, s.Kept, i)
			}
		}
	}
	if all := o.bases[len(o.bases)-1]; len(o.shards) > 0 && next != all {
		return fmt.Errorf("the shards cover %d of %d documents", next, all)
	}
	return nil
}

// output finds the description of a work file.
func output(e pipeline.Entry, name string) (pipeline.Output, bool) {
	for _, o := range e.Outputs {
		if o.Name == name {
			return o, true
		}
	}
	return pipeline.Output{}, false
}
