package sorted

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Runs are the runs of one partition in many files, to be read at once. They share the memory that there is for it.
type Runs struct {
	files *Handles
	kind  Kind
	count int
}

// NewRuns returns no runs yet, of a kind.
func NewRuns(files *Handles, kind Kind) *Runs { return &Runs{files: files, kind: kind} }

// Open returns what a file says of itself and the runs that have records of a partition in it, in order. All files must be
// opened before the first run is read.
func (r *Runs) Open(name string, partition int) (*File, []*Run, error) {
	o, err := r.files.Get(name)
	if err != nil {
		return nil, nil, err
	}
	f, err := Open(o, name, r.kind)
	if err != nil {
		return nil, nil, err
	}
	segments, err := f.segments(o, partition)
	if err != nil {
		return nil, nil, err
	}
	var list []*Run
	for _, s := range segments {
		if s.records > 0 {
			list = append(list, &Run{of: r, name: name, rest: s})
		}
	}
	r.count += len(list)
	return f, list, nil
}

// Memory of runs that are read at once: their pieces have mergeBytes together, but every run has at least one block.
const (
	mergeBytes = 16 << 20
	maxAhead   = 16 // blocks of a piece
	itemBytes  = 16 // of a decoded record, about
)

// ahead is how many blocks each run may read at once.
func (r *Runs) ahead() uint32 {
	block := blockRecords * (r.kind.Width + itemBytes) // raw and decoded
	return uint32(max(1, min(maxAhead, mergeBytes/block/max(r.count, 1))))
}

// Run reads one sorted run of a partition block by block, several with one read. It is used by one goroutine, which is that
// of its Handles.
type Run struct {
	of   *Runs
	name string
	rest segment
	buf  []byte
}

// Name is that of the file.
func (r *Run) Name() string { return r.name }

// Kind is that of the file.
func (r *Run) Kind() Kind { return r.of.kind }

// Next returns the records of the next blocks, one behind the other, or nothing at the end. They are valid until the next
// call.
func (r *Run) Next() ([]byte, error) {
	if r.rest.records == 0 {
		return nil, nil
	}
	width := r.of.kind.Width
	records := min(r.rest.records, r.of.ahead()*blockRecords)
	size := int(r.of.kind.bytes(records))
	if cap(r.buf) < size {
		r.buf = make([]byte, size)
	}
	raw := r.buf[:size]
	if err := r.of.files.Read(r.name, raw, r.rest.offset); err != nil {
		return nil, err
	}
	out := raw[:0] // the records move together over the checksums between them
	offset := r.rest.offset
	for left := records; left > 0; {
		n := min(left, blockRecords)
		size := int(n) * width
		block := raw[:size]
		if binary.LittleEndian.Uint64(raw[size:]) != xxh3.HashSeed(block, uint64(offset)) {
			return nil, Damaged(r.name, "checksum of the block at %d", offset)
		}
		out = append(out, block...)
		raw = raw[size+8:]
		offset += int64(size) + 8
		left -= n
	}
	r.rest.offset = offset
	r.rest.records -= records
	return out, nil
}
