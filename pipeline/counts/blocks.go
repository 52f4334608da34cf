package counts

import (
	"bufio"
	"encoding/binary"
	"sort"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/sorted"
)

// A file is
//
//	magic [8]byte
//	blocks: records, up to 32 KiB of them and one more; a zstd frame in what stays, as they are in work files
//	index, for every block {first key uint64, offset uint64, packed bytes uint32, bytes uint32, records uint32, xxh3 of the block uint64}
//	tail {index offset uint64, blocks uint32, records uint64, xxh3 of index and tail so far, magic [8]byte}
//
// all numbers little-endian. A block of 0 packed bytes is not packed. A record begins with the uvarint length and the bytes of a token, and goes on with varints.
const (
	blockBytes = 32 << 10
	entryBytes = 36
	tailBytes  = 36
	magicBytes = 8
	// recordBytes is what a record has at most beside its token.
	recordBytes = 3 + 4*binary.MaxVarintLen64
)

// blockWriter writes a file. The output keeps the first error.
type blockWriter struct {
	out    *pipeline.OutputWriter
	to     *bufio.Writer
	magic  string
	plain  bool   // blocks are not packed
	block  []byte // records are appended here
	packed []byte
	index  []byte
	offset int64
	items  int64
	first  uint64 // key of the block
	inside uint32 // records of the block
}

func newBlockWriter(out *pipeline.OutputWriter, magic string, plain bool) *blockWriter {
	w := &blockWriter{out: out, to: bufio.NewWriterSize(out, 64<<10), magic: magic, plain: plain}
	w.write([]byte(magic))
	return w
}

func (w *blockWriter) write(data []byte) {
	_, _ = w.to.Write(data)
	w.offset += int64(len(data))
}

// end ends a record, whose key is that of the block if it is the first.
func (w *blockWriter) end(key uint64) {
	if w.inside == 0 {
		w.first = key
	}
	w.inside++
	w.items++
	if len(w.block) >= blockBytes {
		w.flush()
	}
}

func (w *blockWriter) flush() {
	if w.inside == 0 {
		return
	}
	data, packed := w.block, 0
	if !w.plain {
		w.packed = columnar.Pack(w.packed[:0], w.block)
		data, packed = w.packed, len(w.packed)
	}
	w.index = binary.LittleEndian.AppendUint64(w.index, w.first)
	w.index = binary.LittleEndian.AppendUint64(w.index, uint64(w.offset))
	w.index = binary.LittleEndian.AppendUint32(w.index, uint32(packed))
	w.index = binary.LittleEndian.AppendUint32(w.index, uint32(len(w.block)))
	w.index = binary.LittleEndian.AppendUint32(w.index, w.inside)
	w.index = binary.LittleEndian.AppendUint64(w.index, xxh3.Hash(data))
	w.write(data)
	w.block, w.inside = w.block[:0], 0
}

// Commit makes the file appear; its rows are the records.
func (w *blockWriter) Commit() (pipeline.Output, error) {
	w.flush()
	tail := w.index
	blocks := len(w.index) / entryBytes
	tail = binary.LittleEndian.AppendUint64(tail, uint64(w.offset))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(blocks))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(w.items))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	w.write(append(tail, w.magic...))
	if err := w.to.Flush(); err != nil {
		return pipeline.Output{}, err
	}
	return w.out.Commit(w.items)
}

// Close removes what was written, unless it was committed. A nil one can be closed.
func (w *blockWriter) Close() error {
	if w == nil {
		return nil
	}
	return w.out.Close()
}

// blockFile reads records one after the other. It holds one block.
type blockFile struct {
	files *sorted.Handles
	name  string
	index []byte // of the blocks that are still to be read
	end   int64  // of the blocks

	packed []byte
	block  []byte
	rest   []byte
	left   uint32 // records of rest
	err    error
}

// openBlocks reads the end of a file and its index.
func openBlocks(files *sorted.Handles, name, magic string) (*blockFile, error) {
	o, err := files.Get(name)
	if err != nil {
		return nil, err
	}
	size := o.Size()
	if size < magicBytes+tailBytes {
		return nil, sorted.Damaged(name, "%d bytes are too few", size)
	}
	var tail [tailBytes]byte
	if err := sorted.ReadAt(o, name, tail[:], size-tailBytes); err != nil {
		return nil, err
	}
	if string(tail[28:]) != magic {
		return nil, sorted.Damaged(name, "ends in %q, not in %q", tail[28:], magic)
	}
	end, blocks, items := int64(binary.LittleEndian.Uint64(tail[:])), int64(binary.LittleEndian.Uint32(tail[8:])), int64(binary.LittleEndian.Uint64(tail[12:]))
	if end < magicBytes || end > size-tailBytes || size-tailBytes-end != blocks*entryBytes || items < blocks {
		return nil, sorted.Damaged(name, "%d blocks with %d records do not fit the index", blocks, items)
	}
	whole := make([]byte, blocks*entryBytes+20)
	if err := sorted.ReadAt(o, name, whole, end); err != nil {
		return nil, err
	}
	if xxh3.Hash(whole) != binary.LittleEndian.Uint64(tail[20:]) {
		return nil, sorted.Damaged(name, "checksum of the index")
	}
	return &blockFile{files: files, name: name, end: end, index: whole[:blocks*entryBytes]}, nil
}

// cut leaves the blocks that may have records of a range of keys: from the last that begins before it on.
func (f *blockFile) cut(least, most uint64) {
	first := func(i int) uint64 { return binary.LittleEndian.Uint64(f.index[i*entryBytes:]) }
	n := len(f.index) / entryBytes
	from := sort.Search(n, func(i int) bool { return first(i) >= least })
	to := sort.Search(n, func(i int) bool { return first(i) > most })
	f.index = f.index[max(from-1, 0)*entryBytes : max(to, max(from-1, 0))*entryBytes]
}

// record begins the next record: it returns the token, which is valid until the next block is read. Numbers follow by number, and done.
func (f *blockFile) record() (token []byte, ok bool) {
	for f.left == 0 {
		if f.err != nil || len(f.index) == 0 {
			return nil, false
		}
		if f.err = f.read(); f.err != nil {
			return nil, false
		}
	}
	size, n := binary.Uvarint(f.rest)
	if n <= 0 || size == 0 || size > MaxToken || size > uint64(len(f.rest)-n) {
		f.err = sorted.Damaged(f.name, "a token is cut off or too long")
		return nil, false
	}
	token, f.rest = f.rest[n:n+int(size)], f.rest[n+int(size):]
	f.left--
	return token, true
}

// number reads a number of the record; 0 if there is none, which is an error.
func (f *blockFile) number() int64 {
	v, n := binary.Varint(f.rest)
	if n <= 0 {
		f.err = sorted.Damaged(f.name, "a number is cut off")
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

// read reads the next block of the index.
func (f *blockFile) read() error {
	if len(f.rest) > 0 {
		return sorted.Damaged(f.name, "a block has more than its records")
	}
	e := f.index[:entryBytes]
	f.index = f.index[entryBytes:]
	at, packed, size := int64(binary.LittleEndian.Uint64(e[8:])), int64(binary.LittleEndian.Uint32(e[16:])), int64(binary.LittleEndian.Uint32(e[20:]))
	f.left = binary.LittleEndian.Uint32(e[24:])
	plain := packed == 0
	if plain {
		packed = size
	}
	if at < magicBytes || packed > f.end-at || size > blockBytes+MaxToken+recordBytes || f.left == 0 {
		return sorted.Damaged(f.name, "block at %d: %d bytes with %d records do not fit", at, packed, f.left)
	}
	if int64(cap(f.packed)) < packed {
		f.packed = make([]byte, packed)
	}
	f.packed = f.packed[:packed]
	if err := f.files.Read(f.name, f.packed, at); err != nil {
		return err
	}
	if xxh3.Hash(f.packed) != binary.LittleEndian.Uint64(e[28:]) {
		return sorted.Damaged(f.name, "checksum of the block at %d", at)
	}
	if plain {
		f.rest = f.packed
		return nil
	}
	block, err := columnar.Unpack(f.block[:0], f.packed, int(size))
	if err != nil {
		return sorted.Damaged(f.name, "block at %d: %v", at, err)
	}
	f.block, f.rest = block, block
	return nil
}

// Err is what ended the reading, nil at the end.
func (f *blockFile) Err() error {
	if f.err == nil && f.left == 0 && len(f.index) == 0 && len(f.rest) > 0 {
		f.err = sorted.Damaged(f.name, "a block has more than its records")
	}
	return f.err
}
