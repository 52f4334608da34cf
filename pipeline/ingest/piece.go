package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// LivePiece is documents of one version that lie one behind the other in a shard. A version that has no live document has one piece of none.
type LivePiece struct {
	LiveRows
	Path string `json:"path,omitempty"`
	Row  int64  `json:"row,omitempty"` // the first
}

// Read reads the documents of the piece, in their order. An error of yield ends it; pipeline.ErrEnough is none.
func (p *LivePiece) Read(ctx context.Context, s pipeline.Store, tables pipeline.TableFormats, yield func(i int64, text, meta []byte, source string) error) error {
	if p.Rows == 0 {
		return nil
	}
	format := tables.Of(p.Path)
	if format == nil {
		return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", p.Path))
	}
	next, end := p.Row, p.Row+p.Rows
	want := func(g *columnar.RowGroup) bool { return g.First < end && g.First+g.Rows > next }
	enough := false
	err := format.ReadTable(ctx, s, p.Path, columnar.Selection{Text: []string{"text", "source", "metadata"}}, want, func(f *columnar.Frame) error {
		texts, sources, metas := f.Text("text"), f.Text("source"), f.Text("metadata")
		for behind := min(f.First()+int64(f.Rows()), end); next >= f.First() && next < behind; next++ {
			row := int(next - f.First())
			if err := yield(next-p.Row, texts.At(row), metas.At(row), string(sources.At(row))); err != nil {
				enough = errors.Is(err, pipeline.ErrEnough)
				return err
			}
		}
		if next == end {
			return pipeline.ErrEnough
		}
		return ctx.Err()
	})
	if err == nil && !enough && next != end {
		err = fmt.Errorf("%s has no row %d", p.Path, next)
	}
	return err
}
