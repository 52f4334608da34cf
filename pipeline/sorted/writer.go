package sorted

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"
)

// Kind is what a runs file holds: records of so many bytes, under a magic of 8 bytes that tells it from other kinds.
type Kind struct {
	Magic string
	Width int
}

// Writer writes a runs file: sorted runs of records of a fixed width, each run cut into segments by partition.
//
//	magic [8]byte
//	segments, in blocks of at most 256 records, each block followed by its xxh3, seeded with its offset
//	index, a row a partition: for every run {offset uint64, records uint32}, then the xxh3 of the row, seeded with the partition
//	tail {partitions uint32, runs uint32, index offset uint64, rows uint64, xxh3 of these, magic [8]byte}
//
// rows is a number of the caller's choice. Reading one partition touches the tail, one row and its own segments. A Writer
// holds one block, and 16 bytes for every segment. It keeps the first error of w, and is used by one goroutine.
type Writer struct {
	w          io.Writer
	kind       Kind
	partitions int
	index      []segment // of all runs, one after the other
	block      []byte
	records    uint32 // in block
	offset     int64
	partition  int // that is being written, within the run
	err        error
}

// segment is the part of a run that belongs to one partition.
type segment struct {
	offset  int64
	records uint32
}

const (
	blockRecords = 256
	runsHead     = 8
	runsTail     = 40
	segmentBytes = 12
)

// bytes is the length of a segment in a file.
func (k Kind) bytes(records uint32) int64 {
	blocks := (int64(records) + blockRecords - 1) / blockRecords
	return int64(records)*int64(k.Width) + 8*blocks
}

// NewWriter starts a runs file of some partitions, at least 1.
func NewWriter(w io.Writer, kind Kind, partitions int) *Writer {
	r := &Writer{w: w, kind: kind, partitions: partitions, block: make([]byte, 0, blockRecords*kind.Width+8)}
	r.write([]byte(kind.Magic))
	return r
}

// Kind is what the file holds.
func (r *Writer) Kind() Kind { return r.kind }

// Err is the first error so far.
func (r *Writer) Err() error { return r.err }

func (r *Writer) write(data []byte) {
	if r.err != nil {
		return
	}
	_, r.err = r.w.Write(data)
	r.offset += int64(len(data))
}

// Start begins a run.
func (r *Writer) Start() {
	r.partition = 0
	r.index = append(r.index, segment{offset: r.offset})
}

// Add returns the place of the next record of the run, to be filled before the next call. The records of a run are in order,
// and their partitions ascend.
func (r *Writer) Add(partition int) []byte {
	if r.records == blockRecords || partition != r.partition {
		r.flush()
		for r.partition < partition {
			r.partition++
			r.index = append(r.index, segment{offset: r.offset})
		}
	}
	at := len(r.block)
	r.block = r.block[:at+r.kind.Width]
	r.records++
	return r.block[at:]
}

func (r *Writer) flush() {
	if r.records == 0 {
		return
	}
	sum := xxh3.HashSeed(r.block, uint64(r.offset))
	r.write(binary.LittleEndian.AppendUint64(r.block, sum))
	r.index[len(r.index)-1].records += r.records
	r.block, r.records = r.block[:0], 0
}

// End ends a run.
func (r *Writer) End() {
	r.flush()
	for r.partition < r.partitions-1 {
		r.partition++
		r.index = append(r.index, segment{offset: r.offset})
	}
}

// Finish writes index and tail and returns the first error.
func (r *Writer) Finish(rows int64) error {
	at := r.offset
	runs := len(r.index) / r.partitions
	row := make([]byte, 0, runs*segmentBytes+8)
	for p := range r.partitions {
		row = row[:0]
		for run := range runs {
			s := r.index[run*r.partitions+p]
			row = binary.LittleEndian.AppendUint64(row, uint64(s.offset))
			row = binary.LittleEndian.AppendUint32(row, s.records)
		}
		r.write(binary.LittleEndian.AppendUint64(row, xxh3.HashSeed(row, uint64(p))))
	}
	tail := binary.LittleEndian.AppendUint32(nil, uint32(r.partitions))
	tail = binary.LittleEndian.AppendUint32(tail, uint32(runs))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(at))
	tail = binary.LittleEndian.AppendUint64(tail, uint64(rows))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	r.write(append(tail, r.kind.Magic...))
	return r.err
}
