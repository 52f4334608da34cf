package corpus

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// verdictReader streams the verdict file and hashes it.
type verdictReader struct {
	o    pipeline.Object
	r    *bufio.Reader
	hash *xxh3.Hasher128
	last int64 // number of the document before
	next ingest.Verdict
	more bool // next is valid

	withdrawn bool // those of documents that are rejected alone: the others are passed over
}

// openVerdicts begins to read the verdicts of a run: all, or those alone whose winner is withdrawn.
func openVerdicts(ctx context.Context, work pipeline.Store, withdrawn bool) (*verdictReader, error) {
	o, err := work.Open(ctx, ingest.VerdictsName)
	if err != nil {
		return nil, err
	}
	r := &verdictReader{o: o, hash: xxh3.New128(), last: -1, withdrawn: withdrawn}
	r.r = bufio.NewReaderSize(io.TeeReader(io.NewSectionReader(o, 0, o.Size()), r.hash), 1<<16)
	if err := r.advance(); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return r, nil
}

func (r *verdictReader) advance() error {
	for {
		var b [ingest.VerdictBytes]byte
		switch _, err := io.ReadFull(r.r, b[:]); {
		case err == io.EOF:
			r.more = false
			return nil
		case err != nil:
			return fmt.Errorf("read %s: %w", ingest.VerdictsName, err)
		}
		v := ingest.DecodeVerdict(b[:])
		if v.Document <= r.last {
			return fmt.Errorf("%s is not in order: document %d comes after %d", ingest.VerdictsName, v.Document, r.last)
		}
		r.last = v.Document
		if v.Withdrawn || !r.withdrawn {
			r.next, r.more = v, true
			return nil
		}
	}
}

// split calls yield with the verdicts of the documents of a split, which are those from first to before end of the run, each with the
// row in the batch that its place has been read into; of rejected documents all is read.
func (r *verdictReader) split(ctx context.Context, job *pipeline.Job, split int, first, end int64, batch *columnar.Batch,
	yield func(v ingest.Verdict, row int) error,
) (err error) {
	name := ingest.DocumentsName(split)
	o, err := job.Work.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	spill, err := columnar.OpenSpill(o, o.Size())
	if err != nil {
		return err
	}
	number := first
	for i := range spill.Blocks() {
		next := number + int64(spill.Rows(i))
		if r.more && r.next.Document < next {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.read(spill, i, batch); err != nil {
				return err
			}
		}
		for r.more && r.next.Document < next {
			v := r.next
			if v.Document < number {
				return fmt.Errorf("document %d is a duplicate, but kept", v.Document)
			}
			if err := yield(v, int(v.Document-number)); err != nil {
				return fmt.Errorf("document %d: %w", v.Document, err)
			}
			if err := r.advance(); err != nil {
				return err
			}
		}
		number = next
	}
	if number != end {
		return fmt.Errorf("%s has %d documents, the ledger says %d", name, number-first, end-first)
	}
	return nil
}

// read reads what is said of the documents of a block: of those that are rejected, how many bytes they have, too. Where a document lies is
// checked by its id, so nothing else of the block need be read to trust it.
func (r *verdictReader) read(spill *columnar.Spill, block int, batch *columnar.Batch) error {
	if r.withdrawn {
		return spill.Read(block, batch)
	}
	return spill.Places(block, batch)
}

// digest is that of the whole file once it is read to its end, as OutputWriter makes it.
func (r *verdictReader) digest() string { return hex.EncodeToString(r.hash.Sum(nil)) }

func (r *verdictReader) close() error { return r.o.Close() }

// locator finds where the documents of verdicts lie in their files.
type locator struct {
	plan    *ingest.Plan
	scratch []byte
}

// located is a document in its file.
type located struct {
	file         int32
	source, path string
	offset       int64
}

// of checks the verdict of the document in a row of a batch, and says which document it is.
func (l *locator) of(v *ingest.Verdict, b *columnar.Batch, row int) (at located, err error) {
	at.file, at.offset = b.File[row], b.Offset[row]
	if at.file < 0 || int(at.file) >= len(l.plan.Files) {
		return at, fmt.Errorf("file %d is not in the plan", at.file)
	}
	at.source, at.path = l.plan.SourceName(at.file), l.plan.Files[at.file].Path
	var id [16]byte
	id, l.scratch = ingest.DocumentID(l.scratch, at.source, at.path, at.offset)
	version := int(v.WinnerVersion)
	switch {
	case id != v.ID:
		return at, fmt.Errorf("its id is %x, the verdict names %x", id, v.ID)
	case v.Kind < ingest.KindExact || v.Kind > ingest.KindNear || v.Score > ingest.Millionths:
		return at, fmt.Errorf("kind %d with score %d", v.Kind, v.Score)
	case (version != l.plan.Version || v.Withdrawn) && !slices.Contains(l.plan.Live, version):
		return at, fmt.Errorf("its winner is in version %d, which is not live", version)
	}
	return at, nil
}
