package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// GivenUp is an unfinished run that nobody will finish: nothing of it was committed, and its files are eligible again.
type GivenUp struct {
	ID   string `json:"id,omitempty"`
	Date string `json:"date,omitempty"`
	Why  string `json:"why"`
}

// takeUp decides what becomes of an unfinished run: it is returned if it is to be finished first. If it is given up instead,
// that is noted in the result. found is what the command's paths hold today.
func (r *run) takeUp(ctx context.Context, u *engine.Left, parent intake.Parent, found *intake.Listing) (*engine.Left, error) {
	switch {
	case r.Restart:
		return nil, r.giveUp(ctx, u, "--restart was given")
	case u.Corpus != r.local.Identity():
		return nil, r.giveUp(ctx, u, "it was begun for another corpus: this one was copied, or made anew in its place")
	case u.Plan.Parent != parent.Version: // the version that it would make is there already: committed, or made by somebody else
		r.Log.Info().Str("plan", u.Plan.Digest()).Msg("the stored plan is dropped")
		return nil, r.local.Forget(ctx)
	}
	differs, err := r.differs(u.Plan)
	if err != nil {
		return nil, err
	}
	if u.Stopped == "" {
		if differs != "" {
			return nil, pipeline.WithHint(fmt.Errorf("%w: %s is unfinished, and %s", pipeline.ErrUsage, u.Name(), differs), wayOut(u.Plan))
		}
		return u, r.remount(ctx, u, found)
	}
	if differs == "" {
		differs, err = r.changedInput(ctx, u, parent, found)
		if errors.Is(err, pipeline.ErrUnreachable) {
			differs = pipeline.Plain(err)
		} else if err != nil {
			return nil, err
		}
	}
	if differs != "" {
		return nil, r.giveUp(ctx, u, "it was stopped, and since then "+differs)
	}
	return u, nil
}

// changedInput says in what the input of a run is not what it was, "" if it is. Input that is out of reach is an error.
func (r *run) changedInput(ctx context.Context, u *engine.Left, parent intake.Parent, found *intake.Listing) (differs string, err error) {
	if err := r.remount(ctx, u, found); err != nil {
		return "", err
	}
	plan, err := ingest.Open(u.Plan)
	if err != nil {
		return "", err
	}
	differs, err = intake.ChangedFile(ctx, plan, r.Access)
	if n := found.Beside(plan, parent); err == nil && differs == "" && n > 0 && r.same(u) {
		differs = pipeline.Counted(n, "new file") + " came"
	}
	return differs, err
}

// wayOut is what to do with an unfinished run that cannot go on as it is.
func wayOut(p *pipeline.Plan) string {
	if p.Code != pipeline.CodeVersion {
		return "finish it by the version of millrace that began it, or give --restart: nothing of it was committed, and its files are planned anew"
	}
	return "give the same settings to finish it, or --restart: nothing of it was committed, and its files are planned anew"
}

// giveUp throws the unfinished run away.
func (r *run) giveUp(ctx context.Context, u *engine.Left, why string) error {
	r.gaveUp = &GivenUp{u.ID, u.Date, u.Name() + " is given up: " + strings.ReplaceAll(why, "\n  ", " ")}
	r.Log.Debug().Str("plan", u.Plan.Digest()).Msg(r.gaveUp.Why)
	return r.local.Forget(ctx)
}

// same says whether a command asks for the very run that is unfinished.
func (r *run) same(u *engine.Left) bool {
	if u.ID != "" || r.ID != "" {
		return u.ID == r.ID
	}
	return strings.Join(u.Asked, "\x00") == strings.Join(r.asked(), "\x00")
}

// differs says in what a run would be another one today, "" if it would not.
func (o *Options) differs(p *pipeline.Plan) (string, error) {
	if p.Code != pipeline.CodeVersion {
		return fmt.Sprintf("was planned by code version %s, this is %s", p.Code, pipeline.CodeVersion), nil
	}
	changed, err := o.Changed(p.Settings)
	if err != nil || len(changed) == 0 {
		return "", err
	}
	return "settings are others:\n  " + strings.Join(changed, "\n  "), nil
}

// remount gives a source of the plan the root that it has today, if it is no more where it was: it may be mounted elsewhere. A
// root that still holds the source's first file stays, since another folder of the same name is another source. A root that is
// nowhere is pipeline.ErrUnreachable.
func (r *run) remount(ctx context.Context, u *engine.Left, found *intake.Listing) error {
	plan, err := ingest.Open(u.Plan)
	if err != nil {
		return err
	}
	roots := map[int]string{}
	for i, source := range plan.Sources {
		still, gone := intake.HoldsFirst(ctx, plan, i, source.Root, r.Access)
		if still {
			continue
		}
		for _, today := range found.RootsOf(source.Name) {
			if still, err := intake.HoldsFirst(ctx, plan, i, today, r.Access); still || err == nil && gone != nil {
				roots[i], gone = today, nil
				break
			}
		}
		if gone != nil {
			return pipeline.WithHint(fmt.Errorf("%s is unfinished: %w", u.Name(), gone),
				"make or mount it again to finish the run, or give --restart: nothing of it was committed")
		}
	}
	if len(roots) == 0 {
		return nil
	}
	u.Plan, err = ingest.Mounted(u.Plan, roots)
	return err
}
