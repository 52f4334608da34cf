package dedupe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// A signature file of the index holds the records of kept documents of a version, in order; its files together hold them all:
//
//	magic [8]byte, number of the first one uint64, count uint64, xxh3 of these; then count records
//
// Every record carries its own checksum.
const (
	signaturesMagic = "MRIXSIG1"
	signaturesHead  = 32
)

// writeSignatures writes the records of the kept documents of splits from..end-1.
func writeSignatures(ctx context.Context, job *pipeline.Job, work *sorted.Handles, name string, kept *keptBits, bases []int64, from, end int,
) (_ pipeline.Output, err error) {
	o, err := createOut(ctx, job, name)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	first := kept.rank(bases[from])
	count := kept.rank(bases[end]) - first
	if err := writeSignaturesHead(o, first, count); err != nil {
		return pipeline.Output{}, err
	}
	for split := from; split < end; split++ {
		base := bases[split]
		err := forSketches(work, split, bases[split+1]-base, func(s *sketchesFile) error {
			return s.scanRecords(func(row int64) bool { return kept.get(base + row) }, func(r *record) error {
				_, err := o.Write(r[:])
				return err
			})
		})
		if err != nil {
			return pipeline.Output{}, err
		}
	}
	return o.commit(count)
}

func writeSignaturesHead(w io.Writer, first, count int64) error {
	head := binary.LittleEndian.AppendUint64([]byte(signaturesMagic), uint64(first))
	head = binary.LittleEndian.AppendUint64(head, uint64(count))
	_, err := w.Write(binary.LittleEndian.AppendUint64(head, xxh3.Hash(head)))
	return err
}

// WriteIndexSignatures writes a signature file of the index that no run has made, of documents that resemble nothing: all is
// drawn from word.
func WriteIndexSignatures(w io.Writer, documents int64, word func() uint64) error {
	if err := writeSignaturesHead(w, 0, documents); err != nil {
		return err
	}
	var r record
	for range documents {
		for at := 0; at < recordSummed; at += 8 {
			binary.LittleEndian.PutUint64(r[at:], word())
		}
		r.setCounts(1000, 3000)
		r.seal()
		if _, err := w.Write(r[:]); err != nil {
			return err
		}
	}
	return nil
}

// signatureFile is the head of a signature file.
type signatureFile struct {
	name         string
	first, count uint64
}

// openSignatures reads and checks the head of a signature file.
func openSignatures(o pipeline.Object, name string) (f signatureFile, err error) {
	var head [signaturesHead]byte
	if o.Size() < signaturesHead {
		return f, sorted.Damaged(name, "%d bytes are too few", o.Size())
	}
	if err := sorted.ReadAt(o, name, head[:], 0); err != nil {
		return f, err
	}
	if string(head[:8]) != signaturesMagic || binary.LittleEndian.Uint64(head[24:]) != xxh3.Hash(head[:24]) {
		return f, sorted.Damaged(name, "checksum of the head")
	}
	f = signatureFile{name, binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint64(head[16:])}
	if room := uint64(o.Size() - signaturesHead); f.count != room/recordBytes || room%recordBytes != 0 {
		return f, sorted.Damaged(name, "%d bytes are not %d records", o.Size(), f.count)
	}
	return f, nil
}

// all are the documents of the file: see scanSignatures.
func (f signatureFile) all() (first, end uint64, err error) { return f.first, f.first + f.count, nil }

// scanSignatures calls yield with the records of a signature file from first to end-1, as which says of its head, in order, each with the
// number of its document. Memory is one buffer; the record is the caller's until yield returns.
func scanSignatures(ctx context.Context, s pipeline.Store, name string, which func(signatureFile) (first, end uint64, err error),
	yield func(number uint64, r *record) error,
) (err error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	f, err := openSignatures(o, name)
	if err != nil {
		return err
	}
	first, end, err := which(f)
	if err != nil {
		return err
	}
	next, last := max(first, f.first)-f.first, min(max(end, f.first)-f.first, f.count)
	page := make([]byte, 1024*recordBytes)
	for next < last {
		if err := ctx.Err(); err != nil {
			return err
		}
		page = page[:min(uint64(cap(page)), (last-next)*recordBytes)]
		if _, err := o.ReadAt(page, signaturesHead+int64(next)*recordBytes); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", name, err)
		}
		for rest := page; len(rest) > 0; rest = rest[recordBytes:] {
			r := (*record)(rest)
			if !r.sealed() {
				return sorted.Damaged(name, "checksum of the record of document %d", f.first+next)
			}
			if err := yield(f.first+next, r); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}
