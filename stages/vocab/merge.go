package vocab

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/vocab/tokens"
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
// those of documents that the job withdraws, and writes the vocabulary. Part 0 does so for characters: its entry has as many rows as their table, and
// among its outputs are chars.parquet, vocab.txt and tokenizer.json of vocab/<version>. All parts do it for a partition of the tokens: see package
// tokens.
func NewMerge(c Config) pipeline.Runner {
	base := func(_ context.Context, job *pipeline.Job) (string, error) {
		plan, err := ingest.PlanOf(job)
		if err != nil {
			return "", err
		}
		return plan.BaseVocab, nil
	}
	return merger{c, base, true, CountingOf}
}

// NewRecount does the same for a job that has no documents of its own, and only withdraws some: base says which table of characters
// it begins with.
func NewRecount(c Config, base func(ctx context.Context, job *pipeline.Job) (string, error), counting Counting) pipeline.Runner {
	return recounter{merger{c, base, false, counting}}
}

// CountingOf is the Counting of an ingest.
func CountingOf(job *pipeline.Job) (*ingest.Counting, error) {
	p, err := ingest.PlanOf(job)
	if err != nil {
		return nil, err
	}
	return p.Counting, nil
}

type merger struct {
	config Config
	base   func(ctx context.Context, job *pipeline.Job) (string, error) // chars.parquet of the version before, "" for none
	shards bool                                                         // the job has shards of its own

	counting Counting
}

// Run implements pipeline.Runner.
func (m merger) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	p, err := m.counting(job)
	if err != nil {
		return e, err
	}
	if parts := Parts(p); task.Index < 0 || task.Index >= parts {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d parts", task, parts))
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	if task.Index == 0 {
		if err := m.chars(ctx, job, &e); err != nil {
			return e, err
		}
	}
	if p == nil {
		return e, nil
	}
	left, err := tokens.LeftOf(ctx, job)
	if err != nil {
		return e, err
	}
	for i := range p.Kinds {
		kind := p.Kinds[i].Kind
		sum, outputs, err := tokens.Merge(ctx, job, p, &p.Kinds[i], left, task.Index, m.config.Least)
		if err != nil {
			return e, err
		}
		e.Outputs = append(e.Outputs, outputs...)
		addSum(&e.Counters, kind, sum)
	}
	return e, nil
}

// Parts is how many tasks merge has.
func Parts(p *ingest.Counting) int {
	if p == nil {
		return 1
	}
	return p.Partitions
}

// Names of the counters of a kind of tokens, behind its name, in the entries of merge.
const (
	sumTokens    = "_tokens"     // different ones in the corpus up to here
	sumCount     = "_count"      // occurrences in the corpus up to here
	sumNewTokens = "_new_tokens" // that no version before had
	sumNewCount  = "_new_count"  // in documents of this version
)

func addSum(c *columnar.Counters, kind string, sum tokens.Merged) {
	c.Add(kind+sumTokens, sum.Tokens)
	c.Add(kind+sumCount, sum.Count)
	c.Add(kind+sumNewTokens, sum.NewTokens)
	c.Add(kind+sumNewCount, sum.NewCount)
}

func sumOf(c columnar.Counters, kind string) tokens.Merged {
	return tokens.Merged{Tokens: c[kind+sumTokens], Count: c[kind+sumCount], NewTokens: c[kind+sumNewTokens], NewCount: c[kind+sumNewCount]}
}

// chars does the characters.
func (m merger) chars(ctx context.Context, job *pipeline.Job, e *pipeline.Entry) error {
	base, err := m.base(ctx, job)
	if err != nil {
		return err
	}
	sums := totals{}
	if m.shards {
		if err := sums.addShards(ctx, job); err != nil {
			return err
		}
	}
	if base != "" {
		if err := sums.addBase(ctx, job.Corpus, base); err != nil {
			return err
		}
	}
	if err := sums.takeWithdrawn(ctx, job); err != nil {
		return err
	}
	list := sums.ranked(m.config.Special)
	table, err := writeTable(ctx, job, list)
	if err != nil {
		return err
	}
	lines, err := writeLines(ctx, job, list)
	if err != nil {
		return err
	}
	tokenizer, err := writeTokenizer(ctx, job, list)
	if err != nil {
		return err
	}
	e.Rows, e.Outputs = table.Rows, append(e.Outputs, table, lines, tokenizer)
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
	return nil
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
