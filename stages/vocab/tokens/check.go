package tokens

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Check counts one part of the tokens of a kind again, to hold a table against them. It finds n-grams in another way than counting does, and
// holds all tokens of its part in memory.
type Check struct {
	kind        string
	part, parts uint64

	mu   sync.Mutex
	sums map[string]tally // guarded by mu
}

// tally is how often a token occurs, and in how many documents.
type tally struct{ count, documents int64 }

// NewCheck returns a Check of a part of so many parts that has counted nothing.
func NewCheck(kind string, part, parts uint64) *Check {
	return &Check{kind: kind, part: part, parts: parts, sums: map[string]tally{}}
}

// checkedAtOnce is how many different tokens of a shard are counted before they are added to those of all.
const checkedAtOnce = 1 << 16

// Count adds the documents of a shard that some pieces of it hold, which ascend. It is safe for concurrent use.
func (c *Check) Count(ctx context.Context, s pipeline.Store, format *pipeline.TableFormat, path string, pieces []ingest.LivePiece) error {
	own := shardCheck{check: c, found: map[string]*documentTally{}}
	if c.kind == ingest.KindWords {
		own.cutter = newCutter()
	} else if own.n = ingest.GramsOf(c.kind); own.n == 0 {
		return fmt.Errorf("unknown kind of tokens %q", c.kind)
	}
	for i := range pieces {
		p := pieces[i]
		p.Path = path
		err := p.Read(ctx, s, pipeline.TableFormats{*format}, func(_ int64, text, meta []byte, _ string) error {
			own.document++
			own.add(text, meta)
			if len(own.found) > checkedAtOnce {
				own.flush()
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	own.flush()
	return nil
}

// shardCheck counts the documents of one shard.
type shardCheck struct {
	check    *Check
	found    map[string]*documentTally
	document int64
	cutter   *cutter
	n        int
	ends     []int // of the last letters
}

type documentTally struct {
	tally
	last int64 // number of the last document that has the token
}

func (s *shardCheck) flush() {
	c := s.check
	c.mu.Lock()
	defer c.mu.Unlock()
	for token, t := range s.found {
		sum := c.sums[token]
		sum.count += t.count
		sum.documents += t.documents
		c.sums[token] = sum
	}
	clear(s.found)
}

func (s *shardCheck) token(token []byte) {
	if xxh3.Hash(token)%s.check.parts != s.check.part {
		return
	}
	t := s.found[string(token)]
	if t == nil {
		t = &documentTally{}
		s.found[string(token)] = t
	}
	t.count++
	if t.last != s.document {
		t.documents++
		t.last = s.document
	}
}

func (s *shardCheck) add(text, meta []byte) {
	if s.cutter == nil {
		s.grams(text)
		return
	}
	s.cutter.each(text, meta, func(word []byte) {
		if len(word) <= counts.MaxToken {
			s.token(word)
		}
	})
}

// grams counts the n characters behind each place that has n letters or marks.
func (s *shardCheck) grams(text []byte) {
	starts := s.ends[:0] // of the letters in a row
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r > counts.MostLetter || !unicode.In(r, unicode.L, unicode.M) {
			starts = starts[:0]
		} else if starts = append(starts, i); len(starts) >= s.n {
			s.token(text[starts[len(starts)-s.n] : i+size])
		}
		i += size
	}
	s.ends = starts
}

// Compare returns an error that names a token which a table does not count as the documents have it, or the first row that is out of order. With one part
// of all tokens it holds what the footer says against them as well.
func (c *Check) Compare(ctx context.Context, s pipeline.Store, table string) (err error) {
	said, err := Footer(ctx, s, table)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found := Merged{Tokens: int64(len(c.sums))}
	for _, t := range c.sums {
		found.Count += t.count
	}
	var last []byte
	lastCount, row := int64(0), 0
	columns := columnar.Selection{Text: []string{"token"}, Int: []string{"count", "documents"}}
	err = pipeline.ReadTable(ctx, s, table, columns, func(f *columnar.Frame) error {
		tokens, documents := f.Text("token"), f.Int("documents")
		for i, count := range f.Int("count") {
			token := tokens.At(i)
			if row > 0 && (count > lastCount || count == lastCount && bytes.Compare(token, last) <= 0) {
				return fmt.Errorf("row %d is out of order", row)
			}
			last, lastCount = append(last[:0], token...), count
			row++
			if xxh3.Hash(token)%c.parts != c.part {
				continue
			}
			should := c.sums[string(token)]
			if is := (tally{count, documents[i]}); is != should {
				return fmt.Errorf("it has %q %d times in %d documents, the live documents have it %d times in %d", token, is.count, is.documents, should.count, should.documents)
			}
			delete(c.sums, string(token))
		}
		return nil
	})
	if err != nil {
		return err
	}
	missing := ""
	for token, t := range c.sums {
		if t.count >= said.Least && (missing == "" || token < missing) {
			missing = token
		}
	}
	switch {
	case missing != "":
		return fmt.Errorf("%s does not have %q, which the live documents have %d times", table, missing, c.sums[missing].count)
	case c.parts == 1 && (found.Tokens != said.Tokens || found.Count != said.Count):
		return fmt.Errorf("%s says that there are %d tokens, %d times in all; the live documents have %d, %d times", table, said.Tokens, said.Count, found.Tokens, found.Count)
	}
	return nil
}

// Sums is what the footer of a table says.
type Sums struct {
	Merged
	Least int64
}

// Footer reads what a table says of all tokens.
func Footer(ctx context.Context, s pipeline.Store, table string) (sums Sums, err error) {
	o, err := s.Open(ctx, table)
	if err != nil {
		return sums, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	footer, err := columnar.ReadFooter(o, o.Size())
	if err != nil {
		return sums, fmt.Errorf("%s: %w", table, err)
	}
	for key, to := range map[string]*int64{metaTokens: &sums.Tokens, metaCount: &sums.Count, metaLeast: &sums.Least} {
		if *to, err = strconv.ParseInt(footer.Metadata[key], 10, 64); err != nil {
			return sums, fmt.Errorf("%s: its footer has no sound %s", table, key)
		}
	}
	return sums, nil
}
