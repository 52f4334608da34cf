package counts

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// collectorBytes is what a collector holds at most, but for what one document has.
const collectorBytes = 64 << 20

// Collector counts the tokens of the documents of one task, and leaves them in work files. It is used by one goroutine.
type Collector struct {
	runs
	table *table
	most  int
	long  int64
}

// NewCollector begins the work files of a task, of which there is one, and more where it takes them: prefix, which begins with a folder, and behind it
// TASK-RUN.counts.
func NewCollector(ctx context.Context, job *pipeline.Job, prefix string, task int) *Collector {
	return &Collector{runs: runs{ctx: ctx, job: job, prefix: prefix, task: task, scratch: new(scratch)}, table: newTable(), most: collectorBytes}
}

// Document begins the next document.
func (c *Collector) Document() error {
	if c.table.bytes() > c.most {
		if err := c.flush(); err != nil {
			return err
		}
	}
	c.table.document++
	return nil
}

// Add counts an occurrence of a token in the document. What has more bytes than a token may have is not counted: see Long.
func (c *Collector) Add(token []byte) {
	if len(token) == 0 {
		return
	}
	if len(token) > MaxToken {
		c.long++
		return
	}
	c.table.add(token)
}

// Long is how many were too long to be counted.
func (c *Collector) Long() int64 { return c.long }

func (c *Collector) flush() error {
	err := c.write(c.table.entries, c.table.arena)
	c.table.reset()
	return err
}

// Commit writes what is left, and returns the files.
func (c *Collector) Commit() ([]pipeline.Output, error) {
	if len(c.table.entries) > 0 || len(c.outputs) == 0 {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	return c.outputs, nil
}

// Close forgets what was not written. Files that were written stay until the job is over, or the task is done again.
func (c *Collector) Close() error {
	c.table = nil
	return nil
}

// runs are the files of a task, each in order.
type runs struct {
	ctx     context.Context // of the task
	job     *pipeline.Job
	prefix  string
	task    int
	scratch *scratch
	outputs []pipeline.Output
}

// scratch is memory that is needed to write what was counted. Those that are used one after the other may share one.
type scratch struct {
	order   order
	grams   sorted.Sorter[gramCount]
	entries []entry
	arena   []byte
}

// name is that of the next one.
func (r *runs) name() string {
	return fmt.Sprintf("%s%06d-%04d.counts", r.prefix, r.task, len(r.outputs))
}

// write writes one.
func (r *runs) write(entries []entry, arena []byte) (err error) {
	w, err := CreateWork(r.ctx, r.job, r.name())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := r.scratch.order.each(entries, arena, w.Add); err != nil {
		return err
	}
	out, err := w.Commit()
	r.outputs = append(r.outputs, out)
	return err
}
