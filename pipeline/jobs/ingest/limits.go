package ingest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Limits stop a run that is going wrong, behind its map phase and before anything is committed. They have no part in the
// result: with other limits the same run is resumed.
type Limits struct {
	// Rejects is the largest share of documents, and of input bytes, that may be rejected in the run; FileRejects in one
	// file. 1 never stops anything.
	Rejects, FileRejects float64
}

// rejectTally is what was read of a file, or of all, and what of it was rejected.
type rejectTally struct {
	documents, rejected int64
	bytes, unread, lost int64 // lost: of rejected documents
	reasons             map[string]int64
	first               *columnar.Reject
}

func (t *rejectTally) add(f *ingest.File, a *ingest.FileAccount) {
	t.documents += a.Read()
	t.rejected += a.Rejected
	t.bytes += a.Bytes
	t.unread += a.Unread
	t.lost += lostBytes(f, a)
}

// lostBytes is how much of what is stored of a file its rejected documents take. Of one that is stored otherwise than it is read, it
// is their share of what was read, as far as that is known: text and metadata of the others.
func lostBytes(f *ingest.File, a *ingest.FileAccount) int64 {
	read := max(0, a.Bytes-a.Unread)
	if a.Lost == 0 {
		return 0
	}
	if f.Compression == "" && f.Encoding == "" && f.Document != "member" {
		return min(read, a.Lost)
	}
	return int64(float64(read) * float64(a.Lost) / float64(a.Lost+a.Kept))
}

func (t *rejectTally) reason(name string) {
	if t.reasons == nil {
		t.reasons = map[string]int64{}
	}
	t.reasons[name]++
}

// keep notes a reject if it is the first of its file.
func (t *rejectTally) keep(r *columnar.Reject) {
	if t.first == nil {
		one := *r
		t.first = &one
	}
}

// over says in what the tally is beyond the limit, "" if it is not.
func (t *rejectTally) over(limit float64) string {
	switch {
	case limit >= 1:
		return ""
	case float64(t.rejected) > limit*float64(t.documents):
		return fmt.Sprintf("%d of %d documents were rejected, mostly as %s", t.rejected, t.documents, t.most())
	case float64(t.unread) > limit*float64(t.bytes):
		return fmt.Sprintf("%d of %d bytes could not be read, mostly as %s", t.unread, t.bytes, t.most())
	case float64(t.unread+t.lost) > limit*float64(t.bytes):
		return fmt.Sprintf("%d of %d bytes could not be read or were in rejected documents, mostly as %s", t.unread+t.lost, t.bytes, t.most())
	}
	return ""
}

func (t *rejectTally) most() string {
	names := slices.SortedFunc(maps.Keys(t.reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.reasons[b], t.reasons[a]), cmp.Compare(a, b))
	})
	if len(names) == 0 {
		return "unknown"
	}
	return names[0]
}

// Check reads the accounts of a finished map phase. Without limits it does nothing. The error names the first file, in plan order, that is over its limit.
func (l *Limits) Check(ctx context.Context, job *pipeline.Job) error {
	if l == nil || l.Rejects >= 1 && l.FileRejects >= 1 {
		return nil
	}
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return err
	}
	perFile, all, err := tallyRejects(ctx, job)
	if err != nil {
		return err
	}
	if what := all.over(l.Rejects); what != "" {
		return l.stop("%s, more than limits.max_reject_ratio (%g) allows", what, l.Rejects)
	}
	for i := range perFile {
		if what := perFile[i].over(l.FileRejects); what != "" {
			return l.stop("%s/%s: %s, more than limits.max_file_reject_ratio (%g) allows", plan.SourceName(int32(i)), plan.Files[i].Path,
				what, l.FileRejects)
		}
	}
	return nil
}

// LimitError says that limits stopped a run: nothing of it is committed.
type LimitError struct{ text string }

func (e *LimitError) Error() string { return "nothing is committed: " + e.text }

func (l *Limits) stop(format string, args ...any) error {
	return pipeline.WithHint(&LimitError{fmt.Sprintf(format, args...)}, "mend the input or raise the limit, and give the same command again; millrace inspect OUT --unfinished shows what was rejected")
}
