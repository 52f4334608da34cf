package corpus

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// duplicateWriter turns the verdicts of resolve into the duplicates table, in document order. It holds the documents of
// one block and the mask of one split at a time.
type duplicateWriter struct {
	job       *pipeline.Job
	plan      *ingest.Plan
	outcome   *outcome
	totals    *manifest.Totals
	verdicts  *verdictReader
	table     *table
	batch     columnar.Batch
	locator   locator
	withdrawn int64 // verdicts of documents that are no duplicates, but rejected
}

func (d *duplicateWriter) write(ctx context.Context) (file dataset.File, err error) {
	if d.verdicts, err = openVerdicts(ctx, d.job.Work, false); err != nil {
		return file, err
	}
	defer func() { err = errors.Join(err, d.verdicts.close()) }()
	d.locator.plan = d.plan
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
	if d.withdrawn != d.outcome.withdrawn() {
		return fmt.Errorf("%s rejects %d documents, the ledger says %d", ingest.VerdictsName, d.withdrawn, d.outcome.withdrawn())
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
	found := int64(0)
	err = d.verdicts.split(ctx, d.job, split, first, end, &d.batch, func(v ingest.Verdict, row int) error {
		if mask[v.Document-first] {
			return fmt.Errorf("document %d is a duplicate, but kept", v.Document)
		}
		found++
		return d.row(v, row)
	})
	if err != nil {
		return 0, err
	}
	if found+kept != end-first {
		return 0, fmt.Errorf("%d documents, but %d are kept and %d have a verdict", end-first, kept, found)
	}
	return kept, nil
}

func (d *duplicateWriter) row(v ingest.Verdict, row int) error {
	at, err := d.locator.of(&v, &d.batch, row)
	if err != nil {
		return err
	}
	if v.Withdrawn { // it is in the table of rejects
		d.withdrawn++
		return nil
	}
	version := int(v.WinnerVersion)
	d.totals.Documents.AddDuplicate(v.Kind)
	if version != d.plan.Version {
		d.totals.Documents.OfEarlier++
		switch f := &d.plan.Files[at.file]; {
		case f.Replaces && v.WinnerID == v.ID:
			d.totals.Documents.Unchanged++
		case f.Changed && !f.Replaces:
			d.totals.Documents.Revised++
		}
	}
	t := d.table
	t.hex(v.ID)
	t.hex(v.WinnerID)
	t.number(int64(version))
	t.text(ingest.KindName(v.Kind))
	t.number(int64(v.Score))
	t.text(at.source)
	t.text(at.path)
	t.number(at.offset)
	return t.end()
}
