package lines

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// counts says of some documents at once in how many documents of its group each of their lines stands, by the keys that a job has found frequent. It is used
// by one goroutine.
type counts struct {
	of map[uint64]int64 // documents by key; 0 for a key that is not frequent

	files  *sorted.Handles
	lookup *sorted.Lookup
	scan   Scanner
	group  []byte
	noted  []uint64 // of documents one behind the other: the key of the group, and those of the lines
	ends   []int    // of the keys of each
	asked  []uint64
	found  []sorted.Item[uint64]
}

func newCounts(ctx context.Context, job *pipeline.Job, p *Plan) *counts {
	names := make([]string, p.Partitions)
	for i := range names {
		names[i] = frequentName(i)
	}
	files := sorted.NewHandles(ctx, job.Work)
	return &counts{files: files, lookup: sorted.NewLookup(files, names), of: map[uint64]int64{}}
}

func (c *counts) close() error { return c.files.Close() }

// begin forgets the documents before.
func (c *counts) begin() { c.noted, c.ends = c.noted[:0], c.ends[:0] }

// note notes the keys of a document.
func (c *counts) note(text, meta []byte, source string) {
	c.group = AppendGroup(c.group[:0], meta, source)
	g := GroupOf(c.group)
	c.noted = append(c.noted, g.Key())
	c.scan.Each(text, g, func(_ []byte, key uint64) { c.noted = append(c.noted, key) })
	c.ends = append(c.ends, len(c.noted))
}

// keys are those of a document, by the order in which they were noted: that of its group, and one a line, 0 where nothing is on it.
func (c *counts) keys(i int) []uint64 {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.noted[from:c.ends[i]]
}

// find looks up what was noted.
func (c *counts) find() (err error) {
	c.asked = append(c.asked[:0], c.noted...)
	slices.Sort(c.asked)
	c.asked = slices.Compact(c.asked)
	if len(c.asked) > 0 && c.asked[0] == 0 {
		c.asked = c.asked[1:]
	}
	c.lookup.Again()
	if c.found, err = c.lookup.Find(c.asked, 1, c.found[:0]); err != nil {
		return err
	}
	clear(c.of)
	for _, f := range c.found {
		c.of[f.Key] = int64(f.Value)
	}
	return nil
}
