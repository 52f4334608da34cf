package rows

import (
	"context"
	"fmt"
	"io"
)

// Row is one row of a file.
type Row struct {
	Number int64  // of the row in the file, from 0
	Object []byte // JSON, valid until the next call
	// Broken is how many sequences of bytes in the values of the row were no UTF-8 and became U+FFFD.
	Broken int
	// Refused is an error (ErrTooLarge) that concerns this row only, which then has no Object.
	Refused error
}

// Cursor reads the rows of one group for somebody who stops in between. A File has one at a time.
type Cursor struct {
	file  *File
	group int
	at    int64 // rows so far
	done  bool
}

// Rows starts to read a group. An error is one of Next. Close the Cursor before the next group.
func (f *File) Rows(ctx context.Context, group int) (*Cursor, error) {
	if group < 0 || group >= len(f.groups) {
		return nil, fmt.Errorf("row group %d of %d", group, len(f.groups))
	}
	f.row.start(ctx, f.groups[group].Bytes)
	c := &Cursor{file: f, group: group}
	if err := guarded(func() error { return f.open(group, &f.row) }); err != nil {
		defer c.Close()
		return nil, f.broken(group, err)
	}
	return c, nil
}

// Next returns the next row, in order, and io.EOF behind the last one. Any other error ends the group: a *DamageError, with
// ErrExpansion if that was it, unless it came from the reader under the file, or from the context.
func (c *Cursor) Next(ctx context.Context) (Row, error) {
	if c.done {
		return Row{}, io.EOF
	}
	f := c.file
	f.row.ctx = ctx
	g := &f.groups[c.group]
	if c.at == g.Rows {
		c.done = true
		if err := f.broken(c.group, guarded(f.finish)); err != nil {
			return Row{}, err
		}
		return Row{}, io.EOF
	}
	if err := f.next(); err != nil {
		c.done = true
		return Row{}, f.broken(c.group, err)
	}
	object, refused := f.row.take()
	row := Row{Number: g.First + c.at, Object: object, Broken: f.row.broken, Refused: refused}
	c.at++
	return row, nil
}

// Keep leaves the Object of the row that came last to the caller, for good, and takes other memory in exchange for it.
func (c *Cursor) Keep(other []byte) { c.file.row.buf = other[:0] }

// Close drops what the group held in memory.
func (c *Cursor) Close() {
	c.done = true
	c.file.close()
}
