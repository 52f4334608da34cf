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

// Words of the rejects table.
const (
	ScopeDocument   = "document"
	ScopeFile       = "file"
	VerdictRejected = "rejected"
	VerdictFiltered = "filtered"
)

// fileState is what all splits together made of a file.
type fileState struct {
	documents, filtered, rejected int64
	unread                        int64 // bytes
	covered                       int64 // bytes of the pieces
	mixed                         int64 // texts in another encoding than the file
	pieces                        int
	reason                        string
}

// lose notes that part of the file was not read. A reason for which the file is tried again outweighs one of its content.
func (s *fileState) lose(reason string, bytes int64) {
	s.unread += bytes
	if s.reason == "" || eligibleAgain(reason) && !eligibleAgain(s.reason) {
		s.reason = reason
	}
}

func (s *fileState) status(file *ingest.File) string {
	switch {
	case file.Reject != "":
		return manifest.StatusRejected
	case s.reason == "":
		return manifest.StatusRead
	case s.documents+s.filtered+s.rejected == 0:
		return manifest.StatusRejected
	}
	return manifest.StatusInPart
}

// accountant turns the accounts of the splits into the tables of files, times and rejects, and into totals. Its memory
// follows the number of files.
type accountant struct {
	job     *pipeline.Job
	plan    *ingest.Plan
	outcome *outcome
	totals  *manifest.Totals
	reasons *manifest.Reasons

	states  []fileState // one a file of the plan
	table   *table      // of rejects
	early   int         // files before it have had their plan-time reject written
	scratch []byte

	verdicts *verdictReader // of documents that are like withdrawn ones; nil if there are none
	batch    columnar.Batch
	locator  locator
}

// writeRejects writes the rejects table: what the planner rejected where its file stands in the plan, the rest in the
// order of the splits, of each what resolve rejected behind the others.
func (a *accountant) writeRejects(ctx context.Context) (_ dataset.File, err error) {
	a.states = make([]fileState, len(a.plan.Files))
	if a.outcome.withdrawn() > 0 {
		if a.verdicts, err = openVerdicts(ctx, a.job.Work, true); err != nil {
			return dataset.File{}, err
		}
		defer func() { err = errors.Join(err, a.verdicts.close()) }()
	}
	a.locator.plan = a.plan
	return writeTable(ctx, a.job, RejectsTable, rejectsSchema, func(t *table) error {
		a.table = t
		for split, entry := range a.outcome.splits {
			err := a.split(ctx, split, entry)
			if err == nil && a.verdicts != nil {
				err = a.withdrawn(ctx, split)
			}
			if err != nil {
				return fmt.Errorf("split %d: %w", split, err)
			}
		}
		return a.planned(int32(len(a.states)))
	})
}

// split reads the account of one split and checks it against the ledger entry.
func (a *accountant) split(ctx context.Context, split int, entry pipeline.Entry) error {
	pieces := a.plan.Splits[split].Pieces
	want := map[int32]int64{} // file → bytes in this split
	for _, p := range pieces {
		want[int32(p.File)] += p.End - p.Start
		a.states[p.File].covered += p.End - p.Start
		a.states[p.File].pieces++
	}
	if entry.Verdict == pipeline.VerdictDead {
		for _, p := range pieces {
			err := a.reject(&columnar.Reject{
				File: int32(p.File), Scope: columnar.ScopeFile, Offset: p.Start, Bytes: p.End - p.Start,
				Reason: ingest.ReasonDead, Detail: pipeline.Excerpt(entry.Reason, maxDetail),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	var seen ingest.FileAccount               // of the whole split
	rejects := map[int32]ingest.FileAccount{} // counted here, to be compared
	err := ingest.ScanAccount(ctx, a.job, split, func(line ingest.AccountLine) error {
		if r := line.Reject; r != nil {
			if _, ok := want[r.File]; !ok {
				return fmt.Errorf("a reject of file %d, which is not in the split", r.File)
			}
			sum := rejects[r.File]
			sum.Lose(r)
			rejects[r.File] = sum
			return a.reject(r)
		}
		f := line.Account
		if f == nil {
			return nil
		}
		bytes, ok := want[f.File]
		if !ok {
			return fmt.Errorf("file %d has an account it should not have", f.File)
		}
		delete(want, f.File)
		sum := rejects[f.File]
		if f.Bytes != bytes || f.Filtered != sum.Filtered || f.Rejected != sum.Rejected || f.Unread != sum.Unread {
			return fmt.Errorf("the account of file %d says %d bytes, %d filtered, %d rejected and %d bytes unread; its rejects say %d, %d, %d and %d",
				f.File, f.Bytes, f.Filtered, f.Rejected, f.Unread, bytes, sum.Filtered, sum.Rejected, sum.Unread)
		}
		a.states[f.File].documents += f.Documents
		a.states[f.File].mixed += f.Mixed
		seen.Filtered += f.Filtered
		seen.Rejected += f.Rejected
		seen.Documents += f.Documents
		return nil
	})
	if err != nil {
		return err
	}
	if len(want) > 0 {
		return fmt.Errorf("%d of its files have no account", len(want))
	}
	if sum := &entry.Sum; seen.Documents != sum.Out || seen.Read() != sum.In || seen.Filtered != sum.Of(pipeline.LeftFiltered) ||
		seen.Rejected != sum.Of(pipeline.LeftRejected) { // invariant 7
		return fmt.Errorf("the ledger says %+v, the account %d documents, %d filtered and %d rejected", *sum, seen.Documents, seen.Filtered, seen.Rejected)
	}
	return nil
}

// withdrawn writes the rejects of a split's documents that are like withdrawn ones. Their split took them for documents that go on.
func (a *accountant) withdrawn(ctx context.Context, split int) error {
	first, end := a.outcome.bases[split], a.outcome.bases[split+1]
	if !a.verdicts.more || a.verdicts.next.Document >= end {
		return nil
	}
	return a.verdicts.split(ctx, a.job, split, first, end, &a.batch, func(v ingest.Verdict, row int) error {
		at, err := a.locator.of(&v, &a.batch, row)
		if err != nil {
			return err
		}
		a.states[at.file].documents--
		return a.reject(&columnar.Reject{
			File: at.file, Offset: at.offset, Bytes: int64(len(a.batch.Text.At(row))), Reason: ingest.ReasonWithdrawn, Detail: v.Detail(),
		})
	})
}

// planned writes the plan-time rejects of the files before end.
func (a *accountant) planned(end int32) error {
	for ; a.early < int(end); a.early++ {
		f := &a.plan.Files[a.early]
		if f.Reject == "" {
			continue
		}
		r := columnar.Reject{File: int32(a.early), Scope: columnar.ScopeFile, Bytes: f.Bytes, Reason: f.Reject, Detail: f.RejectDetail}
		if err := a.write(&r); err != nil {
			return err
		}
	}
	return nil
}

// reject writes a reject of a split, after the plan-time ones of earlier files.
func (a *accountant) reject(r *columnar.Reject) error {
	if err := a.planned(r.File); err != nil {
		return err
	}
	return a.write(r)
}

func (a *accountant) write(r *columnar.Reject) error {
	plan := a.plan
	source, path := plan.SourceName(r.File), plan.Files[r.File].Path
	state := &a.states[r.File]
	t, d := a.table, &a.totals.Documents
	scope, verdict := ScopeDocument, VerdictRejected
	switch r.Kind() {
	case columnar.KindFile:
		scope = ScopeFile
		state.lose(r.Reason, r.Bytes)
		a.totals.UnreadBytes += r.Bytes
		a.reasons.Files[r.Reason]++
	case columnar.KindFiltered:
		verdict = VerdictFiltered
		state.filtered++
		d.Filtered++
		a.reasons.Filtered[r.Reason]++
	case columnar.KindRejected:
		state.rejected++
		d.Rejected++
		a.reasons.Rejected[r.Reason]++
	}
	if scope == ScopeFile {
		t.text("")
	} else {
		var id [16]byte
		id, a.scratch = ingest.DocumentID(a.scratch, source, path, r.Offset)
		t.hex(id)
	}
	t.text(source)
	t.text(path)
	t.number(r.Offset)
	t.number(r.Bytes)
	t.text(scope)
	t.text(verdict)
	t.text(r.Reason)
	t.text(r.Detail)
	return t.end()
}

// writeFiles writes the table of files, one row a file of the plan, and sums them.
func (a *accountant) writeFiles(ctx context.Context) (dataset.File, error) {
	plan := a.plan
	return writeTable(ctx, a.job, FilesTable, filesSchema, func(t *table) error {
		for i := range plan.Files {
			f, s := &plan.Files[i], &a.states[i]
			switch {
			case f.Reject != "" && s.pieces > 0:
				return fmt.Errorf("file %s is rejected by the plan and in a split as well", f.Path)
			case f.Reject == "" && (s.pieces == 0 || s.covered != f.Bytes):
				return fmt.Errorf("file %s has %d bytes, the splits cover %d", f.Path, f.Bytes, s.covered)
			}
			status := s.status(f)
			a.totals.Files.Add(status)
			if status == manifest.StatusRead && s.documents == 0 && s.filtered == 0 && s.rejected > 0 {
				a.totals.Files.OnlyRejects++
			}
			a.totals.InputBytes += f.Bytes
			t.text(plan.SourceName(int32(i)))
			t.text(f.Path)
			t.number(f.Bytes)
			for _, v := range []string{f.Format, f.Document, f.Compression, status, s.reason} {
				t.text(v)
			}
			for _, v := range []int64{s.documents, s.filtered, s.rejected, s.unread} {
				t.number(v)
			}
			t.text(f.Encoding)
			t.number(s.mixed)
			if err := t.end(); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeTimes writes the modification times of the files, which the next planner compares.
func (a *accountant) writeTimes(ctx context.Context) (dataset.File, error) {
	plan := a.plan
	file, err := writeTable(ctx, a.job, TimesTable, timesSchema, func(t *table) error {
		for i := range plan.Files {
			t.text(plan.SourceName(int32(i)))
			t.text(plan.Files[i].Path)
			t.number(plan.Files[i].ModTime)
			if err := t.end(); err != nil {
				return err
			}
		}
		return nil
	})
	file.Volatile = true
	return file, err
}

// maxDetail bounds the detail of a reject.
const maxDetail = 200
