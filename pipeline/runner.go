package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"millrace/pipeline/columnar"
)

// The stages of the chain, in order. They are the words of subjects, of --stages, of progress and of the ledger.
const (
	StageParse     = "parse"
	StageNormalize = "normalize"
	StageDedupe    = "dedupe"
	StageSettle    = "settle"
	StageResolve   = "resolve"
	StageIndex     = "index"
	StageVocab     = "vocab"
	StageSink      = "sink"
	StageMerge     = "merge"
)

// Task names one piece of work: a stage and the number of its split, partition, shard or part.
type Task struct {
	Stage string `json:"stage"`
	Index int    `json:"index"`
	Plan  string `json:"plan"` // digest of the plan, which a worker must match
}

// Key is the last part of the task's subject.
func (t Task) Key() string { return fmt.Sprintf("%06d", t.Index) }

func (t Task) String() string { return t.Stage + "." + t.Key() }

// Runner does one task of one subject. Its result depends on the plan and the files alone (invariant 1), so it may run
// twice, at once or again after a crash. It must not leave a goroutine behind. An error is retried unless it is Permanent.
// One Runner serves many goroutines at once.
type Runner interface {
	Run(ctx context.Context, task Task, files *Files) (Entry, error)
}

// Output is one file that a task wrote.
type Output struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"` // over the content: of a corpus file sha256 of its bytes, of a spill over its columns
	Out    bool   `json:"out,omitempty"`
}

// Entry is the ledger's record of one finished task. It is a function of the task's inputs (invariant 1): no time, host
// or attempt is in it.
type Entry struct {
	Stage   string   `json:"stage"`
	Index   int      `json:"index"`
	Verdict string   `json:"verdict"` // VerdictDone, VerdictDead or, in the queue alone, VerdictVoid
	Reason  string   `json:"reason,omitempty"`
	Rows    int64    `json:"rows,omitempty"` // documents (or edges, keys, characters) that came out
	Bytes   int64    `json:"bytes,omitempty"`
	Outputs []Output `json:"outputs,omitempty"`

	Sum      Sum               `json:"sum,omitzero"` // of documents
	Counters columnar.Counters `json:"counters,omitempty"`
}

// What a ledger entry says of its task.
const (
	VerdictDone = "done"
	VerdictDead = "dead"
	// VerdictVoid takes an entry back, which is otherwise as it was: a file that it names is damaged and being made anew.
	VerdictVoid = "void"
)

// Digest identifies the content of an entry: two runs of one task must agree on it (invariant 3).
func (e Entry) Digest() string {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // programmer error: Entry holds plain values only
	}
	return hashOf(data)
}

// Files is all that a Runner sees of a run.
type Files struct {
	Plan    *Plan
	Chain   Chain
	Work    Store   // this run's spills and hand-overs
	Out     Store   // the files of the version that is being made; no reader sees them before commit
	Corpus  Store   // what earlier versions committed
	Sources Sources // where the plan's files are opened

	mu      sync.Mutex
	entries map[string][]Entry // guarded by mu; by stage
}

// PhaseName is the work file that holds the ledger entries of a finished stage.
func PhaseName(stage string) string { return "phase/" + stage + ".json" }

// Entries returns the ledger entries of a stage that is over, in the order of their index. Safe for concurrent use; the
// result is shared and must not be changed.
func (f *Files) Entries(ctx context.Context, stage string) ([]Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e, ok := f.entries[stage]; ok {
		return e, nil
	}
	data, err := ReadAll(ctx, f.Work, PhaseName(stage))
	if err != nil {
		return nil, err
	}
	list, err := decodePhase(data)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", PhaseName(stage), err)
	}
	if f.entries == nil {
		f.entries = map[string][]Entry{}
	}
	f.entries[stage] = list
	return list, nil
}

// EncodePhase is the content of a phase file: the entries, and in a line of its own the xxh3-128 of that.
func EncodePhase(list []Entry) ([]byte, error) {
	data, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(data, "\n%q\n", hashOf(data)), nil
}

func decodePhase(data []byte) (list []Entry, err error) {
	entries, sum, found := bytes.Cut(data, []byte("\n"))
	if found && strings.TrimSpace(string(sum)) != strconv.Quote(hashOf(entries)) {
		return nil, errors.New("checksum is wrong")
	}
	return list, json.Unmarshal(entries, &list)
}

func hashOf(data []byte) string {
	h := xxh3.Hash128(data).Bytes()
	return hex.EncodeToString(h[:])
}

// DocumentBases returns, for every split, the number of its first document in the run; the last element is the number
// of all documents. Documents are numbered in plan order from 0, before duplicates are dropped.
func (f *Files) DocumentBases(ctx context.Context) ([]int64, error) {
	first, _ := f.Chain.Summed()
	entries, err := f.Entries(ctx, first)
	if err != nil {
		return nil, err
	}
	bases := make([]int64, 1, len(entries)+1)
	for _, e := range entries {
		bases = append(bases, bases[len(bases)-1]+e.Rows)
	}
	return bases, nil
}

// ReadJSON decodes a small file of the store.
func ReadJSON(ctx context.Context, s Store, name string, v any) error {
	data, err := ReadAll(ctx, s, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}

// ReadAll returns a small file of the store.
func ReadAll(ctx context.Context, s Store, name string) (data []byte, err error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	data = make([]byte, o.Size())
	if _, err := io.ReadFull(io.NewSectionReader(o, 0, o.Size()), data); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

// WriteAll writes a small file of the store, whole or not at all.
func WriteAll(ctx context.Context, s Store, name string, data []byte) (err error) {
	w, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return w.Commit()
}
