package dedupe

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// A sketch file holds one record a document of a split and, apart from them, because resolve reads only these, the lengths
// of the texts:
//
//	magic [8]byte
//	blocks of 4096 documents (the last has the rest): records, then text bytes uint32 a document
//	of every block: xxh3 of its lengths, seeded with its number, and the offset of its end
//	documents uint64, xxh3 of the table and the number before, magic [8]byte
//
// Where no document of a block is long enough for a signature, its records go without: millions of tiny documents take a fifth of
// the disk. The length of a block says which. Blocks do not follow the batches, so the bytes do not depend on how a worker cut
// them (invariant 1).
type sketchesWriter struct {
	w       io.Writer
	short   []byte // records of the block that is being written, none of which has a signature so far
	full    bool   // one has: what came before it is written, and so is what comes
	lengths []byte // of the block that is being written
	table   []byte
	offset  int64
	rows    int64
	err     error
}

const (
	sketchesMagic = "MRSKTCH2"
	sketchesHead  = 8
	sketchesTail  = 24
	sketchRows    = 4096
	sketchEntry   = 16                           // of a block in the table
	shortBytes    = recordBytes - signatureBytes // a record without its signature, which it begins with
)

func newSketchesWriter(w io.Writer) *sketchesWriter {
	s := &sketchesWriter{w: w}
	s.write([]byte(sketchesMagic))
	return s
}

func (s *sketchesWriter) write(data []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(data)
		s.offset += int64(len(data))
	}
}

// add appends one document.
func (s *sketchesWriter) add(r *record) {
	if !s.full && *r.signature() != noSignature {
		s.full = true
		for short := s.short; len(short) > 0; short = short[shortBytes:] {
			s.write(noSignature[:])
			s.write(short[:shortBytes])
		}
		s.short = s.short[:0]
	}
	if s.full {
		s.write(r[:])
	} else {
		s.short = append(s.short, r[signatureBytes:]...)
	}
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
	s.write(s.short)
	s.write(s.lengths)
	s.table = binary.LittleEndian.AppendUint64(s.table, xxh3.HashSeed(s.lengths, uint64(len(s.table)/sketchEntry)))
	s.table = binary.LittleEndian.AppendUint64(s.table, uint64(s.offset))
	s.short, s.full, s.lengths = s.short[:0], false, s.lengths[:0]
}

// finish writes what is left and returns the first error.
func (s *sketchesWriter) finish() error {
	s.flush()
	tail := binary.LittleEndian.AppendUint64(s.table, uint64(s.rows))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	s.write(append(tail, sketchesMagic...))
	return s.err
}

// batch appends the records of a batch to the file; ids are made from the plan.
func (s *sketchesWriter) batch(plan *ingest.Plan, b *columnar.Batch, scratch []byte) []byte {
	var r record
	for i := range b.Len() {
		file := b.File[i]
		copy(r.signature()[:], b.Sketch.Signature[i*signatureBytes:])
		*r.exact(), *r.key() = b.Sketch.Exact[i], b.Sketch.Key[i]
		*r.id(), scratch = ingest.DocumentID(scratch, plan.SourceName(file), plan.Files[file].Path, b.Offset[i])
		r.setCounts(int(b.Sketch.Shingles[i]), uint32(len(b.Text.At(i))))
		r.seal()
		s.add(&r)
	}
	return scratch
}
