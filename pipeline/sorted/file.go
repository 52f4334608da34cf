package sorted

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
)

// File is what the end of a runs file says. See Writer for the format.
type File struct {
	Partitions int
	Runs       int
	Rows       int64 // the number that Finish was given

	name  string
	kind  Kind
	index int64 // offset
}

// Open reads and checks the end of a runs file. name is for errors; o stays the caller's.
func Open(o pipeline.Object, name string, kind Kind) (*File, error) {
	size := o.Size()
	if size < runsHead+runsTail {
		return nil, Damaged(name, "%d bytes are too few", size)
	}
	var tail [runsTail]byte
	if err := ReadAt(o, name, tail[:], size-runsTail); err != nil {
		return nil, err
	}
	if string(tail[32:]) != kind.Magic {
		return nil, Damaged(name, "ends in %q, not in %q", tail[32:], kind.Magic)
	}
	if binary.LittleEndian.Uint64(tail[24:]) != xxh3.Hash(tail[:24]) {
		return nil, Damaged(name, "checksum of the tail")
	}
	f := &File{
		name: name, kind: kind,
		Partitions: int(binary.LittleEndian.Uint32(tail[0:])), Runs: int(binary.LittleEndian.Uint32(tail[4:])),
		index: int64(binary.LittleEndian.Uint64(tail[8:])), Rows: int64(binary.LittleEndian.Uint64(tail[16:])),
	}
	// The file bounds every number before it is multiplied.
	room := size - runsTail - f.index
	if f.index < runsHead || room < 0 || f.Rows < 0 || f.Partitions < 1 || int64(f.Runs) > room/segmentBytes ||
		room/int64(f.Partitions) != f.rowBytes() || room%int64(f.Partitions) != 0 {
		return nil, Damaged(name, "%d partitions and %d runs do not fit the index", f.Partitions, f.Runs)
	}
	return f, nil
}

func (f *File) rowBytes() int64 { return int64(f.Runs)*segmentBytes + 8 }

// segments reads the segments of one partition, run by run.
func (f *File) segments(o pipeline.Object, partition int) ([]segment, error) {
	if partition < 0 || partition >= f.Partitions {
		return nil, Damaged(f.name, "%d partitions, wanted number %d", f.Partitions, partition)
	}
	row := make([]byte, f.rowBytes())
	if err := ReadAt(o, f.name, row, f.index+int64(partition)*f.rowBytes()); err != nil {
		return nil, err
	}
	sum := len(row) - 8
	if binary.LittleEndian.Uint64(row[sum:]) != xxh3.HashSeed(row[:sum], uint64(partition)) {
		return nil, Damaged(f.name, "checksum of the index of partition %d", partition)
	}
	list := make([]segment, f.Runs)
	for i := range list {
		b := row[i*segmentBytes:]
		s := segment{int64(binary.LittleEndian.Uint64(b)), binary.LittleEndian.Uint32(b[8:])}
		if s.offset < runsHead || s.offset > f.index || f.kind.bytes(s.records) > f.index-s.offset {
			return nil, Damaged(f.name, "run %d of partition %d lies outside of the file", i, partition)
		}
		list[i] = s
	}
	return list, nil
}
