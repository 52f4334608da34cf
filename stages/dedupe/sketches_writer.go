package dedupe

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// A sketch file holds one record a document of a split and, apart from them, because resolve reads only these, the lengths
// of the texts:
//
//	magic [8]byte
//	blocks of 4096 documents (the last has the rest): records, then text bytes uint32 a document
//	xxh3 of the lengths of every block, seeded with the number of the block
//	documents uint64, xxh3 of the checksums and the number before, magic [8]byte
//
// Blocks do not follow the batches, so the bytes do not depend on how a worker cut them (invariant 1).
type sketchesWriter struct {
	w       io.Writer
	lengths []byte // of the block that is being written
	sums    []byte
	rows    int64
	err     error
}

const (
	sketchesMagic = "MRSKTCH1"
	sketchesHead  = 8
	sketchesTail  = 24
	sketchRows    = 4096
	sketchBlock   = sketchRows * (recordBytes + 4)
)

func newSketchesWriter(w io.Writer) *sketchesWriter {
	s := &sketchesWriter{w: w}
	s.write([]byte(sketchesMagic))
	return s
}

func (s *sketchesWriter) write(data []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(data)
	}
}

// add appends one document.
func (s *sketchesWriter) add(r *record) {
	s.write(r[:])
	s.lengths = binary.LittleEndian.AppendUint32(s.lengths, r.bytes())
	s.rows++
	if s.rows%sketchRows == 0 {
		s.flush()
	}
}

func (s *sketchesWriter) flush() {
	if len(s.lengths) == 0 {
		return
	}
	s.write(s.lengths)
	s.sums = binary.LittleEndian.AppendUint64(s.sums, xxh3.HashSeed(s.lengths, uint64(len(s.sums)/8)))
	s.lengths = s.lengths[:0]
}

// finish writes what is left and returns the first error.
func (s *sketchesWriter) finish() error {
	s.flush()
	tail := binary.LittleEndian.AppendUint64(s.sums, uint64(s.rows))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	s.write(append(tail, sketchesMagic...))
	return s.err
}

// batch appends the records of a batch to the file; ids are made from the plan.
func (s *sketchesWriter) batch(plan *pipeline.Plan, b *columnar.Batch, scratch []byte) []byte {
	var r record
	for i := range b.Len() {
		file := b.File[i]
		copy(r.signature()[:], b.Sketch.Signature[i*slotCount:])
		*r.exact(), *r.key() = b.Sketch.Exact[i], b.Sketch.Key[i]
		*r.id(), scratch = pipeline.DocumentID(scratch, plan.SourceName(file), plan.Files[file].Path, b.Offset[i])
		r.setCounts(int(b.Sketch.Shingles[i]), uint32(len(b.Text.At(i))))
		r.seal()
		s.add(&r)
	}
	return scratch
}
