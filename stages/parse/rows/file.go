package rows

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// The formats that Open knows.
const (
	Parquet = "parquet"
	Arrow   = "arrow" // IPC, the file and the stream
)

// Group is a row group of Parquet or a record batch of Arrow: the unit that can be read on its own.
type Group struct {
	Offset int64 // of its first byte in the file
	Bytes  int64 // that it takes there
	First  int64 // row of the file it begins with, from 0
	Rows   int64
	// Expanded is what Bytes decode to, by what a Parquet file says: not to be relied on; 0 of Arrow.
	Expanded int64
}

// File is an opened file. It is not safe for concurrent use; several of the same file are independent.
type File struct {
	limits Limits
	groups []Group
	input  *input
	decoder
	damage error
	row    object
}

// decoder is what Parquet and Arrow do differently.
type decoder interface {
	columns() []string
	choose(func(Column) Use)
	// open gets a row group ready, whose rows next then appends, one a call. An error ends the row group.
	open(group int, row *object) error
	next(row *object) error
	// finish says whether the row group has nothing left.
	finish() error
	// close drops what the row group held.
	close()
}

// Open reads what a file says of itself: the footer of Parquet, the messages of Arrow but not their bodies. The reader
// must not change or be closed while the file is used. An Arrow file that is damaged further on opens, see Damage. An error
// is a *DamageError unless it came from the reader.
func Open(name string, r io.ReaderAt, size int64, limits Limits) (f *File, err error) {
	f = &File{limits: limits.withDefaults(), input: &input{r: r, size: size}}
	f.row.limits = &f.limits
	err = guarded(func() error {
		switch name {
		case Parquet:
			p, err := openParquet(f.input, &f.limits)
			if err != nil {
				return err
			}
			f.decoder, f.groups = p, p.groups()
		case Arrow:
			a, err := openArrow(f.input, &f.limits)
			if err != nil {
				return err
			}
			f.decoder, f.groups, f.damage = a, a.groups, a.damage
		default:
			return fmt.Errorf("format %q is neither %s nor %s", name, Parquet, Arrow)
		}
		return nil
	})
	if f.input.err != nil {
		return nil, fmt.Errorf("%s file: %w", name, f.input.err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s file: %w", name, damaged(0, err))
	}
	return f, nil
}

// Groups lists the row groups in the order of the file. Those that begin within a range of bytes are that range's. The
// slice is the file's.
func (f *File) Groups() []Group { return f.groups }

// Columns lists the names of the top-level columns, in the order of the schema. The slice is the caller's.
func (f *File) Columns() []string { return f.columns() }

// Damage says why nothing can be read behind the last of the row groups: nil where the file ends as it should. It is a
// *DamageError.
func (f *File) Damage() error { return f.damage }

// Read gives the rows of a group to yield, in order: the number of the row in the file, from 0, and the row as a JSON
// object, which is valid until yield returns; or, instead of the object, an error (ErrTooLarge) that concerns this row
// only. An error of yield ends the reading and is returned as it is; every other one is that of a Cursor.
func (f *File) Read(ctx context.Context, group int, yield func(row int64, object []byte, err error) error) error {
	c, err := f.Rows(ctx, group)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		row, err := c.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := yield(row.Number, row.Object, row.Refused); err != nil {
			return err
		}
	}
}

func (f *File) broken(group int, err error) error {
	if f.input.err != nil { // not the file's fault
		return fmt.Errorf("row group %d: %w", group, f.input.err)
	}
	if err == nil {
		return nil
	}
	if f.row.stopped(err) {
		return f.row.ctx.Err()
	}
	return fmt.Errorf("row group %d: %w", group, damaged(f.groups[group].Offset, err))
}

func (f *File) next() (err error) {
	defer recovered(&err)
	if err := f.row.begin(); err != nil {
		return err
	}
	return f.decoder.next(&f.row)
}

// guarded makes an error of a panic. None is known; the decoders of compressions and thrift are other people's.
func guarded(do func() error) (err error) {
	defer recovered(&err)
	return do()
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v", p)
	}
}
