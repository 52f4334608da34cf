package release

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/contamination"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

// evaluate finds the evaluation sets, and says what their index is.
func (b *body) evaluate(ctx context.Context, files *recipeFiles) error {
	d := b.Recipe.Decontaminate
	if d == nil {
		return nil
	}
	of := *d
	of.Sets = nil
	var problems []error
	for i, s := range d.Sets {
		at := files.path(s.Path)
		data, err := os.ReadFile(at)
		if err != nil {
			problems = append(problems, unreadable(fmt.Sprintf("decontaminate.sets[%d]", i), err))
			continue
		}
		if s.Name == "" { // the place of the file has no part in what comes out
			s.Name, _, _ = strings.Cut(filepath.Base(at), ".")
		}
		s.Path, s.Digest = "", digestOf(data)
		files.note(s.Digest, at)
		of.Sets = append(of.Sets, s)
	}
	b.Recipe.Decontaminate = &of
	if err := errors.Join(problems...); err != nil {
		return err
	}
	index, err := b.index(ctx, files.local)
	if err != nil {
		return fmt.Errorf("%w: decontaminate: %w", pipeline.ErrUsage, err)
	}
	b.Index = index.Digest()
	return nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// index reads the evaluation sets.
func (b *body) index(ctx context.Context, l *local) (*contamination.Index, error) {
	d := b.Recipe.Decontaminate
	var sets []*contamination.Set
	for i := range d.Sets {
		s := &d.Sets[i]
		at := l.Files[s.Digest]
		data, err := os.ReadFile(at)
		if err != nil {
			return nil, err
		}
		if digestOf(data) != s.Digest {
			return nil, fmt.Errorf("%s is not the set any more that the release was planned with", at)
		}
		set, err := contamination.ReadSet(ctx, setOf(s, at), bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return contamination.Build(ctx, sets, optionsOf(d))
}

func setOf(s *recipe.Set, at string) contamination.SetConfig {
	return contamination.SetConfig{Path: at, Name: s.Name, AnswerAlone: s.AnswerAlone, Fields: contamination.Fields{
		Question: s.Question, Choices: s.Choices, Answer: s.Answer, Passage: s.Passage, ID: s.ID,
	}}
}

func optionsOf(d *recipe.Decontaminate) contamination.Options {
	o := contamination.Default()
	o.NGram, o.LeastOverlap = d.Ngram, float64(d.LeastOverlap)/float64(rule.One)
	o.AllowShort = d.AllowShort
	if d.MostDocuments > 0 {
		o.MostDocuments = d.MostDocuments
	}
	if d.LeastShort > 0 {
		o.LeastShort = d.LeastShort
	}
	return o
}

// indexed is the index of a plan, and the weights of its n-grams, read once a process.
type indexed struct {
	plan    string
	index   *contamination.Index
	weights *contamination.Weights // nil: not read yet
}

// indexOf returns the index of a plan, with the weights if they are wanted: then survey is over.
func (k *Kind) indexOf(ctx context.Context, job *pipeline.Job, b *body, weights bool) (*contamination.Index, *contamination.Weights, error) {
	k.sets.mu.Lock()
	defer k.sets.mu.Unlock()
	of := &k.sets.of
	if of.plan != job.Plan.Digest() {
		l, err := localOf(job.Plan)
		if err != nil {
			return nil, nil, err
		}
		index, err := b.index(ctx, &l)
		if err != nil {
			return nil, nil, fmt.Errorf("decontaminate: %w", err)
		}
		if index.Digest() != b.Index {
			return nil, nil, pipeline.Permanent(errors.New("decontaminate: the index of the evaluation sets is another than the one that the release was planned with"))
		}
		*of = indexed{plan: job.Plan.Digest(), index: index}
	}
	if !weights || of.weights != nil {
		return of.index, of.weights, nil
	}
	all := of.index.Counter()
	for task := range b.Splits {
		data, err := pipeline.ReadAll(ctx, job.Work, surveyName(task))
		if err != nil {
			return nil, nil, err
		}
		one, err := of.index.ReadCounter(bytes.NewReader(data))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", surveyName(task), err)
		}
		if err := all.Merge(one); err != nil {
			return nil, nil, err
		}
	}
	var err error
	of.weights, err = of.index.Weigh(all)
	return of.index, of.weights, err
}

// surveyName has in how many documents of a task n-grams of evaluation sets stand.
func surveyName(task int) string { return fmt.Sprintf("%s/%06d.counts", stageSurvey, task) }

// surveyor is the Runner of survey.<split>: it counts in how many documents of the corpus n-grams of evaluation sets stand. What many have is boilerplate. The
// entry's rows are the documents.
type surveyor struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r surveyor) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	index, _, err := r.kind.indexOf(ctx, job, b, false)
	if err != nil {
		return e, err
	}
	c := index.Counter()
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	if err := r.kind.originals(ctx, job, b, task.Index, []string{"text"}, func(int) bool { return true }, func(_ int, d *document) error {
		c.Add(d.text("text"))
		e.Bytes += int64(len(d.text("text")))
		return nil
	}); err != nil {
		return e, err
	}
	f, err := pipeline.CreateWork(ctx, job, surveyName(task.Index))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := c.Write(f); err != nil {
		return e, err
	}
	e.Rows = c.Documents()
	out, err := f.Commit(e.Rows)
	e.Outputs = []pipeline.Output{out}
	return e, err
}

// decontaminator is the Runner of decontaminate.<split>: of the documents that are selected it leaves those out that have an item of an evaluation set. The
// entry's rows are these.
type decontaminator struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r decontaminator) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	in, err := readRows(ctx, job.Work, rowsName(task.Index))
	if err != nil {
		return e, err
	}
	index, weights, err := r.kind.indexOf(ctx, job, b, true)
	if err != nil {
		return e, err
	}
	sets, m := index.Sets(), weights.Matcher()
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone}
	found := map[int]string{}
	if err := r.kind.texts(ctx, job, b, task.Index, []string{"text"}, func(i int) bool { return in.why[i] == 0 }, func(i int, d *document) error {
		text := d.text("text")
		e.Bytes += int64(len(text))
		if h, ok := m.Match(text); ok {
			item := index.Item(h.Item)
			found[i] = fmt.Sprintf("%s: item %s (line %d), score %s, bytes %d to %d", sets[item.Set].Name, item.ID, item.Line, rule.Number(h.Score), h.Start, h.End)
		}
		return nil
	}); err != nil {
		return e, err
	}
	in.leave(recipe.ReasonContaminated, found)
	e.Rows = int64(len(found))
	out, err := in.write(ctx, job, cleanName(task.Index))
	e.Outputs = []pipeline.Output{out}
	return e, err
}

// cleanName has the rows of a task, with what is contaminated.
func cleanName(task int) string { return fmt.Sprintf("%s/%06d.rows", stageDecontaminate, task) }
