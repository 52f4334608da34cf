package reindex

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
)

// The commit of a reindex is that of any version (see corpus.Corpus.Add); what is special is before it, and changes nothing that anybody
// reads:
//
//	step              what is there afterwards                              what the next try does
//	reindex:checked   the ledger table in the staging folder, if documents  writes it again, same bytes
//	                  go, beside the index, the shards and the vocabulary
//	                  that the tasks left there

// Commit implements engine.Kind. Where the index is what it was, and no document goes, there is no version.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	c := k.Open(s)
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
		if m == nil {
			return engine.Outcome{Result: Result{}, Nothing: true}, k.leave(ctx, c, in.Lead)
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

// leave removes what the tasks wrote for a version that there is not: in a bucket that lies in its places.
func (k *Kind) leave(ctx context.Context, c *corpus.Corpus, lead func(context.Context) error) error {
	if lead != nil {
		if err := lead(ctx); err != nil {
			return err
		}
	}
	return c.Recover(ctx, nil)
}

// Counters of the manifest.
const (
	counterSigned     = "reindexed_documents"
	counterBlocking   = "reindexed_blocking" // withdrawn documents that block what resembles them
	counterByTextOnly = "reindexed_by_text"  // of these: those that block what equals them alone
	counterAs         = "reindexed_as_"      // begins those of documents that go, by the kind of duplicate that they are
)

// duplicates are these kinds.
var duplicates = []string{ingest.KindName(ingest.KindExact), ingest.KindName(ingest.KindSameKey), ingest.KindName(ingest.KindNear)}

// manifestOf is that of the version, nil if it would change nothing.
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
	s := &k.options.Stages
	w, err := corpus.Withdraw(ctx, job, m, b.Shards, b.Withdrawn, s.Cut.Name)
	if err != nil || b.Same && w.File.Path == "" {
		return nil, err
	}
	if w.File.Path != "" {
		if err := c.Lost(ctx, job, m, func([16]byte) bool { return false }); err != nil {
			return nil, err
		}
	}
	signed, blocking := int64(0), int64(0)
	for _, stage := range []string{s.Sign.Name, s.Index.Name, s.Judge.Name, s.Cut.Name, s.Recount.Name} {
		entries, err := job.Entries(ctx, stage)
		if err != nil {
			return nil, err
		}
		if tasks, ok := map[string]int{s.Sign.Name: len(b.Splits), s.Index.Name: b.Partitions}[stage]; ok && len(entries) != tasks { // invariant 4
			return nil, fmt.Errorf("%s has %d ledger entries, the plan has %d tasks", stage, len(entries), tasks)
		}
		for i := range entries {
			e := &entries[i]
			switch stage {
			case s.Sign.Name:
				signed += e.Sum.Out
				blocking += e.Counters[ingest.CounterBlocking]
			case s.Judge.Name:
				for _, kind := range duplicates {
					m.Counters.Add(counterAs+kind, e.Counters[kind])
				}
				if goes := e.Sum.Of(pipeline.LeftWithdrawn); e.Sum.In != signed || goes != w.Totals.Documents { // invariant 7
					return nil, fmt.Errorf("%d documents were signed, and %d decided about; of these %d go, and %d are withdrawn", signed, e.Sum.In, goes, w.Totals.Documents)
				}
			}
			for _, out := range e.Outputs {
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
	if w.File.Path != "" {
		corpus.Recounted(&v, m, b.Counting)
	}
	slices.Sort(m.Removes)
	if f, ok := m.Find(pipeline.VocabFolder, corpus.CharsTable); ok {
		vocab, err := corpus.ReadVocabulary(ctx, c.Committing(job.Out), f)
		if err != nil {
			return nil, err
		}
		vocab.Put(&m.Totals)
	}
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
	Version   int   `json:"version"` // 0: the index is what it would become, and no document goes
	Documents int64 `json:"documents"`
	KeyText   int   `json:"key_text,omitempty"`
	Keys      int64 `json:"keys"` // of the index
	Bytes     int64 `json:"bytes"`
	// Blocking is how many withdrawn documents block what resembles them. ByTextOnly is 0 where they do so as before; otherwise only what
	// equals them is still rejected.
	Blocking   int64 `json:"blocking,omitempty"`
	ByTextOnly int64 `json:"by_text_only,omitempty"`
	// Withdrawn are the documents that went, nil if none did.
	Withdrawn *Withdrawn `json:"withdrawn,omitempty"`
	Digest    string     `json:"digest,omitempty"`
	// LostOnceFreed are versions that can be dropped until a GC frees the index that was there, and not any more behind it.
	LostOnceFreed []int `json:"lost_once_freed,omitempty"`
}

// Withdrawn are documents that equal or resemble an earlier one.
type Withdrawn struct {
	Documents int64 `json:"documents"`
	Chars     int64 `json:"chars"`
	Text      int64 `json:"text_bytes"`
	// Exact, SameKey and Near are what they are of the earlier ones.
	Exact   int64 `json:"exact"`
	SameKey int64 `json:"same_key"`
	Near    int64 `json:"near"`
	Shards  int   `json:"shards"` // that were written anew, in all formats
	// Losers are documents that had lost to these: their files are read again by the next run.
	Losers int64 `json:"losers,omitempty"`
}

// ResultOf is what the manifest of a version says of the reindex that made it.
func ResultOf(m *manifest.Manifest) Result {
	r := Result{
		Version: m.Version, Documents: m.Counters[counterSigned], KeyText: m.KeyText, Digest: m.Digest,
		Blocking: m.Counters[counterBlocking], ByTextOnly: m.Counters[counterByTextOnly],
	}
	if t := &m.Totals.Withdrawn; t.Documents > 0 {
		w := &Withdrawn{Documents: t.Documents, Chars: t.Chars, Text: t.Bytes}
		w.Exact, w.SameKey, w.Near = m.Counters[counterAs+duplicates[0]], m.Counters[counterAs+duplicates[1]], m.Counters[counterAs+duplicates[2]]
		for _, format := range m.Formats() {
			w.Shards += len(m.In(&format))
		}
		if f, ok := m.Find(pipeline.LedgerFolder, corpus.LostTable); ok {
			w.Losers = f.Rows
		}
		r.Withdrawn = w
	}
	for _, f := range m.Below(pipeline.IndexFolder) {
		r.Bytes += f.Bytes
		if manifest.KindOfIndex(f) != manifest.IndexSignatures {
			r.Keys += f.Rows
		}
	}
	return r
}
