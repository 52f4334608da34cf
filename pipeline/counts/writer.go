package counts

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// A file is
//
//	magic [8]byte
//	blocks: a zstd frame with items, up to 32 KiB of them and one more: uvarint length and bytes of the token, varint count, varint documents
//	index, for every block {first hash uint64, offset uint64, packed bytes uint32, bytes uint32, items uint32, xxh3 of the frame uint64}
//	tail {index offset uint64, blocks uint32, items uint64, xxh3 of index and tail so far, magic [8]byte}
//
// all numbers little-endian.
const (
	magic      = "MRCOUNT2"
	blockBytes = 32 << 10
	entryBytes = 36
	tailBytes  = 36
)

// Writer writes a file of items. It is used by one goroutine.
type Writer struct {
	out    *pipeline.OutputWriter
	to     *bufio.Writer
	block  []byte
	packed []byte
	index  []byte
	offset int64
	items  int64 // in all
	first  uint64
	inside uint32 // items of the block
	last   Item
	token  []byte // of last
}

// Create begins a file of the version that a job makes.
func Create(ctx context.Context, job *pipeline.Job, name string) (*Writer, error) {
	return begin(pipeline.CreateOut(ctx, job, name))
}

// CreateWork begins a work file of a job.
func CreateWork(ctx context.Context, job *pipeline.Job, name string) (*Writer, error) {
	return begin(pipeline.CreateWork(ctx, job, name))
}

func begin(out *pipeline.OutputWriter, err error) (*Writer, error) {
	if err != nil {
		return nil, err
	}
	w := &Writer{out: out, to: bufio.NewWriterSize(out, 64<<10)}
	w.write([]byte(magic))
	return w, nil
}

func (w *Writer) write(data []byte) {
	_, _ = w.to.Write(data) // the output keeps the error
	w.offset += int64(len(data))
}

// Add appends an item, which must come behind the one before.
func (w *Writer) Add(i *Item) error {
	switch {
	case len(i.Token) == 0 || len(i.Token) > MaxToken:
		return fmt.Errorf("a token of %d bytes cannot be counted", len(i.Token))
	case w.items > 0 && w.last.compare(i) >= 0:
		return fmt.Errorf("token %.40q is out of order", i.Token)
	}
	if w.inside == 0 {
		w.first = i.Hash
	}
	w.token = append(w.token[:0], i.Token...)
	w.last = Item{Hash: i.Hash, Token: w.token}
	w.block = binary.AppendUvarint(w.block, uint64(len(i.Token)))
	w.block = append(w.block, i.Token...)
	w.block = binary.AppendVarint(w.block, i.Count)
	w.block = binary.AppendVarint(w.block, i.Documents)
	w.inside++
	w.items++
	if len(w.block) >= blockBytes {
		w.flush()
	}
	return nil
}

func (w *Writer) flush() {
	if w.inside == 0 {
		return
	}
	w.packed = columnar.Pack(w.packed[:0], w.block)
	w.index = binary.LittleEndian.AppendUint64(w.index, w.first)
	w.index = binary.LittleEndian.AppendUint64(w.index, uint64(w.offset))
	w.index = binary.LittleEndian.AppendUint32(w.index, uint32(len(w.packed)))
	w.index = binary.LittleEndian.AppendUint32(w.index, uint32(len(w.block)))
	w.index = binary.LittleEndian.AppendUint32(w.index, w.inside)
	w.index = binary.LittleEndian.AppendUint64(w.index, xxh3.Hash(w.packed))
	w.write(w.packed)
	w.block, w.inside = w.block[:0], 0
}

// Commit makes the file appear; its rows are the items.
func (w *Writer) Commit() (pipeline.Output, error) {
	w.flush()
	tail := w.index
	blocks := len(w.index) / entryBytes
	tail = binary.LittleEndian.AppendUint64(tail, uint64(w.offset))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(blocks))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(w.items))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	w.write(append(tail, magic...))
	if err := w.to.Flush(); err != nil {
		return pipeline.Output{}, err
	}
	return w.out.Commit(w.items)
}

// Close removes what was written, unless it was committed. A nil one can be closed.
func (w *Writer) Close() error {
	if w == nil {
		return nil
	}
	return w.out.Close()
}

// Copy writes all items of a source.
func (w *Writer) Copy(ctx context.Context, s Source) error {
	for n := 0; s.Next(); n++ {
		if err := w.Add(s.Item()); err != nil {
			return err
		}
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return s.Err()
}
