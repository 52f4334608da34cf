package train

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/text"
)

// Counters of entries.
const (
	countBytes       = "bytes"       // of normalized texts
	countChars       = "chars"       // likewise
	countOccurrences = "occurrences" // of pre-tokens
	countLong        = "long"        // of those that were too long to be counted
	countRare        = "rare"        // pre-tokens that occur too rarely
	countRareUses    = "rare_uses"   // how often they do
)

// collector is the Runner of pretokens.<split>. The entry's rows are the documents, its bytes their text.
type collector struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r collector) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if n := b.tasks(); task.Index < 0 || task.Index >= n {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, n))
	}
	cut := algorithms[b.Settings.Kind].cutter(&b.Settings)
	to := counts.NewCollector(ctx, job, stageCollect+"/", task.Index)
	defer func() { err = errors.Join(err, to.Close()) }()
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	var normal []byte
	add := func(pretoken []byte) {
		e.Counters[countOccurrences]++
		to.Add(pretoken)
	}
	e.Counters.Add(countOccurrences, 1) // makes the map
	e.Counters[countOccurrences] = 0
	err = r.kind.read(ctx, job, b, task.Index, func(content []byte) error {
		if b.Settings.NFC && !norm.NFC.IsNormal(content) {
			normal = norm.NFC.Append(normal[:0], content...)
			content = normal
		}
		e.Rows++
		e.Bytes += int64(len(content))
		e.Counters.Add(countChars, int64(text.CountRunes(content)))
		if err := to.Document(); err != nil {
			return err
		}
		cut(content, add)
		return nil
	})
	if err != nil {
		return e, err
	}
	e.Counters.Add(countLong, to.Long())
	e.Outputs, err = to.Commit()
	return e, err
}

// read reads the texts of a task.
func (k *Kind) read(ctx context.Context, job *pipeline.Job, b *body, task int, yield func(content []byte) error) error {
	if b.Release != nil {
		for i := range b.Pieces[task] {
			if err := b.Pieces[task][i].Read(ctx, job.Corpus, k.options.Documents, b.Release.Format, yield); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range b.Splits[task] {
		err := b.Splits[task][i].Read(ctx, job.Corpus, k.options.Tables, func(_ int64, content, _ []byte, _ string) error { return yield(content) })
		if err != nil {
			return err
		}
	}
	return nil
}
