package release

import (
	"context"
	"fmt"

	"millrace/pipeline"
	"millrace/pipeline/beside"
	"millrace/pipeline/columnar"
	"millrace/pipeline/ingest"
)

// document is one whose columns are read, valid until the next.
type document struct {
	block *beside.Block
	row   int
}

func (d *document) text(column string) []byte {
	s, first := d.block.Text(0, column)
	return s.At(first + d.row)
}

func (d *document) number(column string) int64 { return d.block.Int(0, column)[d.row] }

// texts reads columns of the documents of a task that are wanted, by their numbers in the task. Pieces of which none is wanted are not read.
func (k *Kind) texts(ctx context.Context, job *pipeline.Job, b *body, task int, columns []string, want func(i int) bool, yield func(i int, d *document) error) error {
	first := 0 // of the piece, in the task
	for _, p := range b.Splits[task] {
		f := &b.Shards[p.Shard]
		format := k.options.Tables.Of(f.Path)
		if format == nil {
			return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", f.Path))
		}
		least, most := -1, -1
		for i := range int(p.Rows) {
			if want(first + i) {
				if least < 0 {
					least = i
				}
				most = i
			}
		}
		if least >= 0 {
			rows := beside.Rows{First: p.First + int64(least), Rows: int64(most - least + 1)}
			err := beside.Each(ctx, job.Corpus, rows, []beside.Table{{Format: format, Path: f.Path, Columns: selectionOf(columns)}}, func(block *beside.Block) error {
				d := document{block: block}
				for d.row = range block.Len {
					if i := first + int(block.First-p.First) + d.row; want(i) {
						if err := yield(i, &d); err != nil {
							return err
						}
					}
				}
				return ctx.Err()
			})
			if err != nil {
				return err
			}
		}
		first += int(p.Rows)
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
