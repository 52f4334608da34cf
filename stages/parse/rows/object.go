package rows

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// object is the row that is being put together, and the account of what its row group may still cost.
type object struct {
	limits  *Limits
	ctx     context.Context //nolint:containedctx // Of the call that is running: values are asked to stop, not rows alone.
	buf     []byte
	err     error // why the row is refused
	broken  int   // U+FFFD in the row that were put in for bytes that are no UTF-8
	values  int64 // in the row group so far, and bytes that were unpacked a second time
	written int64 // bytes of its rows
	budget  int64
}

const valuesPerCheck = 1 << 12

// start begins a row group of so many bytes in the file.
func (o *object) start(ctx context.Context, bytes int64) {
	o.ctx, o.values, o.written = ctx, 0, 0
	o.budget = freeExpansion
	if bytes > freeExpansion/o.limits.Expansion {
		o.budget = bytes * min(o.limits.Expansion, (1<<62)/bytes)
	}
}

// begin begins a row.
func (o *object) begin() error {
	o.buf, o.err, o.broken = o.buf[:0], nil, 0
	o.values++
	return o.check()
}

// take ends a row.
func (o *object) take() ([]byte, error) {
	if o.err == nil && int64(len(o.buf)) > o.limits.RowBytes {
		o.refuse(int64(len(o.buf)), o.limits.RowBytes)
	}
	if o.err != nil {
		return nil, o.err
	}
	o.written += int64(len(o.buf))
	return o.buf, nil
}

// tick counts a value, which may be one of a billion in this row.
func (o *object) tick() error {
	o.values++
	if o.err != nil {
		o.buf = o.buf[:0] // the rest of the row is passed over
	} else if int64(len(o.buf)) > o.limits.RowBytes {
		o.refuse(int64(len(o.buf)), o.limits.RowBytes)
	}
	if o.values%valuesPerCheck == 0 {
		return o.check()
	}
	return nil
}

// check stops a row group that costs too much, or whose reader has been called off.
func (o *object) check() error {
	if o.values+o.written+int64(len(o.buf)) > o.budget {
		return fmt.Errorf("%w of %d bytes", ErrExpansion, o.budget)
	}
	return o.ctx.Err()
}

// stopped says whether an error is that of the context, and not of the file.
func (o *object) stopped(err error) bool {
	cause := o.ctx.Err()
	return cause != nil && errors.Is(err, cause)
}

// room says whether a string of n bytes may be added; otherwise the row is refused.
func (o *object) room(n int64) bool {
	switch {
	case o.err != nil:
		return false
	case n > o.limits.ValueBytes:
		o.refuse(n, o.limits.ValueBytes)
		return false
	case int64(len(o.buf))+n > o.limits.RowBytes:
		o.refuse(int64(len(o.buf))+n, o.limits.RowBytes)
		return false
	}
	return true
}

func (o *object) refuse(n, limit int64) {
	if o.err == nil {
		o.err = fmt.Errorf("%d bytes, the limit is %d: %w", n, limit, ErrTooLarge)
	}
}

// mark appends a bracket or a comma.
func (o *object) mark(c byte) { o.buf = append(o.buf, c) }

func (o *object) null() { o.buf = append(o.buf, "null"...) }

// key writes a value as the key of an object: write must append one JSON value.
func (o *object) key(write func() error) error {
	from := len(o.buf)
	if err := write(); err != nil {
		return err
	}
	if from < len(o.buf) && o.buf[from] != '"' { // not in a row that was refused
		value := bytes.Clone(o.buf[from:])
		o.buf = appendText(o.buf[:from], value)
	}
	o.mark(':')
	return nil
}
