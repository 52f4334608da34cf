package engine

import (
	"context"
	"sync/atomic"

	"github.com/millrace/millrace/pipeline"
)

// hand does the tasks of a stage for a worker. It is all that the worker's loop knows of them. Safe for concurrent use.
type hand interface {
	// ends are the tasks whose ledger entries say that a task is done here: itself, or those that it is carried on to.
	ends(t pipeline.Task) []pipeline.Task
	// run does a task and returns the entries of these, in the same order.
	run(ctx context.Context, t pipeline.Task, job *pipeline.Job) ([]pipeline.Entry, error)
}

// alone is the hand of a stage that has a Runner.
type alone struct {
	runner pipeline.Runner
	slots  *pool
}

func (alone) ends(t pipeline.Task) []pipeline.Task { return []pipeline.Task{t} }

func (a alone) run(ctx context.Context, t pipeline.Task, job *pipeline.Job) ([]pipeline.Entry, error) {
	a.slots.current().trim() // memory for batches, which it has none of
	e, err := a.runner.Run(ctx, t, job)
	return []pipeline.Entry{e}, err
}

// handsOf are the hands of a worker's stages.
func handsOf(chain pipeline.Chain, stages []string, p *pool, o Observer) map[string]hand {
	hands := map[string]hand{}
	carrier := newCarrier(chain, stages, p, o)
	for _, stage := range stages {
		switch spec := chain.Spec(stage); {
		case spec == nil: // of another kind of job
		case spec.Runner != nil:
			hands[stage] = alone{spec.Runner, p}
		default:
			hands[stage] = carrier
		}
	}
	return hands
}

// pool holds the slots of tasks that begin now.
type pool struct{ slots atomic.Pointer[slots] }

func newPool(n int) *pool {
	p := &pool{}
	p.slots.Store(newSlots(n))
	return p
}

func (p *pool) current() *slots { return p.slots.Load() }

// renew gives tasks that begin from now on slots of their own, if a task that hangs has some of those that they would get. Who waits for
// them begins again.
func (p *pool) renew(hung *slots) {
	if hung != nil && p.slots.CompareAndSwap(hung, newSlots(cap(hung.cores))) {
		close(hung.gone)
	}
}
