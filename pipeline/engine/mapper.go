package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus"
	"millrace/pipeline/intake"
)

// mapStages are the stages that carry on: a worker that has several of them in a row takes a split through all of them,
// batch by batch in memory.
var mapStages = []string{pipeline.StageParse, pipeline.StageNormalize, pipeline.StageDedupe}

// mapper is the Runner of parse, normalize and dedupe. It runs a task of one of them and carries on for as long as the
// next stage is this worker's too. The document spill after normalize is always written; other spills only where the
// chain is handed over.
type mapper struct {
	wiring   Wiring
	stages   []string // this worker's
	observer Observer

	mu     sync.Mutex
	slots  *slots                        // guarded by mu
	chains map[string][][]pipeline.Stage // guarded by mu; free chains by their stages and plan
	// What stands behind parse in the plan of this digest.
	retryPlan string        // guarded by mu
	retry     *intake.Retry // guarded by mu
}

func newMapper(w Wiring, stages []string, s *slots, o Observer) *mapper {
	return &mapper{wiring: w, stages: stages, slots: s, observer: o, chains: map[string][][]pipeline.Stage{}}
}

// current are the slots of tasks that begin now.
func (m *mapper) current() *slots {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.slots
}

// trim lets go of memory that only the map phase needs.
func (m *mapper) trim() { m.current().trim() }

// renew gives tasks that begin from now on slots of their own: those before are in the hands of one that hangs.
func (m *mapper) renew() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slots = newSlots(cap(m.slots.cores))
}

// carried lists the stages that a task at stage goes through here; none if it is no stage of the map phase.
func (m *mapper) carried(stage string) []string {
	i := slices.Index(mapStages, stage)
	if i < 0 {
		return nil
	}
	end := i + 1
	for end < len(mapStages) && slices.Contains(m.stages, mapStages[end]) {
		end++
	}
	return mapStages[i:end]
}

// last is the stage under which a task's entry stands in the ledger: the last of the carried chain.
func (m *mapper) last(t pipeline.Task) pipeline.Task {
	if c := m.carried(t.Stage); c != nil {
		t.Stage = c[len(c)-1]
	}
	return t
}

// next is the task that goes on from a done one, on another worker; false if the map phase of the split is over.
func next(t pipeline.Task) (pipeline.Task, bool) {
	i := slices.Index(mapStages, t.Stage)
	if i < 0 || i == len(mapStages)-1 {
		return t, false
	}
	t.Stage = mapStages[i+1]
	return t, true
}

// Run implements pipeline.Runner.
func (m *mapper) Run(ctx context.Context, task pipeline.Task, files *pipeline.Files) (entry pipeline.Entry, err error) {
	if task.Index < 0 || task.Index >= len(files.Plan.Splits) {
		return entry, pipeline.Permanent(fmt.Errorf("task %v: the plan has %d splits", task, len(files.Plan.Splits)))
	}
	stages := m.carried(task.Stage)
	last := stages[len(stages)-1]
	reader, err := m.reader(ctx, task, files)
	if err != nil {
		return entry, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()

	w, err := m.writers(ctx, stages, task.Index, files)
	defer func() { err = errors.Join(err, w.Close()) }()
	if err != nil {
		return entry, err
	}
	key := fmt.Sprint(stages, task.Plan)
	retry, err := m.retryOf(ctx, task.Plan, stages, files)
	if err != nil {
		return entry, err
	}
	process := func(ctx context.Context, b *columnar.Batch) (*columnar.Batch, error) {
		chain, err := m.chain(key, stages, files.Plan, retry)
		if err != nil {
			return nil, err
		}
		defer m.release(key, chain)
		return pipeline.ProcessAll(ctx, chain, b)
	}
	beats := pulseOf(ctx)
	write := func(b *columnar.Batch) error {
		beats.beat(nil)
		entry.Rows += int64(b.Len())
		entry.Bytes += int64(len(b.Text.Data))
		entry.Counters.Merge(b.Counters)
		for _, s := range stages {
			m.observer.AddInput(s, b.Raw, int64(b.Len()))
		}
		if last == pipeline.StageDedupe {
			filtered, rejected := countRejects(b.Rejects)
			m.observer.AddOutcome(0, 0, filtered, rejected)
		}
		return w.Write(b)
	}
	if err := m.current().fanOut(ctx, reader, process, write); err != nil {
		return pipeline.Entry{}, err
	}
	outputs, err := w.Commit()
	if err != nil {
		return pipeline.Entry{}, err
	}
	if task.Stage == pipeline.StageDedupe { // the entry is the same, whoever wrote the documents
		documents := pipeline.Output{Name: pipeline.DocumentsName(task.Index), Bytes: entry.Bytes, Rows: entry.Rows}
		documents.Digest = reader.(*spillReader).spill.Digest()
		outputs = append([]pipeline.Output{documents}, outputs...)
	}
	entry.Outputs = outputs
	if w.accounts != nil {
		entry.Totals = w.accounts.totals()
		if t := entry.Totals; t.Read != entry.Rows+t.Filtered+t.Rejected {
			return pipeline.Entry{}, pipeline.Permanent(fmt.Errorf("split %d: %d documents read, but %d kept, %d filtered and %d rejected",
				task.Index, t.Read, entry.Rows, t.Filtered, t.Rejected)) // invariant 7
		}
	}
	entry.Stage, entry.Index, entry.Verdict = last, task.Index, pipeline.VerdictDone
	return entry, nil
}

func countRejects(rejects []columnar.Reject) (filtered, rejected int64) {
	for i := range rejects {
		switch {
		case rejects[i].Scope != columnar.ScopeDocument:
		case rejects[i].Filtered:
			filtered++
		default:
			rejected++
		}
	}
	return filtered, rejected
}

func (m *mapper) reader(ctx context.Context, task pipeline.Task, files *pipeline.Files) (pipeline.Reader, error) {
	switch task.Stage {
	case pipeline.StageParse:
		return m.wiring.Open(ctx, files, task.Index)
	case pipeline.StageNormalize:
		return openSpill(ctx, files, pipeline.HandoverName(pipeline.StageParse, task.Index))
	default:
		return openSpill(ctx, files, pipeline.DocumentsName(task.Index))
	}
}

// retryOf is what stands behind parse in a plan that takes files again, nil if this one does not, or others parse.
func (m *mapper) retryOf(ctx context.Context, plan string, stages []string, files *pipeline.Files) (*intake.Retry, error) {
	if !slices.Contains(stages, pipeline.StageParse) {
		return nil, nil //nolint:nilnil // there is none
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.retryPlan == plan {
		return m.retry, nil
	}
	var err error
	if m.retry, err = intake.NewRetry(ctx, files.Plan, corpus.Open(files.Corpus)); err == nil {
		m.retryPlan = plan
	}
	return m.retry, err
}

func (m *mapper) chain(key string, stages []string, plan *pipeline.Plan, retry *intake.Retry) ([]pipeline.Stage, error) {
	m.mu.Lock()
	if free := m.chains[key]; len(free) > 0 {
		c := free[len(free)-1]
		m.chains[key] = free[:len(free)-1]
		m.mu.Unlock()
		return c, nil
	}
	m.mu.Unlock()
	var chain []pipeline.Stage
	for _, s := range stages {
		list, err := m.wiring.Map(s, plan)
		if err != nil {
			return nil, err
		}
		chain = append(chain, list...)
		if s == pipeline.StageParse && retry != nil {
			chain = append(chain, retry)
		}
	}
	return chain, nil
}

func (m *mapper) release(key string, chain []pipeline.Stage) {
	m.mu.Lock()
	m.chains[key] = append(m.chains[key], chain)
	m.mu.Unlock()
}

// mapWriters are the writers of one map task, in the order in which their files appear.
type mapWriters struct {
	list     []pipeline.BatchWriter
	accounts *accountWriter
}

func (m *mapper) writers(ctx context.Context, stages []string, split int, files *pipeline.Files) (*mapWriters, error) {
	w := &mapWriters{}
	last := stages[len(stages)-1]
	if last == pipeline.StageParse {
		spill, err := newSpillWriter(ctx, files, pipeline.HandoverName(last, split), true)
		if err != nil {
			return w, err
		}
		w.list = append(w.list, spill)
	}
	if slices.Contains(stages, pipeline.StageNormalize) {
		spill, err := newSpillWriter(ctx, files, pipeline.DocumentsName(split), last == pipeline.StageNormalize)
		if err != nil {
			return w, err
		}
		w.list = append(w.list, spill)
	}
	if last == pipeline.StageDedupe {
		sign, err := m.wiring.Sign(ctx, files, split)
		if err != nil {
			return w, err
		}
		w.list = append(w.list, sign)
		if w.accounts, err = newAccountWriter(ctx, files, split); err != nil {
			return w, err
		}
		w.list = append(w.list, w.accounts)
	}
	return w, nil
}

func (w *mapWriters) Write(b *columnar.Batch) error {
	for _, one := range w.list {
		if err := one.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func (w *mapWriters) Commit() (outs []pipeline.Output, err error) {
	for _, one := range w.list {
		o, err := one.Commit()
		if err != nil {
			return nil, err
		}
		outs = append(outs, o...)
	}
	return outs, nil
}

func (w *mapWriters) Close() (err error) {
	for _, one := range w.list {
		err = errors.Join(err, one.Close())
	}
	return err
}
