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

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
	"millrace/pipeline/ingest"
)

// duplicateWriter turns the verdicts of resolve into the duplicates table, in document order. It holds the documents of
// one block and the mask of one split at a time.
type duplicateWriter struct {
	job      *pipeline.Job
	plan     *ingest.Plan
	outcome  *outcome
	totals   *manifest.Totals
	verdicts *verdictReader
	table    *table
	batch    columnar.Batch
	scratch  []byte
}

func (d *duplicateWriter) write(ctx context.Context) (file dataset.File, err error) {
	if d.verdicts, err = openVerdicts(ctx, d.job.Work); err != nil {
		return file, err
	}
	defer func() { err = errors.Join(err, d.verdicts.close()) }()
	return writeTable(ctx, d.job, DuplicatesTable, duplicatesSchema, func(t *table) error {
		d.table = t
		return d.fill(ctx)
	})
}

func (d *duplicateWriter) fill(ctx context.Context) error {
	kept := int64(0)
	for split := range d.outcome.splits {
		n, err := d.split(ctx, split)
		if err != nil {
			return fmt.Errorf("split %d: %w", split, err)
		}
		kept += n
	}
	if d.verdicts.more {
		return fmt.Errorf("%s names document %d, which is kept or not there", ingest.VerdictsName, d.verdicts.next.Document)
	}
	for _, o := range d.outcome.resolved.Outputs {
		if o.Name == ingest.VerdictsName && o.Digest != d.verdicts.digest() {
			return fmt.Errorf("%s has the digest %s, the ledger says %s", ingest.VerdictsName, d.verdicts.digest(), o.Digest)
		}
	}
	if kept != d.outcome.kept {
		return fmt.Errorf("%s keeps %d documents, the shards %d", ingest.KeptName, kept, d.outcome.kept)
	}
	d.totals.Documents.Kept = kept
	return nil
}

// split writes the duplicates of one split and returns how many of its documents are kept. Each document is either kept
// or has a verdict (invariant 7).
func (d *duplicateWriter) split(ctx context.Context, split int) (kept int64, err error) {
	first, end := d.outcome.bases[split], d.outcome.bases[split+1]
	if first == end {
		return 0, nil
	}
	mask, err := ingest.KeptMask(ctx, d.job, first, end)
	if err != nil {
		return 0, err
	}
	for _, k := range mask {
		if k {
			kept++
		}
	}
	if kept == end-first {
		return kept, nil // a verdict in it makes the next split fail
	}
	o, err := d.job.Work.Open(ctx, ingest.DocumentsName(split))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	spill, err := columnar.OpenSpill(o, o.Size())
	if err != nil {
		return 0, err
	}
	found, number := int64(0), first
	for i := range spill.Blocks() {
		next := number + int64(spill.Rows(i))
		if d.verdicts.more && d.verdicts.next.Document < next {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			if err := spill.Read(i, &d.batch); err != nil {
				return 0, err
			}
		}
		for d.verdicts.more && d.verdicts.next.Document < next {
			v := d.verdicts.next
			if v.Document < number || mask[v.Document-first] {
				return 0, fmt.Errorf("document %d is a duplicate, but kept", v.Document)
			}
			if err := d.row(v, int(v.Document-number)); err != nil {
				return 0, fmt.Errorf("document %d: %w", v.Document, err)
			}
			found++
			if err := d.verdicts.advance(); err != nil {
				return 0, err
			}
		}
		number = next
	}
	if number != end {
		return 0, fmt.Errorf("%s has %d documents, the ledger says %d", ingest.DocumentsName(split), number-first, end-first)
	}
	if found+kept != end-first {
		return 0, fmt.Errorf("%d documents, but %d are kept and %d are duplicates", end-first, kept, found)
	}
	return kept, nil
}

func (d *duplicateWriter) row(v ingest.Verdict, row int) error {
	plan := d.plan
	file := d.batch.File[row]
	if file < 0 || int(file) >= len(plan.Files) {
		return fmt.Errorf("file %d is not in the plan", file)
	}
	source, path, offset := plan.SourceName(file), plan.Files[file].Path, d.batch.Offset[row]
	var id [16]byte
	id, d.scratch = ingest.DocumentID(d.scratch, source, path, offset)
	version := int(v.WinnerVersion)
	switch {
	case id != v.ID:
		return fmt.Errorf("its id is %x, the verdict names %x", id, v.ID)
	case v.Kind < ingest.KindExact || v.Kind > ingest.KindNear || v.Score > ingest.Millionths:
		return fmt.Errorf("kind %d with score %d", v.Kind, v.Score)
	case version != plan.Version && !slices.Contains(plan.Live, version):
		return fmt.Errorf("its winner is in version %d, which is not live", version)
	}
	d.totals.Documents.AddDuplicate(v.Kind)
	if version != plan.Version {
		d.totals.Documents.OfEarlier++
		if plan.Files[file].Changed {
			d.totals.Documents.Revised++
		}
	}
	t := d.table
	t.hex(v.ID)
	t.hex(v.WinnerID)
	t.number(int64(version))
	t.text(ingest.KindName(v.Kind))
	t.number(int64(v.Score))
	t.text(source)
	t.text(path)
	t.number(offset)
	return t.end()
}

// verdictReader streams the verdict file and hashes it.
type verdictReader struct {
	o    pipeline.Object
	r    *bufio.Reader
	hash *xxh3.Hasher128
	next ingest.Verdict
	more bool // next is valid
}

func openVerdicts(ctx context.Context, work pipeline.Store) (*verdictReader, error) {
	o, err := work.Open(ctx, ingest.VerdictsName)
	if err != nil {
		return nil, err
	}
	r := &verdictReader{o: o, hash: xxh3.New128(), next: ingest.Verdict{Document: -1}}
	r.r = bufio.NewReaderSize(io.TeeReader(io.NewSectionReader(o, 0, o.Size()), r.hash), 1<<16)
	if err := r.advance(); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return r, nil
}

func (r *verdictReader) advance() error {
	var b [ingest.VerdictBytes]byte
	switch _, err := io.ReadFull(r.r, b[:]); {
	case err == io.EOF:
		r.more = false
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", ingest.VerdictsName, err)
	}
	v := ingest.DecodeVerdict(b[:])
	if v.Document <= r.next.Document {
		return fmt.Errorf("%s is not in order: document %d comes after %d", ingest.VerdictsName, v.Document, r.next.Document)
	}
	r.next, r.more = v, true
	return nil
}

// digest is that of the whole file once it is read to its end, as OutputWriter makes it.
func (r *verdictReader) digest() string { return hex.EncodeToString(r.hash.Sum(nil)) }

func (r *verdictReader) close() error { return r.o.Close() }
