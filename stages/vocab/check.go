package vocab

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Check counts the characters of documents again, to hold a table against them. It needs a total for each different character, and
// for each shard that is read at the same time what a task of the count stage needs.
type Check struct {
	mu     sync.Mutex
	counts totals // guarded by mu
}

// NewCheck returns a Check that has counted nothing.
func NewCheck() *Check { return &Check{counts: totals{}} }

// Count adds the documents of a shard that some pieces of it hold, which ascend. It is safe for concurrent use.
func (c *Check) Count(ctx context.Context, s pipeline.Store, format *pipeline.TableFormat, path string, pieces []ingest.LivePiece) error {
	t, want := new(tally), int64(0)
	for _, p := range pieces {
		want += p.Rows
	}
	groups := func(g *columnar.RowGroup) bool {
		return slices.ContainsFunc(pieces, func(p ingest.LivePiece) bool { return p.Row < g.First+g.Rows && g.First < p.Row+p.Rows })
	}
	err := format.ReadTable(ctx, s, path, columnar.Selection{Text: []string{"text"}}, groups, func(f *columnar.Frame) error {
		texts, first := f.Text("text"), f.First()
		for _, p := range pieces {
			for row := max(p.Row, first); row < min(p.Row+p.Rows, first+int64(f.Rows())); row++ {
				t.row(texts, int(row-first))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if int64(t.documents) != want {
		return fmt.Errorf("%s has %d of the %d documents that it should have", path, t.documents, want)
	}
	counts, err := t.counts()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range counts {
		sum := c.counts[n.Rune]
		sum.Count += n.Count
		sum.Documents += n.Documents
		c.counts[n.Rune] = sum
	}
	return nil
}

// Compare returns an error that names the first character, by code point, which a table does not count as the documents have it.
func (c *Check) Compare(ctx context.Context, s pipeline.Store, table string) error {
	said := totals{}
	if err := said.addBase(ctx, s, table); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := maps.Clone(said)
	maps.Copy(all, c.counts)
	wrong := 0
	var first error
	for _, r := range slices.Sorted(maps.Keys(all)) {
		is, should := said[r], c.counts[r]
		if is == should {
			continue
		}
		if wrong++; wrong == 1 {
			first = fmt.Errorf("%s has %q %d times in %d documents, the live documents have it %d times in %d",
				table, r, is.Count, is.Documents, should.Count, should.Documents)
		}
	}
	if wrong > 1 {
		first = fmt.Errorf("%w (and %s more)", first, pipeline.Counted(wrong-1, "character"))
	}
	return first
}
