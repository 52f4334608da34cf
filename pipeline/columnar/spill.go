package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/zeebo/xxh3"
)

// A spill is an Arrow IPC stream, which any Arrow reader understands up to its end mark, followed by an index of ours
// (see spillIndex): a stream that was cut at a message would otherwise look complete. Nothing is compressed.

// spillSchema has the document columns of a Batch. Rejects, counters and sketches travel elsewhere.
func spillSchema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "file", Type: arrow.PrimitiveTypes.Int32},
		{Name: "offset", Type: arrow.PrimitiveTypes.Int64},
		{Name: "chars", Type: arrow.PrimitiveTypes.Int32},
		{Name: "text", Type: arrow.BinaryTypes.String},
		{Name: "meta", Type: arrow.BinaryTypes.String},
	}, nil)
}

// spillHead is what every spill starts with: the schema message.
var spillHead = sync.OnceValues(func() (head []byte, err error) {
	var empty bytes.Buffer
	err = protect("encode the schema of spills", func() error {
		return ipc.NewWriter(&empty, ipc.WithSchema(spillSchema())).Close()
	})
	if err != nil {
		return nil, err
	}
	return empty.Bytes()[:empty.Len()-spillEndBytes], nil
})

// spillEndBytes is the length of the end mark of an IPC stream.
const spillEndBytes = 8

// SpillWriter writes batches to an Arrow IPC spill. It is not safe for concurrent use.
type SpillWriter struct {
	out    latch
	frame  xxh3.Hasher
	skip   int       // bytes of the schema message, which belong to no block, yet to come
	values [2][]byte // bytes of strings of the batch that is being written
	hashes []byte    // of its strings
	ipc    *ipc.Writer
	schema *arrow.Schema
	index  spillIndex
	digest digest
	zeros  []int32
	err    error
}

// NewSpillWriter starts a spill on w.
func NewSpillWriter(w io.Writer) (*SpillWriter, error) {
	return newSpillWriter(w, memory.DefaultAllocator)
}

func newSpillWriter(w io.Writer, mem memory.Allocator) (*SpillWriter, error) {
	head, err := spillHead()
	if err != nil {
		return nil, err
	}
	s := &SpillWriter{out: latch{w: w}, skip: len(head), schema: spillSchema()}
	s.ipc = ipc.NewWriter(blockSink{s}, ipc.WithSchema(s.schema), ipc.WithAllocator(mem))
	return s, nil
}

// blockSink hashes the bytes of blocks on their way to the sink, but for those of strings, which the encoder hands on as they lie in the batch.
type blockSink struct{ s *SpillWriter }

func (k blockSink) Write(p []byte) (int, error) {
	n := min(k.s.skip, len(p))
	k.s.skip -= n
	if p := p[n:]; !same(p, k.s.values[0]) && !same(p, k.s.values[1]) {
		_, _ = k.s.frame.Write(p) // a hash never fails
	}
	return k.s.out.Write(p)
}

// same says whether two slices are one.
func same(a, b []byte) bool {
	return len(a) == len(b) && unsafe.SliceData(a) == unsafe.SliceData(b)
}

// Write appends the rows of one batch as one block; a batch without rows makes an empty block. It does not keep or change
// b. A batch with more than 2 GiB of text, or with columns of different length, is refused. After an error every call fails.
func (s *SpillWriter) Write(b *Batch) error {
	if s.err == nil {
		s.err = s.write(b)
	}
	return s.err
}

func (s *SpillWriter) write(b *Batch) error {
	rows := b.Len()
	if len(b.Offset) != rows || b.Text.Len() != rows || b.Meta.Len() != rows || (len(b.Chars) != rows && len(b.Chars) != 0) {
		return fmt.Errorf("columns of a batch differ in length: file %d, offset %d, text %d, meta %d, chars %d",
			rows, len(b.Offset), b.Text.Len(), b.Meta.Len(), len(b.Chars))
	}
	if err := errors.Join(b.Text.check("text"), b.Meta.check("meta")); err != nil {
		return err
	}
	block := spillBlock{
		offset: s.out.n + int64(s.skip), rows: int64(rows), chars: len(b.Chars) > 0,
		text: int64(len(b.Text.bytes())), meta: int64(len(b.Meta.bytes())),
	}
	if block.body() > math.MaxInt32 {
		return fmt.Errorf("a batch of %d bytes is more than 2 GiB", block.body())
	}
	chars := b.Chars
	if !block.chars {
		s.zeros = slices.Grow(s.zeros[:0], rows)[:rows]
		chars = s.zeros
	}
	s.frame.Reset()
	if err := protect("encode a block", func() error { return s.encode(b, chars) }); err != nil {
		return err
	}
	if s.out.err != nil { // in case the encoder lost it
		return s.out.err
	}
	block.length = s.out.n - block.offset
	if err := block.check(); err != nil {
		return err
	}
	s.hashes = appendHashes(s.hashes[:0], b)
	s.digest.add(b, chars, s.hashes)
	block.frame, block.strings = s.frame.Sum64(), xxh3.Hash(s.hashes)
	s.index.blocks = append(s.index.blocks, block)
	return nil
}

// encode wraps the columns without a copy and writes them as a record batch.
func (s *SpillWriter) encode(b *Batch, chars []int32) error {
	s.values = [2][]byte{b.Text.bytes(), b.Meta.bytes()}
	defer func() { s.values = [2][]byte{} }()
	rows := b.Len()
	columns := []arrow.Array{
		wrap(arrow.PrimitiveTypes.Int32, rows, arrow.Int32Traits.CastToBytes(b.File)),
		wrap(arrow.PrimitiveTypes.Int64, rows, arrow.Int64Traits.CastToBytes(b.Offset)),
		wrap(arrow.PrimitiveTypes.Int32, rows, arrow.Int32Traits.CastToBytes(chars)),
		wrapStrings(arrow.BinaryTypes.String, &b.Text),
		wrapStrings(arrow.BinaryTypes.String, &b.Meta),
	}
	record := array.NewRecord(s.schema, columns, int64(rows))
	for _, c := range columns {
		c.Release()
	}
	defer record.Release()
	return s.ipc.Write(record)
}

// wrap makes an array of buffers that stay the caller's. Every column is without nulls.
func wrap(t arrow.DataType, rows int, buffers ...[]byte) arrow.Array {
	all := make([]*memory.Buffer, 1, 3) // the first would be the validity bitmap
	for _, b := range buffers {
		all = append(all, memory.NewBufferBytes(b))
	}
	data := array.NewData(t, rows, all, nil, 0, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func wrapStrings(t arrow.DataType, s *Strings) arrow.Array {
	offsets := s.Offsets
	if len(offsets) == 0 {
		offsets = []int32{0}
	}
	return wrap(t, s.Len(), arrow.Int32Traits.CastToBytes(offsets), s.bytes())
}

// Finish writes the end of the spill and returns the number of rows, and the digest of the content, which does not
// depend on how the rows were cut into blocks: 32 hex digits. A spill is good only if Finish returned nil; nothing may be
// called after it.
func (s *SpillWriter) Finish() (rows int64, digest string, err error) {
	if s.err != nil {
		return 0, "", s.err
	}
	s.err = errors.New("the spill is finished")
	if err := protect("end the spill", s.ipc.Close); err != nil {
		return 0, "", err
	}
	s.index.digest = s.digest.sum()
	_, _ = s.out.Write(s.index.append(nil)) // the latch keeps the error
	if s.out.err != nil {
		return 0, "", s.out.err
	}
	return s.digest.rows, hexDigest(s.index.digest), nil
}
