package vocab

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// Withdrawn are documents that leave a shard.
type Withdrawn struct {
	Path   string // of the shard in the corpus
	Format *pipeline.TableFormat
	Rows   []int64 // that are withdrawn, ascending
}

// NewUncount returns the Runner of a stage whose tasks count the characters of documents that are withdrawn, one shard each: of says
// which. It leaves them in a file of ingest.UncountsFolder, where the merge of the job finds them and takes them away. The rows of an
// entry are different characters; the counters say what the texts add up to: see ingest.CounterWithdrawn.
func NewUncount(of func(ctx context.Context, job *pipeline.Job, task int) (Withdrawn, error), counting Counting) pipeline.Runner {
	return uncounter{of, counting}
}

// Counting says how the tokens of a job are counted beside characters, nil if none are.
type Counting = func(job *pipeline.Job) (*ingest.Counting, error)

type uncounter struct {
	of       func(ctx context.Context, job *pipeline.Job, task int) (Withdrawn, error)
	counting Counting
}

// Run implements pipeline.Runner.
func (u uncounter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	w, err := u.of(ctx, job, task.Index)
	if err != nil {
		return e, err
	}
	if w.Format == nil {
		return e, pipeline.Permanent(fmt.Errorf("%s: %s is of no format that can be read here", task, w.Path))
	}
	plan, err := u.counting(job)
	if err != nil {
		return e, err
	}
	also, err := tokens.New(ctx, job, plan, ingest.UntokensFolder, task.Index, false)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, also.Close()) }()
	t, bytes := new(tally), int64(0)
	columns := columnar.Selection{Text: []string{"text", "metadata"}}
	if also == nil {
		columns.Text = columns.Text[:1]
	}
	err = w.Format.ReadRows(ctx, job.Corpus, w.Path, columns, w.Rows, func(_ int, f *columnar.Frame, row int) error {
		bytes += t.row(f.Text("text"), row)
		if also == nil {
			return nil
		}
		return also.Document(f.Text("text").At(row), f.Text("metadata").At(row))
	})
	if err != nil {
		return e, err
	}
	if int(t.documents) != len(w.Rows) {
		return e, fmt.Errorf("%s has %d of the %d rows that are withdrawn", w.Path, t.documents, len(w.Rows))
	}
	counts, err := t.counts()
	if err != nil {
		return e, fmt.Errorf("%s: %w", w.Path, err)
	}
	out, err := writeCounts(ctx, job, ingest.UncountsName(task.Index), counts)
	if err != nil {
		return e, err
	}
	more, err := also.Commit()
	if err != nil {
		return e, err
	}
	e = pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: out.Rows, Outputs: append([]pipeline.Output{out}, more...),
	}
	e.Counters.Add(ingest.CounterWithdrawn, int64(t.documents))
	e.Counters.Add(ingest.CounterWithdrawnBytes, bytes)
	for _, c := range counts {
		e.Counters.Add(ingest.CounterWithdrawnChars, c.Count)
		switch {
		case c.Rune == utf8.RuneError:
			e.Counters.Add(ingest.CounterWithdrawnReplacement, c.Count)
		case text.IsHan(c.Rune):
			e.Counters.Add(ingest.CounterWithdrawnHan, c.Count)
			if !text.IsCommonHan(c.Rune) {
				e.Counters.Add(ingest.CounterWithdrawnUncommon, c.Count)
			}
		}
	}
	return e, nil
}

// writeCounts writes a counts file at once.
func writeCounts(ctx context.Context, job *pipeline.Job, name string, counts []count) (_ pipeline.Output, err error) {
	out, err := pipeline.CreateWork(ctx, job, name)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := out.Write(encodeCounts(counts)); err != nil {
		return pipeline.Output{}, err
	}
	return out.Commit(int64(len(counts)))
}
