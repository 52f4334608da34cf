package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
)

// Shard is a range of the run's documents whose kept ones make one output file. The shards of a run cover it whole.
type Shard struct {
	First int64 `json:"first"` // number of the first document
	End   int64 `json:"end"`   // number behind the last
	Kept  int64 `json:"kept"`
	Bytes int64 `json:"bytes"` // of kept text
	// Winners is how many of the kept ones have won over others of the run. Their records follow each other in WinnersName.
	Winners int64 `json:"winners"`
}

// Shards reads the shard plan that resolve wrote.
func Shards(ctx context.Context, job *pipeline.Job) ([]Shard, error) {
	var shards []Shard
	err := pipeline.ReadJSON(ctx, job.Work, ShardsName, &shards)
	return shards, err
}

// KeptMask reads the bits of documents first..end-1 of the run: true is kept.
func KeptMask(ctx context.Context, job *pipeline.Job, first, end int64) (mask []bool, err error) {
	o, err := job.Work.Open(ctx, KeptName)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if first < 0 || end < first || (end+7)/8 > o.Size() {
		return nil, fmt.Errorf("%s has %d bytes, too few for documents %d to %d", KeptName, o.Size(), first, end)
	}
	from := first / 8
	data := make([]byte, (end+7)/8-from)
	if _, err := io.ReadFull(io.NewSectionReader(o, from, int64(len(data))), data); err != nil {
		return nil, fmt.Errorf("read %s: %w", KeptName, err)
	}
	mask = make([]bool, end-first)
	for i := range mask {
		d := first + int64(i) - from*8
		mask[i] = data[d/8]>>(d%8)&1 == 1
	}
	return mask, nil
}

// Bases returns, for every split, the number of its first document in the run; the last element is the number
// of all documents. Documents are numbered in plan order from 0, before duplicates are dropped.
func Bases(ctx context.Context, job *pipeline.Job) ([]int64, error) {
	first, _ := job.Chain.Summed()
	entries, err := job.Entries(ctx, first)
	if err != nil {
		return nil, err
	}
	bases := make([]int64, 1, len(entries)+1)
	for _, e := range entries {
		bases = append(bases, bases[len(bases)-1]+e.Rows)
	}
	return bases, nil
}
