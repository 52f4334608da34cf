package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline/columnar"
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
	Run(ctx context.Context, task Task, job *Job) (Entry, error)
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
