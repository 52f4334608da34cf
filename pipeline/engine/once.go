package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// Once does a job in this process, and returns what it came to, nil if there was nothing to do. One of the same plan that was interrupted
// is gone on with. An unfinished job of another plan is given up where this one changes what it was planned on: nothing of it was
// committed, and whoever wants it asks again.
func Once(ctx context.Context, o Options, r Request) (out *Outcome, err error) {
	err = Hold(ctx, o, func(ctx context.Context, l *Local) error {
		kind, err := kindOf(o.Kinds, r.Kind)
		if err != nil {
			return err
		}
		d, err := kind.Plan(ctx, l.Site, r)
		if err != nil {
			return err
		}
		left, err := l.Left(ctx)
		if err != nil {
			return err
		}
		var keep *pipeline.Plan
		if d.Plan != nil && left != nil && left.Plan.Digest() == d.Plan.Digest() {
			keep = d.Plan // else what lies where its files go is of another one
		}
		if d.Plan == nil && left != nil && left.Corpus == l.Identity() && left.Plan.Kind != r.Kind {
			keep = left.Plan // what others have left is theirs
		}
		if err := l.Recover(ctx, keep); err != nil || d.Plan == nil {
			return err
		}
		u := &Left{Plan: d.Plan, Ticket: Ticket{Asked: d.Asked}}
		if left == nil || left.Plan.Digest() != d.Plan.Digest() {
			if left != nil {
				l.options.Log.Warn().Str("plan", left.Plan.Digest()).Str("kind", left.Plan.Kind).Msg("an unfinished job is given up: nothing of it was committed")
			}
			if err := l.Forget(ctx); err != nil {
				return err
			}
		}
		if err := l.Keep(ctx, u, d.Room); err != nil {
			return err
		}
		done, err := l.Do(ctx, u, r.Force)
		if err == nil {
			out = &done
		}
		return err
	})
	return out, err
}

// OnceOf is Once for a kind whose results are of type R, asked for with parameters, nil for none. Where there was nothing to do the result is
// the zero one.
func OnceOf[R any](ctx context.Context, o Options, kind string, params any) (result R, err error) {
	r := Request{Kind: kind}
	if params != nil {
		if r.Params, err = json.Marshal(params); err != nil {
			return result, fmt.Errorf("encode parameters: %w", err)
		}
	}
	outcome, err := Once(ctx, o, r)
	if outcome != nil {
		result, _ = outcome.Result.(R)
	}
	return result, err
}
