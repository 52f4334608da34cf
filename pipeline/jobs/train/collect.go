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
	if task.Index < 0 || task.Index >= len(b.Splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, len(b.Splits)))
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
	for i := range b.Splits[task.Index] {
		p := &b.Splits[task.Index][i]
		err := p.Read(ctx, job.Corpus, r.kind.options.Tables, func(_ int64, content, _ []byte, _ string) error {
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
	}
	e.Counters.Add(countLong, to.Long())
	e.Outputs, err = to.Commit()
	return e, err
}
