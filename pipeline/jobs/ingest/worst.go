package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// StoppedError says that limits or an alarm stopped a run behind its work: nothing of it is committed, and somebody is to look at
// it. The same command takes it up again.
type StoppedError struct {
	Err   error // a *LimitError or *corpus.AlarmError
	Worst []WorstFile
}

// Error says why, and which files lost most, one a line.
func (e *StoppedError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
	for i := range e.Worst {
		b.WriteString("\n  " + e.Worst[i].String())
	}
	return b.String()
}

// Why implements engine.Stopped.
func (e *StoppedError) Why() string { return e.Err.Error() }

func (e *StoppedError) Unwrap() error { return e.Err }

// WorstFile is a file of which much was rejected, and the first of it.
type WorstFile struct {
	Source    string `json:"source"`
	Path      string `json:"path"`
	Documents int64  `json:"documents"` // read of it
	Rejected  int64  `json:"rejected"`  // of these
	Bytes     int64  `json:"bytes"`     // of it that were looked at
	Unread    int64  `json:"unread"`    // of these, which rejects of the file took away
	// Reason is that of the first reject, at Offset; Detail says more, and Head is the beginning of the record, where they are known.
	Reason string `json:"reason"`
	Offset int64  `json:"offset"`
	Detail string `json:"detail,omitempty"`
	Head   string `json:"head,omitempty"`
}

// String is the file in one line.
func (w *WorstFile) String() string {
	var lost []string
	if w.Rejected > 0 {
		lost = append(lost, fmt.Sprintf("%s of %s rejected", pipeline.Thousands(w.Rejected), pipeline.Counted(w.Documents, "document")))
	}
	if w.Unread > 0 {
		lost = append(lost, fmt.Sprintf("%s of %s not read", pipeline.ByteSize(w.Unread), pipeline.ByteSize(w.Bytes)))
	}
	line := fmt.Sprintf("%s/%s: %s, first at byte %d: %s", w.Source, w.Path, strings.Join(lost, ", "), w.Offset, ingest.ReasonText(w.Reason, w.Detail))
	if w.Unread > 0 && w.Unread == w.Bytes && w.Rejected == 0 {
		line = fmt.Sprintf("%s/%s: not read: %s", w.Source, w.Path, ingest.ReasonText(w.Reason, w.Detail))
	}
	if head := strings.TrimSuffix(w.Head, " …"); head != "" && !strings.Contains(w.Detail, pipeline.FirstChars(head, 8)) {
		line += ", in `" + w.Head + "`" // else the detail has it
	}
	return line
}

const (
	worstShown  = 5
	detailChars = 300
)

// stoppedAt adds the worst files to an error of limits or an alarm. Others stay what they are.
func stoppedAt(ctx context.Context, formats intake.Formats, job *pipeline.Job, err error) error {
	_, limits := errors.AsType[*LimitError](err)
	_, alarm := errors.AsType[*corpus.AlarmError](err)
	if !limits && !alarm {
		return err
	}
	stopped := &StoppedError{Err: err}
	var trouble error
	if stopped.Worst, trouble = worstFiles(ctx, formats, job); trouble != nil {
		return err // which is what matters
	}
	return stopped
}

// worstFiles are the files of a run that lost the largest part of its documents or bytes, worst first, as far as the map phase
// has come.
func worstFiles(ctx context.Context, formats intake.Formats, job *pipeline.Job) (list []WorstFile, err error) {
	in, err := ingest.InputOf(job)
	if err != nil {
		return nil, err
	}
	perFile, all, err := tallyRejects(ctx, job)
	if err != nil {
		return nil, err
	}
	weight := func(t *rejectTally) float64 {
		return max(float64(t.rejected)/float64(max(all.documents, 1)), float64(t.unread+t.lost)/float64(max(all.bytes, 1)))
	}
	var order []int
	for i := range perFile {
		if f := &in.Plan.Files[i]; f.Reject != "" { // all of it
			perFile[i].bytes, perFile[i].unread = max(f.Bytes, 1), max(f.Bytes, 1)
			perFile[i].first = &columnar.Reject{Scope: columnar.ScopeFile, Reason: f.Reject, Detail: f.RejectDetail}
			all.bytes += perFile[i].bytes
		}
		if perFile[i].rejected > 0 || perFile[i].unread > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(&perFile[b]), weight(&perFile[a])) })
	for _, i := range order[:min(len(order), worstShown)] {
		t, f := &perFile[i], &in.Plan.Files[i]
		one := WorstFile{
			Source: in.Plan.SourceName(int32(i)), Path: f.Path, Documents: t.documents, Rejected: t.rejected, Bytes: t.bytes, Unread: t.unread,
			Reason: t.most(),
		}
		if r := t.first; r != nil {
			one.Reason, one.Offset, one.Detail = r.Reason, r.Offset, pipeline.FirstChars(r.Detail, detailChars)
			if r.Scope == columnar.ScopeDocument {
				// That the record cannot be read again, since its source has gone or changed, is no reason to be silent of the rest.
				one.Head, _ = intake.RecordHead(ctx, formats, in, i, r.Offset)
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// tallyRejects sums what the map phase has rejected so far, by file and in all. A split that is not done counts as nothing.
func tallyRejects(ctx context.Context, job *pipeline.Job) (perFile []rejectTally, all rejectTally, err error) {
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, all, err
	}
	perFile = make([]rejectTally, len(plan.Files))
	for i := range plan.Files {
		if f := &plan.Files[i]; f.Reject != "" {
			perFile[i].reason(f.Reject)
			all.reason(f.Reject)
		}
	}
	first, _ := job.Chain.Summed()
	entries, err := job.Entries(ctx, first)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err = make([]pipeline.Entry, len(plan.Splits)), nil // the phase is under way
	}
	if err != nil {
		return nil, all, err
	}
	for split := range entries {
		if entries[split].Verdict == pipeline.VerdictDead {
			for _, p := range plan.Splits[split].Pieces {
				dead := ingest.FileAccount{File: int32(p.File), Bytes: p.End - p.Start, Unread: p.End - p.Start}
				perFile[p.File].add(&plan.Files[p.File], &dead)
				perFile[p.File].reason(ingest.ReasonDead)
				all.add(&plan.Files[p.File], &dead)
				all.reason(ingest.ReasonDead)
			}
			continue
		}
		err := ingest.ScanAccount(ctx, job, split, func(line ingest.AccountLine) error {
			switch {
			case line.Account != nil:
				f := &plan.Files[line.Account.File]
				perFile[line.Account.File].add(f, line.Account)
				all.add(f, line.Account)
			case line.Reject != nil && !line.Reject.Filtered:
				perFile[line.Reject.File].reason(line.Reject.Reason)
				perFile[line.Reject.File].keep(line.Reject)
				all.reason(line.Reject.Reason)
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, all, err
		}
	}
	return perFile, all, nil
}
