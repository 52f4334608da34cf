package rows

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// append appends value i as JSON.
func (c *arrowColumn) append(o *object, i int64) error {
	if err := o.tick(); err != nil {
		return err
	}
	if i < 0 || i >= c.length {
		return fmt.Errorf("column %s: value %d of %d", c.path, i, c.length)
	}
	there, err := c.isValid(i)
	if err == nil {
		if there {
			err = c.value(o, i)
		} else {
			o.null()
		}
	}
	if err != nil {
		return fmt.Errorf("column %s: %w", c.path, err)
	}
	return nil
}

func (c *arrowColumn) isValid(i int64) (bool, error) {
	if c.layout == layoutNone {
		return false, nil
	}
	if !c.nulls || c.valid.empty() {
		return true, nil
	}
	return bitOf(&c.valid, i)
}

func bitOf(s *stream, i int64) (bool, error) {
	b, err := s.slice(i/8, 1)
	if err != nil {
		return false, err
	}
	return b[0]>>(i%8)&1 != 0, nil
}

func (c *arrowColumn) value(o *object, i int64) error {
	switch c.layout {
	case layoutBits:
		set, err := bitOf(&c.offsets, i)
		if err == nil && set {
			o.number(&c.scalar, 1)
		} else if err == nil {
			o.number(&c.scalar, 0)
		}
		return err
	case layoutNumber:
		n, err := c.number(i)
		if err == nil {
			o.number(&c.scalar, n)
		}
		return err
	case layoutIndices:
		n, err := c.number(i)
		if err == nil {
			err = c.dict.append(o, n)
		}
		return err
	case layoutBytes:
		if c.scalar.kind == kindText && !o.room(c.width) {
			return nil
		}
		b, err := c.offsets.slice(i*c.width, c.width)
		if err != nil {
			return err
		}
		if c.reversed {
			c.scratch = append(c.scratch[:0], b...)
			slices.Reverse(c.scratch)
			b = c.scratch
		}
		return o.bytes(&c.scalar, b)
	case layoutText:
		from, to, err := c.span(i)
		if err != nil || !o.room(to-from) {
			return err
		}
		b, err := c.data.slice(from, to-from)
		if err != nil {
			return err
		}
		return o.bytes(&c.scalar, b)
	case layoutView:
		return c.view(o, i)
	case layoutList:
		from, to, err := c.span(i)
		if err != nil {
			return err
		}
		if c.mapped {
			return c.entries(o, from, to)
		}
		return c.list(o, from, to)
	case layoutFixed:
		return c.list(o, i*c.width, (i+1)*c.width)
	default:
		return appendStruct(o, c.children, i)
	}
}

// number reads a number or an index.
func (c *arrowColumn) number(i int64) (uint64, error) {
	b, err := c.offsets.slice(i*c.width, c.width)
	if err != nil {
		return 0, err
	}
	return littleEndian(b, c.signed), nil
}

func littleEndian(b []byte, signed bool) uint64 {
	switch len(b) {
	case 1:
		if signed {
			return uint64(int64(int8(b[0])))
		}
		return uint64(b[0])
	case 2:
		v := binary.LittleEndian.Uint16(b)
		if signed {
			return uint64(int64(int16(v)))
		}
		return uint64(v)
	case 4:
		v := binary.LittleEndian.Uint32(b)
		if signed {
			return uint64(int64(int32(v)))
		}
		return uint64(v)
	default:
		return binary.LittleEndian.Uint64(b)
	}
}

// span reads where value i begins and ends in the data or the child.
func (c *arrowColumn) span(i int64) (from, to int64, err error) {
	b, err := c.offsets.slice(i*c.width, 2*c.width)
	if err != nil {
		return 0, 0, err
	}
	from, to = int64(littleEndian(b[:c.width], true)), int64(littleEndian(b[c.width:], true))
	if from < 0 || to < from {
		return 0, 0, fmt.Errorf("value %d goes from %d to %d", i, from, to)
	}
	return from, to, nil
}

// view reads a value that is in its view, or that the view refers to (Arrow, Columnar.rst, variable-size binary view).
func (c *arrowColumn) view(o *object, i int64) error {
	const inline = 12
	b, err := c.offsets.slice(i*c.width, c.width)
	if err != nil {
		return err
	}
	n := int64(int32(binary.LittleEndian.Uint32(b)))
	if n >= 0 && n <= inline {
		return o.bytes(&c.scalar, b[4:4+n])
	}
	buffer, at := binary.LittleEndian.Uint32(b[8:]), int64(int32(binary.LittleEndian.Uint32(b[12:])))
	if uint64(buffer) >= uint64(len(c.views)) {
		return fmt.Errorf("a view of buffer %d of %d", buffer, len(c.views))
	}
	if n < 0 || !o.room(n) {
		if n < 0 {
			err = fmt.Errorf("a view of %d bytes", n)
		}
		return err
	}
	s := &c.views[buffer]
	v, err := s.slice(at, n)
	if errors.Is(err, ErrMemory) { // of those before it
		for j := range c.views {
			c.views[j].close()
		}
		v, err = s.slice(at, n)
	}
	if err != nil {
		return err
	}
	return o.bytes(&c.scalar, v)
}

func (c *arrowColumn) list(o *object, from, to int64) error {
	o.mark('[')
	for i := from; i < to; i++ {
		if i > from {
			o.mark(',')
		}
		if err := c.children[0].append(o, i); err != nil {
			return err
		}
	}
	o.mark(']')
	return nil
}

func (c *arrowColumn) entries(o *object, from, to int64) error {
	pairs := c.children[0].children
	o.mark('{')
	for i := from; i < to; i++ {
		if i > from {
			o.mark(',')
		}
		if err := o.key(func() error { return pairs[0].append(o, i) }); err != nil {
			return err
		}
		if err := pairs[1].append(o, i); err != nil {
			return err
		}
	}
	o.mark('}')
	return nil
}

func appendStruct(o *object, columns []arrowColumn, i int64) error {
	o.mark('{')
	for j := range columns {
		if j > 0 {
			o.mark(',')
		}
		o.buf = append(o.buf, columns[j].key...)
		if err := columns[j].append(o, i); err != nil {
			return err
		}
	}
	o.mark('}')
	return nil
}
