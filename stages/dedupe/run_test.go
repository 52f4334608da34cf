package dedupe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// testing.T and rapid.T.
type tester interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// corpus is a row of versions that were deduplicated one after the other.
type corpus struct {
	cfg     Config
	store   *memoryStore
	history []ingest.IndexVersion
	runs    []ingest.IndexRun
	merge   int        // how many of the last runs the next version merges
	compact bool       // before the next version: the texts of all earlier ones lie in two files
	texts   [][]string // kept ones, by version
	batch   int        // documents in a batch
	traits  []trait    // of the documents of the next version; nil: they have none
	offsets []int64    // of them; nil: one comes behind the other

	tables []string     // of withdrawn documents
	gone   map[ref]bool // the documents in them, and whether they block
	leave  map[ref]bool // those that the next version withdraws, likewise
}

// trait is what there is to say of a document beside its text.
type trait struct {
	time int64 // of its file
	meta string
}

func newCorpus(cfg Config) *corpus {
	return &corpus{cfg: cfg, store: newMemoryStore(), batch: 3, gone: map[ref]bool{}}
}

// outcome is what a run made of its documents.
type outcome struct {
	job      *pipeline.Job
	kept     []bool
	verdicts []ingest.Verdict
	shards   []ingest.Shard
	entries  []pipeline.Entry // settle, resolve, index
	resolve  pipeline.Entry
	overflow int64
}

const testShardBytes = 4000

// run makes the next version of documents, a list a split, with the given number of partitions.
func (c *corpus) run(t tester, partitions int, splits ...[]string) outcome {
	t.Helper()
	version := len(c.history) + 1
	if c.compact {
		c.compactTexts(t)
	}
	plan := &ingest.Plan{
		Version: version, Partitions: partitions, ShardBytes: testShardBytes, History: c.history,
		Runs: c.runs, MergeRuns: min(c.merge, len(c.runs)), Withdrawn: c.tables,
		Sources: []pipeline.Source{{Name: "news"}},
		Files:   c.files(version),
	}
	work := newMemoryStore()
	job := &pipeline.Job{Plan: sealed(t, plan), Chain: pipelinetest.Chain(), Work: work, Out: c.store, Corpus: c.store}
	c.sign(t, job, splits)
	c.supersede(t, job)

	out := outcome{job: job}
	for p := range partitions {
		e := runTask(t, NewSettle(c.cfg), job, stageSettle, p)
		out.overflow += e.Counters["candidate_overflow"]
		out.entries = append(out.entries, e)
	}
	out.resolve = runTask(t, NewResolve(c.cfg), job, stageResolve, 0)
	out.overflow += out.resolve.Counters["candidate_overflow"]
	out.entries = append(out.entries, out.resolve)
	next := ingest.IndexVersion{Version: version}
	own := ingest.IndexRun{Versions: []int{version}, Made: version}
	merged := ingest.IndexRun{Made: version}
	for p := range partitions {
		e := runTask(t, NewIndex(), job, stageIndex, p)
		own.Keys = append(own.Keys, e.Outputs[0].Name)
		own.Entries += e.Rows
		next.Signatures = append(next.Signatures, e.Outputs[1].Name)
		next.Documents += e.Outputs[1].Rows
		for _, o := range e.Outputs[2:] {
			if path.Base(o.Name) == comparedName {
				next.Compared = append(next.Compared, o.Name)
				continue
			}
			merged.Keys = append(merged.Keys, o.Name)
			merged.Entries += o.Rows
		}
		out.entries = append(out.entries, e)
	}
	var err error
	if out.kept, err = ingest.KeptMask(t.Context(), job, 0, count(splits)); err != nil {
		t.Fatal(err)
	}
	c.keep(t, &next, flat(splits), out.kept)
	c.history = append(c.history, next)
	if n := plan.MergeRuns; n > 0 {
		from := len(c.runs) - n
		entries := int64(0)
		for _, r := range c.runs[from:] {
			merged.Versions = append(merged.Versions, r.Versions...)
			entries += r.Entries
		}
		if merged.Entries > entries || merged.Entries < entries && len(c.gone)+len(c.leave) == 0 {
			t.Fatalf("the merged run has %d entries, its parts had %d", merged.Entries, entries)
		}
		c.runs = append(c.runs[:from:from], merged)
	}
	c.runs = append(c.runs, own)
	c.withdraw(t, c.leave)
	c.leave = nil

	if out.shards, err = ingest.Shards(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	data := work.files[ingest.VerdictsName]
	for ; len(data) > 0; data = data[ingest.VerdictBytes:] {
		out.verdicts = append(out.verdicts, ingest.DecodeVerdict(data))
	}
	return out
}

// sealed is a plan as a job has it.
func sealed(t tester, plan *ingest.Plan) *pipeline.Plan {
	t.Helper()
	s, err := ingest.Seal(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files are those of a version: one, or one a document, all of one name, so that ids do not depend on it.
func (c *corpus) files(version int) []ingest.File {
	f := ingest.File{Path: fmt.Sprintf("night-%d.txt", version)}
	if c.traits == nil {
		return []ingest.File{f}
	}
	list := make([]ingest.File, len(c.traits))
	for i, t := range c.traits {
		list[i], list[i].ModTime = f, t.time
	}
	return list
}

// keep writes the kept texts of the next version.
func (c *corpus) keep(t tester, next *ingest.IndexVersion, documents []string, kept []bool) {
	var texts []string
	for i, k := range kept {
		if k {
			texts = append(texts, documents[i])
		}
	}
	c.texts = append(c.texts, texts)
	if len(texts) > 0 {
		name := fmt.Sprintf("data/%d.parquet", next.Version)
		c.writeTexts(t, name, texts)
		next.Texts = []ingest.TextRows{{Path: name, Rows: int64(len(texts))}}
	}
}

// compactTexts puts the texts of all versions into two files, cut anywhere.
func (c *corpus) compactTexts(t tester) {
	var all []string
	for i := range c.texts {
		all = append(all, c.live(i+1)...)
	}
	cut := len(all) / 3
	name := func(n int) string { return fmt.Sprintf("data/compacted-%d-%d.parquet", len(c.texts), n) }
	c.writeTexts(t, name(0), all[:cut])
	c.writeTexts(t, name(1), all[cut:])
	history := make([]ingest.IndexVersion, len(c.history))
	row := 0
	for i, v := range c.history {
		v.Texts = nil
		end := row + len(c.live(i+1))
		if row < cut && row < end {
			v.Texts = append(v.Texts, ingest.TextRows{Path: name(0), Row: int64(row), Rows: int64(min(end, cut) - row)})
		}
		if end > cut && row < end {
			from := max(row, cut)
			v.Texts = append(v.Texts, ingest.TextRows{Path: name(1), Row: int64(from - cut), Rows: int64(end - from)})
		}
		history[i], row = v, end
	}
	c.history = history
}

func (c *corpus) writeTexts(t tester, name string, texts []string) {
	var file bytes.Buffer
	w, err := columnar.NewParquetWriter(&file, []columnar.Column{{Name: "text", Type: columnar.String}}, columnar.TableOptions{GroupBytes: 2000})
	if err != nil {
		t.Fatal(err)
	}
	var column columnar.Strings
	for _, text := range texts {
		column.Append([]byte(text))
	}
	if err := w.Write(&column); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := pipeline.WriteAll(t.Context(), c.store, name, file.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// sign signs and writes every split, and leaves the ledger that the other tasks read.
func (c *corpus) sign(t tester, job *pipeline.Job, splits [][]string) {
	t.Helper()
	mapped, _ := job.Chain.Summed()
	var ledger []pipeline.Entry
	offset, number := int64(0), int32(0)
	for split, documents := range splits {
		w, err := NewWriter(t.Context(), c.cfg, job, split)
		if err != nil {
			t.Fatal(err)
		}
		stage := NewSign(c.cfg)
		b := &columnar.Batch{}
		var spilled bytes.Buffer
		spill, err := columnar.NewSpillWriter(&spilled)
		if err != nil {
			t.Fatal(err)
		}
		flush := func() {
			if b, err = stage.Process(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
			if err := spill.Write(b); err != nil {
				t.Fatal(err)
			}
			b.Reset()
		}
		for _, d := range documents {
			if c.offsets != nil {
				offset = c.offsets[number]
			}
			b.Offset = append(b.Offset, offset)
			b.Text.Append([]byte(d))
			if c.traits == nil {
				b.File = append(b.File, 0)
				b.Meta.Append(nil)
			} else {
				b.File = append(b.File, number)
				b.Meta.Append([]byte(c.traits[number].meta))
			}
			number++
			offset += int64(len(d)) + 1
			if b.Len() == c.batch {
				flush()
			}
		}
		flush()
		if _, _, err := spill.Finish(); err != nil {
			t.Fatal(err)
		}
		if err := pipeline.WriteAll(t.Context(), job.Work, ingest.DocumentsName(split), spilled.Bytes()); err != nil {
			t.Fatal(err)
		}
		outputs, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		ledger = append(ledger, pipeline.Entry{
			Stage: mapped, Index: split, Verdict: pipeline.VerdictDone, Rows: int64(len(documents)), Outputs: outputs,
		})
	}
	data, err := json.Marshal(ledger)
	if err != nil {
		t.Fatal(err)
	}
	if err := pipeline.WriteAll(t.Context(), job.Work, pipeline.PhaseName(mapped), data); err != nil {
		t.Fatal(err)
	}
}

// runTask runs a task twice: a redelivery must give the same entry, and with its digests the same bytes.
func runTask(t tester, r pipeline.Runner, job *pipeline.Job, stage string, number int) pipeline.Entry {
	t.Helper()
	task := pipeline.Task{Stage: stage, Index: number}
	first, err := r.Run(t.Context(), task, job)
	if err != nil {
		t.Fatalf("%s: %v", task, err)
	}
	again, err := r.Run(t.Context(), task, job)
	if err != nil {
		t.Fatalf("%s again: %v", task, err)
	}
	if first.Digest() != again.Digest() {
		t.Fatalf("%s: %+v, then %+v", task, first, again)
	}
	return first
}

func count(splits [][]string) (n int64) {
	for _, s := range splits {
		n += int64(len(s))
	}
	return n
}

// flat is one split of everything.
func flat(splits [][]string) (all []string) {
	for _, s := range splits {
		all = append(all, s...)
	}
	return all
}

var _ tester = (*testing.T)(nil)
