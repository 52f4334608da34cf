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
	counterTokens   = "vocabulary_tokens" // lines of vocab.txt: all characters and special tokens
	counterTotal    = "total_chars"       // all characters of the corpus up to here, white space among them
	counterNewTotal = "new_chars"         // those of this version
)

// NewMerge returns the Runner of merge.<part> of an ingest: it adds the counts of all shards and of the version before, takes away
// those of documents that the job withdraws, and writes the vocabulary. There is one part, 0. Its entry has as many rows as the table
// of characters; its outputs are chars.parquet, vocab.txt and tokenizer.json of vocab/<version>.
func NewMerge(c Config) pipeline.Runner {
	base := func(_ context.Context, job *pipeline.Job) (string, error) {
		plan, err := ingest.PlanOf(job)
		if err != nil {
			return "", err
		}
		return plan.BaseVocab, nil
	}
	return merger{c, base, true}
}

// NewRecount does the same for a job that has no documents of its own, and only withdraws some: base says which table of characters
// it begins with.
func NewRecount(c Config, base func(ctx context.Context, job *pipeline.Job) (string, error)) pipeline.Runner {
	return merger{c, base, false}
}

type merger struct {
	config Config
	base   func(ctx context.Context, job *pipeline.Job) (string, error) // chars.parquet of the version before, "" for none
	shards bool                                                         // the job has shards of its own
}

// Run implements pipeline.Runner.
func (m merger) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	if task.Index != 0 {
		return e, pipeline.Permanent(fmt.Errorf("%s: there is one part only", task))
	}
	base, err := m.base(ctx, job)
	if err != nil {
		return e, err
	}
	sums := totals{}
	if m.shards {
		if err := sums.addShards(ctx, job); err != nil {
			return e, err
		}
	}
	if base != "" {
		if err := sums.addBase(ctx, job.Corpus, base); err != nil {
			return e, err
		}
	}
	if err := sums.takeWithdrawn(ctx, job); err != nil {
		return e, err
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
	tokenizer, err := writeTokenizer(ctx, job, list)
	if err != nil {
		return e, err
	}
	e = pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone,
		Rows: table.Rows, Outputs: []pipeline.Output{table, lines, tokenizer},
	}
	e.Counters.Add(counterTokens, lines.Rows)
	for i := range list {
		if list[i].kind == typeChar {
			e.Counters.Add(counterChars, 1)
		}
	}
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
		err := eachCount(ctx, job.Work, ingest.CountsName(i), func(c count) error {
			t := s[c.Rune]
			t.Count += c.Count
			t.Documents += c.Documents
			t.NewCount += c.Count
			t.NewDocuments += c.Documents
			s[c.Rune] = t
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeWithdrawn takes away what the documents counted for that the job withdraws. They are of earlier versions, so no count falls
// below that of the version's own documents; a character that no document has any more is no token.
func (s totals) takeWithdrawn(ctx context.Context, job *pipeline.Job) error {
	names, err := ingest.LeftIn(ctx, job, ingest.UncountsFolder)
	if err != nil {
		return err
	}
	for _, name := range names {
		err := eachCount(ctx, job.Work, name, func(c count) error {
			t := s[c.Rune]
			t.Count -= c.Count
			t.Documents -= c.Documents
			if t.Count < t.NewCount || t.Documents < t.NewDocuments || t.Count < t.Documents || t.Documents == 0 && t.Count > 0 {
				return fmt.Errorf("%q is withdrawn %d times in %d documents, more than the versions before had left", c.Rune, c.Count, c.Documents)
			}
			s[c.Rune] = t
			if t.Count == 0 {
				delete(s, c.Rune)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachCount calls yield with every count of a counts file.
func eachCount(ctx context.Context, s pipeline.Store, name string, yield func(count) error) error {
	data, err := readCounts(ctx, s, name)
	if err != nil {
		return err
	}
	if err := decodeCounts(data, yield); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
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
