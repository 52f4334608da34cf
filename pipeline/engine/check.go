package engine

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
)

// errUnsure asks for a look at what the phases left, though none of them failed.
var errUnsure = errors.New("what the phases left may be damaged")

// check looks at the files that the entries of a phase name, those that which wants and whole those that it says, and has damaged
// ones made anew: then their entries are missing again.
func (c *coordinator) check(ctx context.Context, p *pipeline.Phase, which func(pipeline.Output) (wanted, whole bool)) (damaged bool, err error) {
	c.mu.Lock()
	var entries []pipeline.Entry
	for _, stage := range p.Names() {
		entries = slices.AppendSeq(entries, maps.Values(c.entries[stage]))
	}
	c.mu.Unlock()
	var found atomic.Bool
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(4, runtime.NumCPU()))
	for _, e := range entries {
		g.Go(func() error {
			for _, o := range e.Outputs {
				wanted, whole := which(o)
				if !wanted || isHandover(o.Name) { // one that is not read yet is looked at by its reader; one that was is gone
					continue
				}
				why, err := damage(ctx, c.chain, c.job, o, whole)
				if err != nil {
					return err
				}
				if why == nil {
					continue
				}
				found.Store(true)
				c.forget(e) // the queue will say so too, and then that it is there again
				if again, err := c.mender.renew(ctx, e, o, why); err != nil || !again {
					return err
				}
				return c.note(e) // the queue may have said so before
			}
			return nil
		})
	}
	err = g.Wait()
	return found.Load(), err
}

// unchecked wants the work files whose readers do not notice damage.
func (c *coordinator) unchecked(o pipeline.Output) (wanted, whole bool) {
	return !o.Out && !checksItself(c.chain, o.Name), true
}

// firstDamaged looks at what the phases up to now left, because now failed with an error, and returns the first one that has to go on
// with files that are made anew; one behind now if there is none.
func (c *coordinator) firstDamaged(ctx context.Context, now int, failure error) (int, error) {
	none := now + 1
	if !mayBeDamage(ctx, failure) {
		return none, nil
	}
	kept, err := c.keepPhases(ctx)
	if err != nil {
		return none, err
	}
	sure := errors.Is(failure, errUnsure) // that nothing failed yet
	for i := range c.chain[:min(now+1, len(c.chain))] {
		which := func(o pipeline.Output) (bool, bool) { return !o.Out, false }
		if sure {
			which = c.unchecked
		}
		damaged, err := c.check(ctx, &c.chain[i], which)
		if err != nil || damaged {
			return i, err
		}
	}
	if kept && !sure {
		return now, nil
	}
	return none, nil
}

// keepPhases writes phase files anew that are not as they were written, and says whether there were any.
func (c *coordinator) keepPhases(ctx context.Context) (anew bool, err error) {
	for _, stage := range slices.Sorted(maps.Keys(c.written)) {
		name, want := pipeline.PhaseName(stage), c.written[stage]
		got, err := pipeline.ReadAll(ctx, c.job.Work, name)
		if err == nil && bytes.Equal(got, want) {
			continue
		}
		if errors.Is(err, pipeline.ErrUnreachable) || ctx.Err() != nil {
			return anew, err
		}
		if err := c.mender.count(name, err); err != nil {
			return anew, err
		}
		c.log.Warn().Str("file", name).AnErr("why", err).Msg("a work file is damaged: it is made anew")
		if err := pipeline.WriteAll(ctx, c.job.Work, name, want); err != nil {
			return anew, err
		}
		anew = true
	}
	return anew, nil
}
