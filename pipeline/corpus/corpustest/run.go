package corpustest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// Doc is one record of a test file and its fate: kept unless one of the others is set.
type Doc struct {
	Text     string
	Rejected string // reason
	Filtered string // reason
	// Of makes it a duplicate of a document of the same run, as file and record; OfID of one of an earlier version.
	Of        *[2]int
	OfID      [16]byte
	OfVersion int
	Kind      uint8
	Score     uint32
	Withdrawn bool // what it is like is withdrawn, and it is rejected
}

// File is a file of the plan. Every file is a split of its own, unless it has Bundled set: then it shares the split
// of the file before.
type File struct {
	Path    string
	Reject  string // plan-time reason
	Dead    bool   // its split died
	Unread  int64  // bytes behind the records that a file reject takes
	Reason  string // of that
	Bundled bool
	Changed bool // live versions hold another state of it, beside which its documents are
	Docs    []Doc
}

// Bytes is the size of the file.
func (f *File) Bytes() (n int64) {
	for _, d := range f.Docs {
		n += int64(len(d.Text)) + 1
	}
	return n + f.Unread
}

func (d *Doc) goesOn() bool { return d.Rejected == "" && d.Filtered == "" }

// Duplicate says whether the document is one.
func (d *Doc) Duplicate() bool { return d.Kind != 0 }

// Run is a finished run, as the stages leave it.
type Run struct {
	Local  *store.Local
	Corpus *corpus.Corpus
	Job    *pipeline.Job
	plan   *ingest.Plan
	spec   []File
	Work   pipeline.Store

	Started string // what its manifest says of that
}

// Sabotage changes one thing of a run before it is written, to make it wrong.
type Sabotage struct {
	Plan    func(*ingest.Plan)
	Entry   func(*pipeline.Entry)
	Account func(*ingest.FileAccount)
	Verdict func(*ingest.Verdict)
	Shard   func(*ingest.Shard)
	Kept    func([]byte)
	Vocab   int64                 // added to a count of the run's own documents
	Counted int64                 // and to one of all documents
	Without string                // a work file that is removed at the end
	Formats pipeline.TableFormats // of the shards; nil: Parquet
	Data    string                // settings
	Tokens  map[string][]Token    // words and runs of characters: by the kind
}

// NewStore returns an empty store, which is closed behind the test.
func NewStore(t *testing.T) *store.Local {
	t.Helper()
	local, err := store.NewLocal(t.TempDir(), store.LocalOptions{})
	pipelinetest.Must(t, err)
	t.Cleanup(func() {
		if err := local.Close(); err != nil {
			t.Error(err)
		}
	})
	return local
}

// MakeRun writes a run on top of what is in the store.
func MakeRun(t *testing.T, local *store.Local, spec []File, s Sabotage) *Run {
	t.Helper()
	return MakeRunIn(t, local, corpus.Open(local, Tables), spec, s)
}

// MakeRunIn is MakeRun for a corpus that sees the store in its own way.
func MakeRunIn(t *testing.T, local *store.Local, c *corpus.Corpus, spec []File, s Sabotage) *Run {
	t.Helper()
	newest, err := c.Newest(t.Context())
	pipelinetest.Must(t, err)
	plan := &ingest.Plan{
		Version: 1, Sources: []pipeline.Source{{Name: "新闻", Root: "/elsewhere"}}, Partitions: 1, ShardBytes: 1 << 20,
	}
	settings := json.RawMessage(`{"threshold":0.75}`)
	if newest != nil {
		plan.Version, plan.Parent, plan.Live = newest.Version+1, newest.Version, newest.Live
		plan.History, plan.Runs, err = c.History(t.Context())
		pipelinetest.Must(t, err)
		plan.MergeRuns = ingest.TierMerge(plan.Runs)
	}
	if s.Data != "" {
		settings = json.RawMessage(s.Data)
	}
	for i := range spec {
		f := &spec[i]
		plan.Files = append(plan.Files, ingest.File{
			Path: f.Path, Bytes: f.Bytes(), Format: "jsonl", Document: "line", Reject: f.Reject, Found: ingest.Found{ModTime: int64(1000 + i), Changed: f.Changed},
		})
		piece := ingest.Piece{File: i, End: f.Bytes()}
		switch n := len(plan.Splits); {
		case f.Reject != "":
		case f.Bundled:
			plan.Splits[n-1].Pieces = append(plan.Splits[n-1].Pieces, piece)
		default:
			plan.Splits = append(plan.Splits, ingest.Split{Pieces: []ingest.Piece{piece}})
		}
	}
	if s.Plan != nil {
		s.Plan(plan)
	}
	sealed, err := ingest.Seal(plan, settings)
	pipelinetest.Must(t, err)
	r := &Run{Local: local, Corpus: c, plan: plan, spec: spec, Work: local.Sub(".millrace/run-" + sealed.Digest()[:8]), Started: "2026-10-27T03:00:00Z"}
	r.Job = &pipeline.Job{Plan: sealed, Chain: chain(), Work: r.Work, Out: c.Out(sealed), Corpus: c.Files()}
	r.write(t, s)
	return r
}

// ID is the id of a document of a file.
func (r *Run) ID(file, doc int) [16]byte {
	offset := int64(0)
	for i := range r.spec[file].Docs[:doc] {
		offset += int64(len(r.spec[file].Docs[i].Text)) + 1
	}
	id, _ := ingest.DocumentID(nil, r.plan.SourceName(int32(file)), r.spec[file].Path, offset)
	return id
}

// Commit commits the run with its time and a fixed place.
func (r *Run) Commit(t *testing.T, crash func(string)) (*manifest.Manifest, error) {
	t.Helper()
	return r.Corpus.Commit(t.Context(), corpus.CommitInput{
		Job: r.Job, Skipped: 2, Languages: []string{"zh"}, Crash: crash,
		Run: manifest.RunInfo{Started: r.Started, Seconds: 1.5, Host: "laptop", Tool: "millrace test"},
	})
}

// MustCommit is Commit for a run that has to be committed.
func (r *Run) MustCommit(t *testing.T) *manifest.Manifest {
	t.Helper()
	m, err := r.Commit(t, nil)
	pipelinetest.Must(t, err)
	return m
}

// chain is one whose documents are written to the folders of all formats.
func chain() pipeline.Chain {
	c := pipelinetest.Chain()
	for _, phase := range c {
		for _, track := range phase.Tracks {
			for i := range track.Stages {
				if slices.Contains(track.Stages[i].Out, pipeline.DataFolder) {
					track.Stages[i].Out = Tables.Folders()
				}
			}
		}
	}
	return c
}
