package pipeline

import (
	"context"
	"errors"
	"fmt"

	"millrace/pipeline/columnar"
)

// ErrEnough, from the function that rows are given to, ends the reading of a table without an error.
var ErrEnough = errors.New("enough")

// ReadTable reads columns of a Parquet file of a store, in chunks of rows: see columnar.ReadTable. What is wrong with the file is
// told with its name.
func ReadTable(ctx context.Context, s Store, name string, columns columnar.Selection, yield func(*columnar.Frame) error) error {
	return ReadGroups(ctx, s, name, columns, nil, yield)
}

// ReadGroups is ReadTable for the row groups that want chooses, nil for all.
func ReadGroups(ctx context.Context, s Store, name string, columns columnar.Selection, want func(*columnar.RowGroup) bool,
	yield func(*columnar.Frame) error,
) (err error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	err = columnar.ReadTable(o, o.Size(), columns, want, func(f *columnar.Frame) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return yield(f)
	})
	if err != nil && !errors.Is(err, ErrEnough) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// ReadRows reads single rows of a Parquet file, which must ascend, and the row groups that they lie in. yield gets the
// index in rows, and the place of that row in the frame.
func ReadRows(ctx context.Context, s Store, name string, columns columnar.Selection, rows []int64,
	yield func(i int, f *columnar.Frame, row int) error,
) error {
	next := 0
	want := func(g *columnar.RowGroup) bool { return next < len(rows) && rows[next] < g.First+g.Rows }
	return ReadGroups(ctx, s, name, columns, want, func(f *columnar.Frame) error {
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
