package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// learner is the Runner of train.0. The entry's rows are the tokens.
type learner struct{}

// Run implements pipeline.Runner.
func (learner) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index != 0 {
		return e, pipeline.Permanent(fmt.Errorf("%s: there is one task", task))
	}
	r := newReport(b)
	if err := r.collected(ctx, job); err != nil {
		return e, err
	}
	p := &pretokens{ctx: ctx, job: job, partitions: b.Partitions}
	least, err := p.least(&r.Pretokens, b.Settings.MaxPretokens)
	if err != nil {
		return e, err
	}
	if n := &r.Pretokens; n.TooLong+n.RareUses+n.BeyondUses+n.TrainedOnUses != n.Occurrences || n.Rare+n.Beyond+n.TrainedOn != n.Different { // invariant 7
		return e, fmt.Errorf("pre-tokens do not add up: %+v", *n)
	}
	t, err := algorithms[b.Settings.Kind].trainer(&b.Settings)
	if err != nil {
		return e, pipeline.Permanent(err)
	}
	if err := p.each(func(i *counts.Item) error {
		if i.Count < least {
			return nil
		}
		return t.Add(i.Token, i.Count)
	}); err != nil {
		return e, err
	}
	made, err := alive(ctx, job, t.Train)
	if err != nil {
		if ctx.Err() == nil {
			err = pipeline.Permanent(err) // it follows from the counts and the settings
		}
		return e, err
	}
	w := &writing{ctx: ctx, job: job}
	for _, f := range made.files {
		if err := w.file(f.name, f.write); err != nil {
			return e, err
		}
	}
	tok, err := tokenizer.Read(w.kept[tokenizer.JSONName])
	if err != nil {
		return e, fmt.Errorf("read what was written: %s: %w", tokenizer.JSONName, err)
	}
	uses := make([]int64, tok.Size())
	if err := p.uses(tok, uses, r); err != nil {
		return e, err
	}
	r.trained(&made, tok, uses)
	for _, f := range append([]file{{vocabName, func(to io.Writer) error { return writeVocab(to, tok, uses) }}}, r.files()...) {
		if err := w.file(f.name, f.write); err != nil {
			return e, err
		}
	}
	return pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: int64(tok.Size()), Bytes: w.bytes, Outputs: w.outputs}, nil
}

// pretokens are those that occur often enough to be in the merged files.
type pretokens struct {
	ctx        context.Context // of the task
	job        *pipeline.Job
	partitions int
}

// each calls yield with all of them, in the order of partitions and hashes.
func (p *pretokens) each(yield func(*counts.Item) error) (err error) {
	files := sorted.NewHandles(p.ctx, p.job.Work)
	defer func() { err = errors.Join(err, files.Close()) }()
	for k := range p.partitions {
		f, err := counts.Open(files, mergedName(k), 0, 1)
		if err != nil {
			return err
		}
		if err := counts.Each(p.ctx, f, yield); err != nil {
			return err
		}
	}
	return nil
}

// least says how often a pre-token has to occur to be trained on, and what that leaves out.
func (p *pretokens) least(r *Pretokens, most int64) (int64, error) {
	t := &tally{}
	if err := p.each(func(i *counts.Item) error {
		t.add(i.Count, len(i.Token))
		return nil
	}); err != nil {
		return 0, err
	}
	count, kept, left, err := t.least(most)
	r.Least, r.TrainedOn, r.TrainedOnUses, r.Beyond, r.BeyondUses = count, kept.pretokens, kept.occurrences, left.pretokens, left.occurrences
	return count, err
}

// uses counts what tokens all pre-tokens have, each as often as it occurs.
func (p *pretokens) uses(t tokenizer.Tokenizer, uses []int64, r *Report) error {
	size := algorithms[r.Kind].bytes
	if size == nil {
		size = func(pretoken []byte) int { return len(pretoken) }
	}
	e := t.Encoder()
	var ids []int32
	return p.each(func(i *counts.Item) error {
		ids = e.Encode(ids[:0], i.Token)
		for _, id := range ids {
			uses[id] += i.Count
		}
		r.Tokens += int64(len(ids)) * i.Count
		r.TokenizedBytes += int64(size(i.Token)) * i.Count
		return nil
	})
}

// signOfLife is how often a task that trains, and neither reads nor writes meanwhile, opens its plan, so that it is not taken for one that hangs: several
// times in the shortest time that the queue waits for that, a second.
const signOfLife = 250 * time.Millisecond

// alive trains.
func alive(ctx context.Context, job *pipeline.Job, train func(context.Context) (trained, error)) (trained, error) {
	ended := make(chan struct{})
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		tick := time.NewTicker(signOfLife)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				if o, err := job.Work.Open(ctx, pipeline.PlanName); err == nil { // what is wrong with the store others find
					_ = o.Close() // nothing was written
				}
			}
		}
	}()
	t, err := train(ctx)
	close(ended)
	<-looked
	return t, err
}

// writing writes the files of a tokenizer.
type writing struct {
	ctx     context.Context // of the task
	job     *pipeline.Job
	kept    map[string][]byte // of tokenizer.json
	outputs []pipeline.Output
	bytes   int64
}

func (w *writing) file(name string, write func(io.Writer) error) (err error) {
	f, err := pipeline.CreateWork(w.ctx, w.job, tokenizerFolder+"/"+name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if _, err := f.Write(b.Bytes()); err != nil {
		return err
	}
	if name == tokenizer.JSONName {
		w.kept = map[string][]byte{name: b.Bytes()}
	}
	out, err := f.Commit(0)
	w.outputs, w.bytes = append(w.outputs, out), w.bytes+out.Bytes
	return err
}
