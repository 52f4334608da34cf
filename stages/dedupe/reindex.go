package dedupe

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// NewReindex returns the runner of reindex.<partition>: it writes the partition's keys of all documents, which resign has left, but for those
// that the job withdraws. Where the plan names the keys so far, those of withdrawn documents that block come from there. The entry's rows
// are keys. Memory is some blocks of every split.
func NewReindex(of ReindexingOf) pipeline.Runner { return &reindex{grounds: grounds{says: of}} }

type reindex struct{ grounds grounds }

// Run implements pipeline.Runner.
func (x *reindex) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	g, err := x.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	p, n := task.Index, g.plan.Partitions
	if p < 0 || p >= n {
		return e, pipeline.Permanent(fmt.Errorf("%s: the plan has %d partitions", task, n))
	}
	found, err := ingest.FoundWithdrawn(ctx, job)
	if err != nil {
		return e, err
	}
	now, err := withdrawn.ReadMask(ctx, job.Work, found...)
	if err != nil {
		return e, err
	}
	work, corpus := sorted.NewHandles(ctx, job.Work), sorted.NewHandles(ctx, job.Corpus)
	defer func() { err = errors.Join(err, work.Close(), corpus.Close()) }()
	sources, err := openKeys(work, g.plan, g.bases, p)
	if err != nil {
		return e, err
	}
	if len(g.runs) > 0 {
		before, err := tiers.Sources(corpus, g.plan.History, g.runs, p, n)
		if err != nil {
			return e, err
		}
		sources = []sorted.Source[uint64]{&blockedToo{keys: sorted.NewMerge(sources), before: sorted.NewMerge(before), ground: g}}
	}
	numbered := func(number uint64) (uint64, bool) {
		d := g.ref(number)
		return number, !now.Has(int(d.version), int64(d.number))
	}
	if len(found) == 0 {
		numbered = func(number uint64) (uint64, bool) { return number, true }
	}
	name := fmt.Sprintf("%s/%s/merged-%05d-of-%05d.idx", pipeline.IndexFolder, pipeline.VersionName(g.plan.Version), p, n)
	keys, err := tiers.Write(ctx, job, name, sorted.NewMerge(sources), numbered, p, n)
	if err != nil {
		return e, err
	}
	return done(task, keys.Rows, keys), nil
}

// blockedToo is keys that were made anew, and those of the index so far of documents that block, by key and number.
type blockedToo struct {
	*ground
	keys, before   *sorted.Merge[uint64]
	begun          bool
	more, moreThen bool // of keys, of before
}

// Fill implements sorted.Source.
func (s *blockedToo) Fill(items []sorted.Item[uint64]) ([]sorted.Item[uint64], error) {
	if !s.begun {
		s.begun, s.more = true, s.keys.Next()
		s.nextBlocked()
	}
	for len(items) < walkItems && (s.more || s.moreThen) {
		a, b := s.keys.Item, s.before.Item
		if s.more && (!s.moreThen || a.Key < b.Key || a.Key == b.Key && a.Value < b.Value) {
			items = append(items, a)
			s.more = s.keys.Next()
		} else {
			items = append(items, b)
			s.nextBlocked()
		}
	}
	return items, errors.Join(s.keys.Err(), s.before.Err())
}

func (s *blockedToo) nextBlocked() {
	for s.moreThen = s.before.Next(); s.moreThen; s.moreThen = s.before.Next() {
		if d := s.ref(s.before.Value); s.mask.Blocks(int(d.version), int64(d.number)) {
			return
		}
	}
}
