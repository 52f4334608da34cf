package dedupe

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
)

// runsFile is what the tail of a runs file says. See runsWriter for the format.
type runsFile struct {
	name       string
	kind       runsKind
	partitions int
	runs       int
	index      int64 // offset
	rows       int64
}

// openRuns reads and checks the tail of a runs file.
func openRuns(o pipeline.Object, name string, kind runsKind) (*runsFile, error) {
	size := o.Size()
	if size < runsHead+runsTail {
		return nil, damaged(name, "%d bytes are too few", size)
	}
	var tail [runsTail]byte
	if err := readAt(o, tail[:], size-runsTail); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if string(tail[32:]) != kind.magic {
		return nil, damaged(name, "ends in %q, not in %q", tail[32:], kind.magic)
	}
	if binary.LittleEndian.Uint64(tail[24:]) != xxh3.Hash(tail[:24]) {
		return nil, damaged(name, "checksum of the tail")
	}
	f := &runsFile{
		name: name, kind: kind,
		partitions: int(binary.LittleEndian.Uint32(tail[0:])), runs: int(binary.LittleEndian.Uint32(tail[4:])),
		index: int64(binary.LittleEndian.Uint64(tail[8:])), rows: int64(binary.LittleEndian.Uint64(tail[16:])),
	}
	// The file bounds every number before it is multiplied.
	room := size - runsTail - f.index
	if f.index < runsHead || room < 0 || f.rows < 0 || f.partitions < 1 || int64(f.runs) > room/segmentBytes ||
		room/int64(f.partitions) != f.rowBytes() || room%int64(f.partitions) != 0 {
		return nil, damaged(name, "%d partitions and %d runs do not fit the index", f.partitions, f.runs)
	}
	return f, nil
}

func (f *runsFile) rowBytes() int64 { return int64(f.runs)*segmentBytes + 8 }

// segments reads the segments of one partition, run by run.
func (f *runsFile) segments(o pipeline.Object, partition int) ([]segment, error) {
	if partition < 0 || partition >= f.partitions {
		return nil, damaged(f.name, "%d partitions, wanted number %d", f.partitions, partition)
	}
	row := make([]byte, f.rowBytes())
	if err := readAt(o, row, f.index+int64(partition)*f.rowBytes()); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	sum := len(row) - 8
	if binary.LittleEndian.Uint64(row[sum:]) != xxh3.HashSeed(row[:sum], uint64(partition)) {
		return nil, damaged(f.name, "checksum of the index of partition %d", partition)
	}
	list := make([]segment, f.runs)
	for i := range list {
		b := row[i*segmentBytes:]
		s := segment{int64(binary.LittleEndian.Uint64(b)), binary.LittleEndian.Uint32(b[8:])}
		if s.offset < runsHead || s.offset > f.index || f.kind.bytes(s.records) > f.index-s.offset {
			return nil, damaged(f.name, "run %d of partition %d lies outside of the file", i, partition)
		}
		list[i] = s
	}
	return list, nil
}

// blockReader reads a segment block by block, several with one read.
type blockReader struct {
	files *handles
	name  string
	kind  runsKind
	rest  segment
	ahead int // blocks in one read
	buf   []byte
}

// next returns the records of the next blocks, or nothing at the end. They are valid until the next call.
func (b *blockReader) next() ([]byte, error) {
	if b.rest.records == 0 {
		return nil, nil
	}
	records := min(b.rest.records, uint32(b.ahead)*blockRecords)
	size := int(b.kind.bytes(records))
	if cap(b.buf) < size {
		b.buf = make([]byte, size)
	}
	raw := b.buf[:size]
	if err := b.files.read(b.name, raw, b.rest.offset); err != nil {
		return nil, err
	}
	out := raw[:0] // the records move together over the checksums between them
	offset := b.rest.offset
	for left := records; left > 0; {
		n := min(left, blockRecords)
		size := int(n) * b.kind.width
		block := raw[:size]
		if binary.LittleEndian.Uint64(raw[size:]) != xxh3.HashSeed(block, uint64(offset)) {
			return nil, damaged(b.name, "checksum of the block at %d", offset)
		}
		out = append(out, block...)
		raw = raw[size+8:]
		offset += int64(size) + 8
		left -= n
	}
	b.rest.offset = offset
	b.rest.records -= records
	return out, nil
}
