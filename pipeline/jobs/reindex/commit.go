package reindex

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
	"millrace/pipeline/engine"
	"millrace/pipeline/ingest"
)

// The commit of a reindex is that of any version (see corpus.Corpus.Add); what is special is before it, and changes nothing that anybody
// reads:
//
//	step              what is there afterwards                              what the next try does
//	reindex:checked   the index in the staging folder, where the tasks      checks it again
//	                  left it

// Commit implements engine.Kind.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	c := k.open(s)
	m, err := c.Base(ctx, job.Plan)
	if err != nil {
		return o, err
	}
	if m != nil {
		err = c.Finish(ctx, m)
	} else {
		if m, err = k.manifestOf(ctx, c, job, in.Info); err != nil {
			return o, err
		}
		s.Options().Point("reindex:checked")
		m, err = c.Add(ctx, job.Plan, m, in.Lead, s.Options().Point)
	}
	if err != nil {
		return o, err
	}
	r := ResultOf(m)
	r.LostOnceFreed, err = c.LostOnceFreed(ctx, m)
	return engine.Outcome{Result: r}, err
}

// Counters of the manifest.
const (
	counterSigned     = "reindexed_documents"
	counterBlocking   = "reindexed_blocking" // withdrawn documents that block what resembles them
	counterByTextOnly = "reindexed_by_text"  // of these: those that block what equals them alone
)

// manifestOf is that of the version.
func (k *Kind) manifestOf(ctx context.Context, c *corpus.Corpus, job *pipeline.Job, info engine.Info) (*manifest.Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	b, err := bodyOf(job.Plan)
	if err != nil {
		return nil, err
	}
	m := v.Newest.Successor(manifest.KindReindex, manifest.Ran(info).Info())
	m.Live, m.Plan, m.Settings, m.KeyText = append(m.Live, m.Version), job.Plan.Digest(), job.Plan.Settings, ingest.KeyText
	signed, blocking := int64(0), int64(0)
	for stage, tasks := range map[string]int{k.options.Stages.Sign.Name: len(b.Splits), k.options.Stages.Index.Name: b.Partitions} {
		entries, err := job.Entries(ctx, stage)
		if err != nil {
			return nil, err
		}
		if len(entries) != tasks { // invariant 4
			return nil, fmt.Errorf("%s has %d ledger entries, the plan has %d tasks", stage, len(entries), tasks)
		}
		for i := range entries {
			signed += entries[i].Sum.Out
			blocking += entries[i].Counters[ingest.CounterBlocking]
			for _, out := range entries[i].Outputs {
				if out.Out {
					m.Files = append(m.Files, dataset.FileOf(out))
				}
			}
		}
	}
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return cmp.Compare(a.Path, b.Path) })
	m.Counters.Add(counterSigned, signed)
	m.Counters.Add(counterBlocking, blocking)
	if len(b.Runs) == 0 {
		m.Counters.Add(counterByTextOnly, blocking)
	}
	if err := check(&v, m, signed); err != nil {
		return nil, err
	}
	run := manifest.IndexRun{Made: m.Version}
	for _, r := range v.Live {
		run.Versions = append(run.Versions, r.Version)
		for _, f := range v.Below(r, pipeline.IndexFolder) {
			if manifest.KindOfIndex(f) == manifest.IndexSignatures {
				m.Removes = append(m.Removes, f.Path)
			}
		}
	}
	m.Index = nil
	if len(run.Versions) > 0 {
		m.Index = []manifest.IndexRun{run}
	}
	m.Removes = append(m.Removes, v.Merged(m.Index)...)
	slices.Sort(m.Removes)
	m.Digest = dataset.Digest(m.Files)
	return m, m.Totals.Check()
}

// check compares what was written with what the manifests say: every live document was signed, and of each run there is a record of every
// document that it kept.
func check(v *manifest.View, m *manifest.Manifest, signed int64) error {
	live := int64(0)
	records := map[int]int64{}
	for _, f := range m.Files {
		if version, ok := pipeline.InPlaceOfWhich(f.Path); ok {
			records[version] += f.Rows
		}
	}
	for _, r := range v.Live {
		live += v.Documents(r)
		if records[r.Version] != r.Totals.Documents.Kept {
			return fmt.Errorf("version %d kept %d documents, and %d records were made", r.Version, r.Totals.Documents.Kept, records[r.Version])
		}
	}
	if live != signed {
		return fmt.Errorf("%d documents are live, and %d were signed", live, signed)
	}
	return nil
}

// Result is what a reindex ends with: the object that `reindex --json` prints.
type Result struct {
	Version   int   `json:"version"` // 0: the index is what it would become
	Documents int64 `json:"documents"`
	KeyText   int   `json:"key_text,omitempty"`
	Keys      int64 `json:"keys"` // of the index
	Bytes     int64 `json:"bytes"`
	// Blocking is how many withdrawn documents block what resembles them. ByTextOnly is 0 where they do so as before; otherwise only what
	// equals them is still rejected.
	Blocking   int64  `json:"blocking,omitempty"`
	ByTextOnly int64  `json:"by_text_only,omitempty"`
	Digest     string `json:"digest,omitempty"`
	// LostOnceFreed are versions that can be dropped until a GC frees the index that was there, and not any more behind it.
	LostOnceFreed []int `json:"lost_once_freed,omitempty"`
}

// ResultOf is what the manifest of a version says of the reindex that made it.
func ResultOf(m *manifest.Manifest) Result {
	r := Result{
		Version: m.Version, Documents: m.Counters[counterSigned], KeyText: m.KeyText, Digest: m.Digest,
		Blocking: m.Counters[counterBlocking], ByTextOnly: m.Counters[counterByTextOnly],
	}
	for _, f := range m.Below(pipeline.IndexFolder) {
		r.Bytes += f.Bytes
		if manifest.KindOfIndex(f) != manifest.IndexSignatures {
			r.Keys += f.Rows
		}
	}
	return r
}
