package vocab

import (
	"context"
	"errors"
	"fmt"
	"io"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
)

// total is a character's count in the corpus up to and with this version, and in this version alone.
type total struct {
	Count, Documents       int64
	NewCount, NewDocuments int64
}

// totals holds a total for every character.
type totals map[rune]total

// Names of the counters in the entry of merge.
const (
	counterChars    = "vocabulary_chars"  // different characters, white space not among them
	counterTokens   = "vocabulary_tokens" // lines of vocab.txt: characters and special tokens
	counterTotal    = "total_chars"       // all characters of the corpus up to here, white space among them
	counterNewTotal = "new_chars"         // those of this version
)

// NewMerge returns the Runner of merge.<part>: it adds the counts of all shards and of the version before, and writes the
// vocabulary. There is one part, 0. Its entry has as many rows as the table of characters; its outputs are
// vocab/<version>/chars.parquet and vocab/<version>/vocab.txt.
func NewMerge(c Config) pipeline.Runner { return merger{c} }

type merger struct{ config Config }

// Run implements pipeline.Runner.
func (m merger) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	if task.Index != 0 {
		return e, pipeline.Permanent(fmt.Errorf("%s: there is one part only", task))
	}
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return e, err
	}
	sums := totals{}
	if err := sums.addShards(ctx, job); err != nil {
		return e, err
	}
	if plan.BaseVocab != "" {
		if err := sums.addBase(ctx, job.Corpus, plan.BaseVocab); err != nil {
			return e, err
		}
	}
	list := sums.ranked(m.config.Special)
	table, err := writeTable(ctx, job, list)
	if err != nil {
		return e, err
	}
	lines, err := writeLines(ctx, job, list)
	if err != nil {
		return e, err
	}
	e = pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone,
		Rows: table.Rows, Outputs: []pipeline.Output{table, lines},
	}
	e.Counters.Add(counterChars, lines.Rows-int64(len(m.config.Special)))
	e.Counters.Add(counterTokens, lines.Rows)
	for _, t := range sums {
		e.Counters.Add(counterTotal, t.Count)
		e.Counters.Add(counterNewTotal, t.NewCount)
	}
	return e, nil
}

// addShards adds the counts of every shard of the run. Invariant 5: a sum is taken once, over the set of the shards.
func (s totals) addShards(ctx context.Context, job *pipeline.Job) error {
	shards, err := ingest.Shards(ctx, job)
	if err != nil {
		return err
	}
	for i := range shards {
		name := ingest.CountsName(i)
		data, err := readCounts(ctx, job.Work, name)
		if err != nil {
			return err
		}
		err = decodeCounts(data, func(c count) error {
			t := s[c.Rune]
			t.Count += c.Count
			t.Documents += c.Documents
			t.NewCount += c.Count
			t.NewDocuments += c.Documents
			s[c.Rune] = t
			return nil
		})
		if err != nil {
			return fmt.Errorf("decode %s: %w", name, err)
		}
	}
	return nil
}

// readCounts reads a counts file, unless it is larger than one can be.
func readCounts(ctx context.Context, s pipeline.Store, name string) (data []byte, err error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if o.Size() > maxCountsBytes {
		return nil, fmt.Errorf("decode %s: %d bytes are more than counts can have", name, o.Size())
	}
	data = make([]byte, o.Size())
	if _, err := io.ReadFull(io.NewSectionReader(o, 0, o.Size()), data); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}
