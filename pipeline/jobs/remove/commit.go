package remove

import (
	"cmp"
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// The commit of a removal is that of any version (see corpus.Corpus.Add); what is special is before it, and changes nothing that anybody
// reads:
//
//	step             what is there afterwards                              what the next try does
//	remove:checked   the ledger table in the staging folder, beside the    writes it again, same bytes
//	                 shards and the vocabulary that the tasks left there

// Commit implements engine.Kind. Where no document is meant there is no version.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	c := k.Open(s)
	b, err := bodyOf(job.Plan)
	if err != nil {
		return o, err
	}
	m, err := c.Base(ctx, job.Plan)
	if err != nil {
		return o, err
	}
	untold := int64(0)
	if m != nil {
		err = c.Finish(ctx, m)
	} else {
		if untold, err = k.untold(ctx, job); err != nil {
			return o, err
		}
		if m, err = k.manifestOf(ctx, c, job, b, in.Info); err != nil {
			return o, err
		}
		if m == nil {
			f, err := foundOf(ctx, c, b, nil)
			return engine.Outcome{Result: Result{Found: f, Untold: untold}, Nothing: true}, err
		}
		s.Options().Point("remove:checked")
		m, err = c.Add(ctx, job.Plan, m, in.Lead, s.Options().Point)
	}
	if err != nil {
		return o, err
	}
	r, err := resultOf(ctx, c, m, b)
	r.Untold = untold
	return engine.Outcome{Result: r}, err
}

func (k *Kind) untold(ctx context.Context, job *pipeline.Job) (n int64, err error) {
	entries, err := job.Entries(ctx, stageFind)
	for i := range entries {
		n += entries[i].Counters[counterUntold]
	}
	return n, err
}

// manifestOf is that of the version, nil if the job withdraws nothing.
func (k *Kind) manifestOf(ctx context.Context, c *corpus.Corpus, job *pipeline.Job, b *body, info engine.Info) (*manifest.Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	m := v.Newest.Successor(manifest.KindRemove, manifest.Ran(info).Info())
	m.Live, m.Plan = append(m.Live, m.Version), job.Plan.Digest()
	stages := &k.options.Stages
	if w, err := corpus.Withdraw(ctx, job, m, b.Shards, b.Withdrawn, stages.Cut.Name); err != nil || w.File.Path == "" {
		return nil, err
	}
	for _, stage := range []string{stages.Cut.Name, stages.Recount.Name} {
		entries, err := job.Entries(ctx, stage)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			for _, out := range entries[i].Outputs {
				if out.Out {
					m.Files = append(m.Files, dataset.FileOf(out))
				}
			}
		}
	}
	corpus.Recounted(&v, m, b.Counting)
	slices.Sort(m.Removes)
	slices.SortFunc(m.Files, func(a, b dataset.File) int { return cmp.Compare(a.Path, b.Path) })
	if f, ok := m.Find(pipeline.VocabFolder, corpus.CharsTable); ok {
		v, err := corpus.ReadVocabulary(ctx, c.Committing(job.Out), f)
		if err != nil {
			return nil, err
		}
		v.Put(&m.Totals)
	}
	m.Digest = dataset.Digest(m.Files)
	return m, m.Totals.Check()
}

// ResultOf is what the manifest of a version says of the removal that made it: it names no document.
func ResultOf(m *manifest.Manifest) Result {
	r := Result{Version: m.Version, Digest: m.Digest}
	r.Removed, r.Chars, r.Text = m.Totals.Withdrawn.Documents, m.Totals.Withdrawn.Chars, m.Totals.Withdrawn.Bytes
	for _, format := range m.Formats() {
		for _, f := range m.In(&format) {
			r.Shards++
			r.Bytes += f.Bytes
		}
	}
	return r
}

// resultOf names the documents as well: by the ledger of the version; b says which ids were asked for.
func resultOf(ctx context.Context, c *corpus.Corpus, m *manifest.Manifest, b *body) (Result, error) {
	r := ResultOf(m)
	var found []withdrawn.Document
	err := withdrawn.Read(ctx, c.Store(), withdrawn.Name(m.Version), func(d *withdrawn.Document) error {
		found = append(found, *d)
		return nil
	})
	if err != nil {
		return r, err
	}
	if r.Found, err = foundOf(ctx, c, b, found); err != nil {
		return r, err
	}
	r.LostOnceFreed, err = c.LostOnceFreed(ctx, m)
	return r, err
}
