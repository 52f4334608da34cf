package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// toy is a job of numbers: everything that the engine does, and nothing of a corpus.
//
//	phase   stages                   a task is    reads, and writes
//	map     read ─▶ sieve ─▶ add     a list       texts; doubled even numbers (documents), sums of a list
//	total   total                    the job      sums of all lists; their total
//	emit    print ─▶ weigh           a list       documents, read once for both; a file of the result, weights
//	        index                    one of two   a file of the result
//	end     end                      the job      entries of print, weights; a file of the result
type toy struct {
	t     testing.TB
	chain pipeline.Chain
	plan  *pipeline.Plan
	lists [][]string           // what the tasks of the map read: numbers, "x…", which are none, and "!", a rest that cannot be read
	store *pipelinetest.Memory // everything
	queue *memory.Queue
	seen  *witness
	watch Observer // in place of seen, if it is not nil

	work, out, corpus pipeline.Store // parts of store

	slots   int
	isolate Isolate
	hook    func(point string)

	mu     sync.Mutex
	faults map[string]fault // guarded by mu; by stage and task
	calls  map[string]int   // guarded by mu; likewise
	opened map[string]int   // guarded by mu; how often a step opened its input
}

// fault is what befalls a task when its stage begins with it, for the n-th time, from 0.
type fault func(ctx context.Context, n int) error

// toyWait is the ack wait of the queue.
const toyWait = time.Minute

// newToy makes a job with so many lists.
func newToy(t testing.TB, lists int) *toy {
	y := &toy{
		t: t, store: pipelinetest.NewMemory(), seen: newWitness(), slots: 2, hook: func(string) {},
		faults: map[string]fault{}, calls: map[string]int{}, opened: map[string]int{},
	}
	y.work, y.out, y.corpus = y.store.Sub("work"), y.store.Sub("out"), y.store.Sub("corpus")
	for i := range lists {
		list := []string{"x" + strconv.Itoa(i)}
		for n := range 10 {
			list = append(list, strconv.Itoa(7*i+n))
		}
		y.lists = append(y.lists, append(list, "+6", "!"))
	}
	y.plan = &pipeline.Plan{Code: "toy", Settings: json.RawMessage(`{}`), Body: json.RawMessage(strconv.Itoa(lists))}
	y.chain = y.chainOf()
	y.queue = memory.New(memory.Options{Stages: y.chain.Names(), AckWait: toyWait})
	return y
}

func (y *toy) chainOf() pipeline.Chain {
	lists := func(_ context.Context, f *pipeline.Job) (n int, err error) { return n, json.Unmarshal(f.Plan.Body, &n) }
	count := func(n int) func(context.Context, *pipeline.Job) (int, error) {
		return func(context.Context, *pipeline.Job) (int, error) { return n, nil }
	}
	files := func(folders ...string) (list []pipeline.WorkFiles) {
		for _, f := range folders {
			list = append(list, pipeline.WorkFiles{Folder: f, Plain: f != "documents"})
		}
		return list
	}
	return pipeline.Chain{
		{Name: "map", Tracks: []pipeline.Track{{Tasks: lists, MayDie: true, Stages: []pipeline.StageSpec{
			{Name: "read", Step: &pipeline.Step{Open: y.openList, Stages: y.stages("read", parse)}},
			{Name: "sieve", Work: files("documents"), Step: &pipeline.Step{Stages: y.stages("sieve", sieve), Leaves: documentsName}},
			{Name: "add", Sums: true, Work: files("documents", "sums"), Step: &pipeline.Step{Write: y.writer("add", sumsName, false)}},
		}}}},
		{Name: "total", Careful: true, Tracks: []pipeline.Track{{Tasks: count(1), Stages: []pipeline.StageSpec{
			{Name: "total", Sums: true, Work: files("total"), Runner: y.runner(y.total)},
		}}}},
		{Name: "emit", Careful: true, Tracks: []pipeline.Track{
			{Tasks: y.shards, Apart: true, Stages: []pipeline.StageSpec{
				{Name: "print", Out: []string{"data"}, Step: &pipeline.Step{Open: y.openDocuments("print"), Write: y.writer("print", dataName, true)}},
				{Name: "weigh", Work: files("weights"), Step: &pipeline.Step{Open: y.openDocuments("weigh"), Write: y.writer("weigh", weightsName, false)}},
			}},
			{Tasks: count(2), Stages: []pipeline.StageSpec{{Name: "index", Out: []string{"index"}, Runner: y.runner(y.index)}}},
		}},
		{Name: "end", Careful: true, Tracks: []pipeline.Track{{Tasks: count(1), Stages: []pipeline.StageSpec{
			{Name: "end", Out: []string{"end"}, Runner: y.runner(y.end)},
		}}}},
	}
}

func documentsName(task int) string { return fmt.Sprintf("documents/%06d.arrow", task) }
func sumsName(task int) string      { return fmt.Sprintf("sums/%06d.json", task) }
func dataName(task int) string      { return fmt.Sprintf("data/%06d.json", task) }
func weightsName(task int) string   { return fmt.Sprintf("weights/%06d.json", task) }

const totalName = "total/000000.json"

// step returns a stage of the chain, to be changed.
func (y *toy) step(stage string) *pipeline.StageSpec { return y.chain.Spec(stage) }

// befall has a task of a stage meet with a fault.
func (y *toy) befall(stage string, task int, f fault) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.faults[pipeline.Task{Stage: stage, Index: task}.String()] = f
}

// touch is called when a stage begins with a task.
func (y *toy) touch(ctx context.Context, stage string, task int) error {
	key := pipeline.Task{Stage: stage, Index: task}.String()
	y.mu.Lock()
	f, n := y.faults[key], y.calls[key]
	y.calls[key]++
	y.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(ctx, n)
}

// times is how often a stage has begun with a task.
func (y *toy) times(stage string, task int) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.calls[pipeline.Task{Stage: stage, Index: task}.String()]
}

// damage spoils a byte in the middle of a file of any of the stores.
func (y *toy) damage(ctx context.Context, name string) {
	data := bytes.Clone(y.store.Get(name))
	data[len(data)/2] ^= 0x40
	y.replace(ctx, name, data)
}

// replace puts something else in the place of a file.
func (y *toy) replace(ctx context.Context, name string, data []byte) {
	y.t.Helper()
	if err := pipeline.WriteAll(ctx, y.store, name, data); err != nil {
		y.t.Error(err)
	}
}

// remove removes a file of any of the stores.
func (y *toy) remove(ctx context.Context, name string) {
	y.t.Helper()
	if y.store.Get(name) == nil {
		y.t.Errorf("there is no %s", name)
	}
	if err := y.store.Remove(ctx, name); err != nil {
		y.t.Error(err)
	}
}

// openings is how often a step opened its input.
func (y *toy) openings(stage string) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.opened[stage]
}
