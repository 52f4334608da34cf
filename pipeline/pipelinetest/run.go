package pipelinetest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Document is a document of a run that a test makes up.
type Document struct {
	Text, Meta string
	File       int32 // index in Plan.Files
	Offset     int64
	Dropped    bool   // a duplicate, as resolve would say
	Losers     uint32 // how many documents of the run lost to it
}

// Run is a run as far as resolve, for the tests of vocab, sink and merge.
type Run struct {
	Plan       ingest.Plan
	Documents  []Document
	SplitRows  []int // documents of each split; the rest go into one more split
	BatchRows  int   // documents of one block of a spill
	ShardBytes int64 // kept text in a shard, at most
}

// Job writes the run into an empty Memory, below work/, and returns what a Runner sees of it: Out is out/ and Corpus is
// corpus/ of the same Memory.
func (r Run) Job(t testing.TB, m *Memory) *pipeline.Job {
	t.Helper()
	work := m.Sub("work")
	rest := r.Documents
	chain := Chain()
	mapped, _ := chain.Summed()
	var entries []pipeline.Entry
	for split := range len(r.SplitRows) + 1 {
		n := len(rest)
		if split < len(r.SplitRows) {
			n = r.SplitRows[split]
		}
		WriteSpill(t, work, split, batches(rest[:n], r.BatchRows)...)
		entries = append(entries, pipeline.Entry{
			Stage: mapped, Index: split, Verdict: pipeline.VerdictDone, Rows: int64(n),
		})
		rest = rest[n:]
	}
	WriteJSON(t, work, pipeline.PhaseName(mapped), entries)

	kept := make([]byte, (len(r.Documents)+7)/8)
	for i, d := range r.Documents {
		if !d.Dropped {
			kept[i/8] |= 1 << (i % 8)
		}
	}
	Must(t, pipeline.WriteAll(t.Context(), work, ingest.KeptName, kept))
	Must(t, pipeline.WriteAll(t.Context(), work, ingest.WinnersName, r.winners()))
	WriteJSON(t, work, ingest.ShardsName, r.shards())
	plan := r.Plan
	return &pipeline.Job{Plan: Seal(t, &plan), Chain: chain, Work: work, Out: m.Sub("out"), Corpus: m.Sub("corpus")}
}

func (r Run) winners() (data []byte) {
	for i, d := range r.Documents {
		if d.Losers > 0 {
			data = ingest.AppendWinner(data, ingest.Winner{Document: int64(i), Losers: d.Losers})
		}
	}
	return data
}

func (r Run) shards() []ingest.Shard {
	shards := []ingest.Shard{{}}
	for i, d := range r.Documents {
		s := &shards[len(shards)-1]
		n := int64(len(d.Text))
		if !d.Dropped && s.Kept > 0 && s.Bytes+n > r.ShardBytes {
			shards = append(shards, ingest.Shard{First: s.End})
			s = &shards[len(shards)-1]
		}
		s.End = int64(i + 1)
		if !d.Dropped {
			s.Kept++
			s.Bytes += n
		}
		if d.Losers > 0 {
			s.Winners++
		}
	}
	return shards
}

// batches are the blocks of a spill, each of so many documents.
func batches(documents []Document, rows int) (list []*columnar.Batch) {
	for part := range slices.Chunk(documents, max(rows, 1)) {
		b := &columnar.Batch{}
		for _, d := range part {
			b.File = append(b.File, d.File)
			b.Offset = append(b.Offset, d.Offset)
			b.Chars = append(b.Chars, int32(utf8.RuneCountInString(d.Text)))
			b.Text.Append([]byte(d.Text))
			b.Meta.Append([]byte(d.Meta))
		}
		list = append(list, b)
	}
	return list
}

// WriteSpill writes the documents of a split into a work folder.
func WriteSpill(t testing.TB, work pipeline.Store, split int, blocks ...*columnar.Batch) {
	t.Helper()
	var data bytes.Buffer
	w, err := columnar.NewSpillWriter(&data)
	Must(t, err)
	for _, b := range blocks {
		Must(t, w.Write(b))
	}
	_, _, err = w.Finish()
	Must(t, err)
	Must(t, pipeline.WriteAll(t.Context(), work, ingest.DocumentsName(split), data.Bytes()))
}

// WriteJSON writes a value to a file.
func WriteJSON(t testing.TB, s pipeline.Store, name string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	Must(t, err)
	Must(t, pipeline.WriteAll(t.Context(), s, name, data))
}

// Must ends the test at an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Seal is a plan without settings, as it comes out of its file.
func Seal(t testing.TB, plan *ingest.Plan) *pipeline.Plan {
	t.Helper()
	sealed, err := ingest.Seal(plan, nil)
	Must(t, err)
	data, err := json.Marshal(sealed)
	Must(t, err)
	sealed, err = pipeline.DecodePlan(data, sealed.Digest())
	Must(t, err)
	return sealed
}
