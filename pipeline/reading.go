package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline/columnar"
)

// ErrEnough ends the reading of a table, without an error, where the function that gets the rows returns it.
var ErrEnough = errors.New("enough")

// ReadTable reads columns of a Parquet file of a store: a table of a ledger, or of a vocabulary. See TableFormat.ReadTable.
func ReadTable(ctx context.Context, s Store, name string, columns columnar.Selection, yield func(*columnar.Frame) error) error {
	return ParquetTable.ReadTable(ctx, s, name, columns, nil, yield)
}

// ReadRows reads single rows of a Parquet file of a store: see TableFormat.ReadRows.
func ReadRows(ctx context.Context, s Store, name string, columns columnar.Selection, rows []int64,
	yield func(i int, f *columnar.Frame, row int) error,
) error {
	return ParquetTable.ReadRows(ctx, s, name, columns, rows, yield)
}

// ReadTable reads columns of a file of a store, in chunks of rows, of the row groups that want chooses or of all for nil: see
// columnar.ReadTable. What is wrong with the file is told with its name.
func (f *TableFormat) ReadTable(ctx context.Context, s Store, name string, columns columnar.Selection, want func(*columnar.RowGroup) bool,
	yield func(*columnar.Frame) error,
) (err error) {
	if f.Read == nil {
		return fmt.Errorf("%s: files of the format %s cannot be read here", name, f.Title)
	}
	o, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	err = f.Read(o, o.Size(), columns, want, func(rows *columnar.Frame) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return yield(rows)
	})
	if err != nil && !errors.Is(err, ErrEnough) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// ReadRows reads single rows of a file, which must ascend, and the row groups that they lie in. yield gets the index in rows, and
// the place of that row in the frame.
func (f *TableFormat) ReadRows(ctx context.Context, s Store, name string, columns columnar.Selection, rows []int64,
	yield func(i int, f *columnar.Frame, row int) error,
) error {
	next := 0
	want := func(g *columnar.RowGroup) bool { return next < len(rows) && rows[next] < g.First+g.Rows }
	return f.ReadTable(ctx, s, name, columns, want, func(f *columnar.Frame) error {
		for ; next < len(rows) && rows[next] < f.First()+int64(f.Rows()); next++ {
			if err := yield(next, f, int(rows[next]-f.First())); err != nil {
				return err
			}
		}
		if next == len(rows) {
			return ErrEnough
		}
		return nil
	})
}
