package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/beside"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/lines"
)

// document is one whose columns are read, valid until the next.
type document struct {
	block *beside.Block
	row   int
	cut   *lines.Cut // its text as the release has it; nil: that of the corpus
}

func (d *document) text(column string) []byte {
	if d.cut != nil && column == "text" {
		return d.cut.Text
	}
	return d.original(column)
}

// original is a text as the corpus has it.
func (d *document) original(column string) []byte {
	s, first := d.block.Text(0, column)
	return s.At(first + d.row)
}

func (d *document) number(column string) int64 {
	n := d.block.Int(0, column)[d.row]
	switch {
	case d.cut == nil:
	case column == "chars":
		n -= d.cut.Chars
	case column == "bytes":
		n = int64(len(d.cut.Text))
	}
	return n
}

// lost says how many lines, and characters, were cut.
func (d *document) lost() (lines, chars int64) {
	if d.cut == nil {
		return 0, 0
	}
	return d.cut.Lines, d.cut.Chars
}

// texts reads columns of the documents of a task that are wanted, by their numbers in the task: as the release has them, without the lines that are cut. Pieces
// of which none is wanted are not read.
func (k *Kind) texts(ctx context.Context, job *pipeline.Job, b *body, task int, columns []string, want func(i int) bool, yield func(i int, d *document) error) (err error) {
	r := textReader{kind: k, job: job, body: b, columns: columns, want: want, yield: yield}
	if b.Lines != nil && slices.ContainsFunc(columns, ofText) {
		for _, name := range []string{"text", "source", "metadata"} {
			if !slices.Contains(r.columns, name) {
				r.columns = append(slices.Clone(r.columns), name)
			}
		}
		r.cutter = b.cutter(ctx, job)
		defer func() { err = errors.Join(err, r.cutter.Close()) }()
	}
	return r.task(ctx, task)
}

// ofText says whether a column is another one where lines are cut.
func ofText(column string) bool { return column == "text" || column == "chars" || column == "bytes" }

// originals reads the same as the corpus has them.
func (k *Kind) originals(ctx context.Context, job *pipeline.Job, b *body, task int, columns []string, want func(i int) bool, yield func(i int, d *document) error) error {
	r := textReader{kind: k, job: job, body: b, columns: columns, want: want, yield: yield}
	return r.task(ctx, task)
}

// textReader reads the documents of a task.
type textReader struct {
	kind    *Kind
	job     *pipeline.Job
	body    *body
	columns []string
	want    func(i int) bool
	yield   func(i int, d *document) error
	cutter  *lines.Cutter // nil: nothing is cut
	rows    []int         // of a block that are wanted
}

func (r *textReader) task(ctx context.Context, task int) error {
	first := 0 // of the piece, in the task
	for _, p := range r.body.Splits[task] {
		if err := r.piece(ctx, p, first); err != nil {
			return err
		}
		first += int(p.Rows)
	}
	return nil
}

// piece reads a piece, whose first document has a number in the task.
func (r *textReader) piece(ctx context.Context, p piece, first int) error {
	f := &r.body.Shards[p.Shard]
	format := r.kind.options.Tables.Of(f.Path)
	if format == nil {
		return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", f.Path))
	}
	least, most := -1, -1
	for i := range int(p.Rows) {
		if r.want(first + i) {
			if least < 0 {
				least = i
			}
			most = i
		}
	}
	if least < 0 {
		return nil
	}
	rows := beside.Rows{First: p.First + int64(least), Rows: int64(most - least + 1)}
	return beside.Each(ctx, r.job.Corpus, rows, []beside.Table{{Format: format, Path: f.Path, Columns: selectionOf(r.columns)}}, func(block *beside.Block) error {
		if err := r.block(block, first+int(block.First-p.First)); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// block hands over what is wanted of a block, whose first document has a number in the task.
func (r *textReader) block(block *beside.Block, first int) error {
	r.rows = r.rows[:0]
	for row := range block.Len {
		if r.want(first + row) {
			r.rows = append(r.rows, row)
		}
	}
	d := document{block: block}
	if r.cutter != nil {
		if err := r.cutter.Look(len(r.rows), func(i int) (text, meta []byte, source string) {
			d.row = r.rows[i]
			return d.original("text"), d.original("metadata"), string(d.original("source"))
		}); err != nil {
			return err
		}
	}
	for i, row := range r.rows {
		d.row = row
		if r.cutter != nil {
			cut := r.cutter.Cut(i, d.original("text"))
			d.cut = &cut
		}
		if err := r.yield(first+row, &d); err != nil {
			return err
		}
	}
	return nil
}

func selectionOf(columns []string) (s columnar.Selection) {
	for _, name := range columns {
		c, _ := documentColumn(name)
		if c.Type == columnar.String {
			s.Text = append(s.Text, name)
		} else if name == ingest.CopiesColumn {
			s.IntOr = map[string]int64{name: 0}
		} else {
			s.Int = append(s.Int, name)
		}
	}
	return s
}
