package corpus

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// A compaction, step by step, and what a crash behind each step leaves. The names are those of CompactInput.Crash.
//
//	step                  what is there afterwards                        what the next command does
//	compact:planned       nothing new                                     starts over
//	compact:written       shards in the staging folder                    removes them; a compaction starts over
//	compact:checked       the same, compared with what was read           the same
//	commit:moved:data     the folder in place, without a manifest         removes it
//	compact:placed        the same                                        removes it
//	compact:manifest      the version exists, the shards it takes the     writes the card
//	                      place of are still there
//	compact:card          the card is that of the new version             removes the staging folder
//	compact:done          the staging folder is gone                      nothing
//
// The shards that it takes the place of stay where they are until GC frees them: a drop of the version finds them.

// CompactInput says how Compact writes.
type CompactInput struct {
	ShardBytes int64                 // text of a full-sized shard
	Table      columnar.TableOptions // how a shard is written
	Run        RunInfo
	// Lead and Crash are as in CommitInput.
	Lead  func(context.Context) error
	Crash func(point string)
}

// Compact writes the documents of small shards into full-sized ones, as a new version of the same documents, and returns its
// manifest; nil if there is nothing to gain. Small are the runs, and earlier compactions, whose shards hold less than half
// of a full-sized one on average. Every document stays as it is, its version too, and in the order that it has among those of
// its version; all other files of the runs stay where they are. Before it commits it reads what it wrote and compares it with
// what the manifests of the runs say. The caller must hold the corpus.
func (c *Corpus) Compact(ctx context.Context, in CompactInput) (*Manifest, error) {
	crash := orNothing(in.Crash)
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := ViewOf(list)
	small := v.small(in.ShardBytes)
	if len(small) == 0 {
		return nil, nil
	}
	job, err := c.compactionFiles(&v, small, in)
	if err != nil {
		return nil, err
	}
	h := homeOf(job.Plan)
	crash("compact:planned")
	w := compactor{corpus: c, job: job, in: in, units: small}
	shards, err := w.write(ctx)
	if err != nil {
		return nil, err
	}
	crash("compact:written")
	m := v.Newest.successor(KindCompact, in.Run)
	m.Live, m.Plan, m.Files = append(m.Live, m.Version), h.plan, shards
	m.Index, m.Digest = v.index(), RunDigest(m.Files)
	for _, u := range small {
		m.Compacts = append(m.Compacts, u.Versions...)
	}
	slices.Sort(m.Compacts)
	if m.KeptIDs, err = w.check(ctx, &v, m); err != nil {
		return nil, err
	}
	crash("compact:checked")
	if err := c.place(ctx, job.Out, h, m.Files, crash); err != nil {
		return nil, err
	}
	crash("compact:placed")
	if err := c.create(ctx, m, in.Lead); err != nil {
		return nil, err
	}
	crash("compact:manifest")
	if err := c.writeCard(ctx); err != nil {
		return nil, err
	}
	crash("compact:card")
	if err := c.store.Remove(ctx, h.staging); err != nil {
		return nil, err
	}
	crash("compact:done")
	return m, nil
}

// compactionFiles makes the plan of a compaction, which names where it writes, and the stores for it.
func (c *Corpus) compactionFiles(v *View, small []Unit, in CompactInput) (*pipeline.Job, error) {
	var shards []string
	for _, u := range small {
		for _, f := range u.Shards {
			shards = append(shards, f.SHA256)
		}
	}
	what, err := json.Marshal(map[string]any{"compact": shards, "level": in.Table.Level, "group_bytes": in.Table.GroupBytes})
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	plan := &pipeline.Plan{
		Code: pipeline.CodeVersion, Version: v.Newest.Version + 1, Parent: v.Newest.Version, Live: v.Newest.Live,
		Sources: []pipeline.Source{}, Files: []pipeline.File{}, Splits: []pipeline.Split{}, ShardBytes: in.ShardBytes, Settings: what,
	}
	return &pipeline.Job{Plan: plan, Out: c.Out(plan), Corpus: c.store}, nil
}

// small returns the units that are worth writing anew: none unless there will be fewer shards.
func (v *View) small(shardBytes int64) (small []Unit) {
	kept := map[int]int64{} // bytes of text
	for _, m := range v.Live {
		kept[m.Version] = m.Totals.KeptBytes
	}
	bytes, shards := int64(0), int64(0)
	for _, u := range v.Units {
		text := int64(0)
		for _, version := range u.Versions {
			text += kept[version]
		}
		if n := int64(len(u.Shards)); n > 0 && text/n < shardBytes/2 {
			small = append(small, u)
			bytes += text
			shards += n
		}
	}
	if len(small) < 2 || shardsFor(bytes, shardBytes) >= shards {
		return nil
	}
	return small
}

func shardsFor(bytes, shardBytes int64) int64 { return max(1, (bytes+shardBytes-1)/shardBytes) }

// check reads the shards that were written, and returns the digest of their ids: each run must have the documents, in
// number, order, characters and bytes, that its manifest says (invariant 7).
func (w *compactor) check(ctx context.Context, v *View, m *Manifest) (keptIDs string, err error) {
	runs := map[int]*Contents{}
	for _, version := range m.Compacts {
		runs[version] = NewContents()
	}
	all := NewContents()
	for _, f := range m.Files {
		if err := all.Add(ctx, w.job.Out, f, runs); err != nil {
			return "", err
		}
	}
	for _, version := range m.Compacts {
		run, got := v.Made[version], runs[version]
		t := &run.Totals
		if got.Rows != t.Documents.Kept || got.Chars != t.Chars || got.Bytes != t.KeptBytes || got.Digest() != run.KeptIDs {
			return "", fmt.Errorf("version %d has %d documents with %d characters, %d bytes and ids %s; compacted they are %d, %d, %d and %s",
				version, t.Documents.Kept, t.Chars, t.KeptBytes, run.KeptIDs, got.Rows, got.Chars, got.Bytes, got.Digest())
		}
	}
	return all.Digest(), nil
}
