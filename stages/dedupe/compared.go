package dedupe

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// A file of compared texts holds texts of documents of earlier versions that a run had to read in their shards, so that no
// run has to again, and of the run's own that were compared with them and stay:
//
//	magic [8]byte
//	texts: each a zstd frame
//	a document, ascending: version uint32, length of its frame uint32, number uint64, offset of its frame uint64
//	documents uint64, xxh3 of the table and the number before, magic [8]byte
//
// A frame has a checksum, and its text is compared with the exact hash in the record of the document. A corpus without such files,
// or without some of them, is read as well: then the texts are read in the shards.
const (
	comparedMagic = "MRIXTXT1"
	comparedHead  = 8
	comparedEntry = 24
	comparedTail  = 24

	// mostCompared is the most documents of a file: they are in memory, 6 MiB. The next run puts aside what is left.
	mostCompared = 1 << 18

	// longCompared is the longest text, in bytes, that is put aside: of longer ones there are no more than four in a page.
	longCompared = 256 << 10
)

// comparedPlace is where a text lies. The numbers of files begin with 1.
type comparedPlace struct {
	file   int
	stored uint32
	offset int64
}

// comparedWriter writes a file of compared texts. Until turn is called, documents come in ascending order.
type comparedWriter struct {
	w      io.Writer
	offset int64
	table  []comparedDocument
	sorted int // of table: what is behind it came since the last turn
	buf    []byte
}

type comparedDocument struct {
	ref
	stored uint32
	offset int64
}

func (d comparedDocument) compare(r ref) int {
	return cmp.Or(cmp.Compare(d.version, r.version), cmp.Compare(d.number, r.number))
}

func newComparedWriter(w io.Writer) (*comparedWriter, error) {
	_, err := io.WriteString(w, comparedMagic)
	return &comparedWriter{w: w, offset: comparedHead}, err
}

// turn says that the documents begin anew.
func (w *comparedWriter) turn() {
	slices.SortFunc(w.table, func(a, b comparedDocument) int { return a.compare(b.ref) })
	w.sorted = len(w.table)
}

// add puts a text aside, unless it is there, too long, or one too many.
func (w *comparedWriter) add(d ref, text []byte) error {
	if len(text) > longCompared || len(w.table) == mostCompared {
		return nil
	}
	if _, found := slices.BinarySearchFunc(w.table[:w.sorted], d, comparedDocument.compare); found {
		return nil
	}
	w.buf = columnar.Pack(w.buf[:0], text)
	w.table = append(w.table, comparedDocument{d, uint32(len(w.buf)), w.offset})
	w.offset += int64(len(w.buf))
	_, err := w.w.Write(w.buf)
	return err
}

// number has the documents of a version, which are those of the run, numbered among the kept ones: each of them is one.
func (w *comparedWriter) number(version uint32, numbered func(document uint64) (number uint64, ok bool)) error {
	for i := range w.table {
		d := &w.table[i]
		if d.version != version {
			continue
		}
		n, ok := numbered(d.number)
		if !ok {
			return fmt.Errorf("the text of document %d was put aside, but it is not kept", d.number)
		}
		d.number = n
	}
	return nil
}

// finish writes the end and returns how many texts there are.
func (w *comparedWriter) finish() (int64, error) {
	w.turn()
	tail := make([]byte, 0, len(w.table)*comparedEntry+comparedTail)
	for _, d := range w.table {
		tail = binary.LittleEndian.AppendUint32(tail, d.version)
		tail = binary.LittleEndian.AppendUint32(tail, d.stored)
		tail = binary.LittleEndian.AppendUint64(tail, d.number)
		tail = binary.LittleEndian.AppendUint64(tail, uint64(d.offset))
	}
	tail = binary.LittleEndian.AppendUint64(tail, uint64(len(w.table)))
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	_, err := w.w.Write(append(tail, comparedMagic...))
	return int64(len(w.table)), err
}

// comparedFile is a file of compared texts.
type comparedFile struct {
	files     *sorted.Handles
	name      string
	documents int64
	table     int64 // offset
}

// comparedPage is a piece of a file of compared texts.
type comparedPage struct {
	file *comparedFile
	from int64
	data []byte
}

// openCompared reads the end of a file.
func openCompared(files *sorted.Handles, name string) (*comparedFile, error) {
	o, err := files.Get(name)
	if err != nil {
		return nil, err
	}
	size := o.Size()
	if size < comparedHead+comparedTail {
		return nil, sorted.Damaged(name, "%d bytes are too few", size)
	}
	var tail [comparedTail]byte
	if err := files.Read(name, tail[:], size-comparedTail); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(tail[:])
	if string(tail[16:]) != comparedMagic || n > uint64(size-comparedHead-comparedTail)/comparedEntry {
		return nil, sorted.Damaged(name, "its end does not match")
	}
	return &comparedFile{files: files, name: name, documents: int64(n), table: size - comparedTail - int64(n)*comparedEntry}, nil
}

// comparedName is that of the file in the index of a version.
const comparedName = "compared-00000-of-00001.texts"

// copyCompared makes the texts that resolve has put aside a part of the index, if there are any.
func copyCompared(ctx context.Context, job *pipeline.Job, work *sorted.Handles, name string) (_ []pipeline.Output, err error) {
	f, err := openCompared(work, ingest.ComparedName)
	if err != nil || f.documents == 0 {
		return nil, err
	}
	o, err := work.Get(ingest.ComparedName)
	if err != nil {
		return nil, err
	}
	out, err := createOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, io.NewSectionReader(o, 0, o.Size())); err != nil {
		return nil, err
	}
	copied, err := out.commit(f.documents)
	return []pipeline.Output{copied}, err
}

// find fills in where those of some documents lie that the file has. They ascend; number is the file's own.
func (f *comparedFile) find(documents []ref, number int, lies []comparedPlace) error {
	const atOnce = 2048
	var sum xxh3.Hasher
	var last comparedDocument
	buf := make([]byte, min(f.documents, atOnce)*comparedEntry+8)
	for first := int64(0); first < f.documents; first += atOnce {
		data := buf[:min(f.documents-first, atOnce)*comparedEntry]
		if err := f.files.Read(f.name, data, f.table+first*comparedEntry); err != nil {
			return err
		}
		_, _ = sum.Write(data) // a hash never fails
		for i := int64(0); len(data) > 0; i, data = i+1, data[comparedEntry:] {
			d := comparedDocument{
				ref{binary.LittleEndian.Uint64(data[8:]), binary.LittleEndian.Uint32(data)},
				binary.LittleEndian.Uint32(data[4:]), int64(binary.LittleEndian.Uint64(data[16:])),
			}
			if first+i > 0 && last.compare(d.ref) >= 0 || d.offset < comparedHead || d.offset > f.table || int64(d.stored) > f.table-d.offset {
				return sorted.Damaged(f.name, "entry %d of its table", first+i)
			}
			last = d
			for len(documents) > 0 && d.compare(documents[0]) > 0 {
				documents, lies = documents[1:], lies[1:]
			}
			if len(documents) > 0 && d.ref == documents[0] {
				lies[0] = comparedPlace{number, d.stored, d.offset}
			}
		}
	}
	var end [16]byte
	if err := f.files.Read(f.name, end[:], f.table+f.documents*comparedEntry); err != nil {
		return err
	}
	_, _ = sum.Write(end[:8])
	if sum.Sum64() != binary.LittleEndian.Uint64(end[8:]) {
		return sorted.Damaged(f.name, "checksum of its table")
	}
	return nil
}

// text appends a text of so many bytes to dst. Those that were put aside one behind the other are read together.
func (f *comparedFile) text(page *comparedPage, at comparedPlace, bytes int, dst []byte) ([]byte, error) {
	const ahead = 32 << 10
	stored := int64(at.stored)
	if page.file != f || at.offset < page.from || at.offset+stored > page.from+int64(len(page.data)) {
		n := min(max(stored, ahead), f.table-at.offset)
		page.file, page.from, page.data = nil, at.offset, slices.Grow(page.data[:0], int(n))[:n]
		if err := f.files.Read(f.name, page.data, at.offset); err != nil {
			return dst, err
		}
		page.file = f
	}
	dst, err := columnar.Unpack(dst, page.data[at.offset-page.from:][:stored], bytes)
	if err != nil {
		return dst, sorted.Damaged(f.name, "the text at %d: %v", at.offset, err)
	}
	return dst, nil
}
