package rows

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// arrowColumn is a field in a record batch.
type arrowColumn struct {
	*arrowNode
	length   int64
	nulls    bool
	valid    stream
	offsets  stream // or views, indices, bits, values of fixed width
	data     stream
	views    []stream // what views refer to
	children []arrowColumn
	dict     *arrowDictionary
	scratch  []byte
}

// batchReader takes field nodes and buffers off the metadata of a record batch, in the order of the schema.
type batchReader struct {
	pool    *bufferPool
	body    int64
	bytes   int64
	nodes   []byte
	buffers []byte
	counts  []byte // of the buffers of views
	dicts   map[int64]*arrowDictionary
}

var errBatchShort = errors.New("a record batch with less parts than the schema")

func (b *batchReader) column(n *arrowNode) (c arrowColumn, err error) {
	c.arrowNode = n
	if len(b.nodes) < 16 {
		return c, errBatchShort
	}
	c.length = int64(binary.LittleEndian.Uint64(b.nodes))
	c.nulls = binary.LittleEndian.Uint64(b.nodes[8:]) != 0
	if b.nodes = b.nodes[16:]; c.length < 0 || c.length > maxGroupRows {
		return c, fmt.Errorf("column %s: %d values", n.path, c.length)
	}
	streams := []*stream{&c.valid, &c.offsets, &c.data}
	switch n.layout {
	case layoutNone:
		streams = nil
	case layoutStruct, layoutFixed:
		streams = streams[:1]
	case layoutText:
	default:
		streams = streams[:2]
	}
	for _, s := range streams {
		if err := b.buffer(s); err != nil {
			return c, fmt.Errorf("column %s: %w", n.path, err)
		}
	}
	if n.layout == layoutView {
		if err := b.viewed(&c); err != nil {
			return c, fmt.Errorf("column %s: %w", n.path, err)
		}
	}
	if n.layout == layoutIndices {
		if c.dict = b.dicts[n.dict]; c.dict == nil && c.length > 0 {
			c.dict = new(arrowDictionary) // missing is allowed where all is null
		}
		return c, nil
	}
	for _, child := range n.children {
		column, err := b.column(child)
		if err != nil {
			return c, err
		}
		c.children = append(c.children, column)
	}
	return c, nil
}

// viewed takes the buffers that views refer to.
func (b *batchReader) viewed(c *arrowColumn) error {
	if len(b.counts) < 8 {
		return errBatchShort
	}
	count := int64(binary.LittleEndian.Uint64(b.counts))
	if b.counts = b.counts[8:]; count < 0 || count > int64(len(b.buffers)/16) {
		return errBatchShort
	}
	c.views = make([]stream, count)
	for i := range c.views {
		if err := b.buffer(&c.views[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batchReader) buffer(s *stream) error {
	if len(b.buffers) < 16 {
		return errBatchShort
	}
	at, n := int64(binary.LittleEndian.Uint64(b.buffers)), int64(binary.LittleEndian.Uint64(b.buffers[8:]))
	if b.buffers = b.buffers[16:]; at < 0 || n < 0 || n > 0 && (at > b.bytes || n > b.bytes-at) {
		return fmt.Errorf("a buffer of %d bytes at %d in a body of %d", n, at, b.bytes)
	}
	*s = stream{pool: b.pool, at: b.body + at, packed: n}
	return nil
}
