package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/intake"
)

// GivenUp is an unfinished run that nobody will finish: nothing of it was committed, and its files are eligible again.
type GivenUp struct {
	ID   string `json:"id,omitempty"`
	Date string `json:"date,omitempty"`
	Why  string `json:"why"`
}

// takeUp decides what becomes of an unfinished run: it is returned if it is to be finished first. If it is given up instead,
// that is noted in the result. found is what the command's paths hold today.
func (r *run) takeUp(ctx context.Context, u *leftRun, parent intake.Parent, found *intake.Listing) (*leftRun, error) {
	switch {
	case r.Restart:
		return nil, r.giveUp(ctx, u, "--restart was given")
	case u.Corpus != r.space.identity.ID:
		return nil, r.giveUp(ctx, u, "it was begun for another corpus: this one was copied, or made anew in its place")
	case u.plan.Parent != parent.Version: // the version that it would make is there already: committed, or made by somebody else
		r.Log.Info().Str("plan", u.plan.Digest()).Msg("the stored plan is dropped")
		return nil, r.space.forget(ctx)
	}
	differs, err := u.differs(&r.Options)
	if err != nil {
		return nil, err
	}
	if u.Stopped == "" {
		if differs != "" {
			return nil, pipeline.WithHint(fmt.Errorf("%w: %s is unfinished, and %s", pipeline.ErrUsage, u.name(), differs), u.wayOut())
		}
		return u, u.remount(ctx, &r.Options, found)
	}
	if differs == "" {
		if err = u.remount(ctx, &r.Options, found); err == nil {
			differs, err = intake.ChangedFile(ctx, u.plan, r.Access)
		}
		if errors.Is(err, pipeline.ErrUnreachable) {
			differs = pipeline.Plain(err)
		} else if err != nil {
			return nil, err
		}
	}
	if n := found.Beside(u.plan, parent); differs == "" && n > 0 && u.same(&r.Options) {
		differs = pipeline.Counted(n, "new file") + " came"
	}
	if differs != "" {
		return nil, r.giveUp(ctx, u, "it was stopped, and since then "+differs)
	}
	return u, nil
}

// wayOut is what to do with an unfinished run that cannot go on as it is.
func (u *leftRun) wayOut() string {
	if u.plan.Code != pipeline.CodeVersion {
		return "finish it by the version of millrace that began it, or give --restart: nothing of it was committed, and its files are planned anew"
	}
	return "give the same settings to finish it, or --restart: nothing of it was committed, and its files are planned anew"
}

// giveUp throws the unfinished run away.
func (r *run) giveUp(ctx context.Context, u *leftRun, why string) error {
	r.gaveUp = &GivenUp{u.ID, u.Date, u.name() + " is given up: " + strings.ReplaceAll(why, "\n  ", " ")}
	r.Log.Debug().Str("plan", u.plan.Digest()).Msg(r.gaveUp.Why)
	return r.space.forget(ctx)
}

// differs says in what a run would be another one today, "" if it would not.
func (u *leftRun) differs(o *Options) (string, error) {
	if u.plan.Code != pipeline.CodeVersion {
		return fmt.Sprintf("was planned by code version %s, this is %s", u.plan.Code, pipeline.CodeVersion), nil
	}
	changed, err := o.Changed(u.plan.Settings)
	if err != nil || len(changed) == 0 {
		return "", err
	}
	return "settings are others:\n  " + strings.Join(changed, "\n  "), nil
}

// remount gives a source of the plan the root that it has today, if it is no more where it was: it may be mounted elsewhere. A
// root that still holds the source's first file stays, since another folder of the same name is another source. A root that is
// nowhere is pipeline.ErrUnreachable.
func (u *leftRun) remount(ctx context.Context, o *Options, found *intake.Listing) error {
	for i := range u.plan.Sources {
		still, gone := intake.HoldsFirst(ctx, u.plan, i, u.plan.Sources[i].Root, o.Access)
		if still {
			continue
		}
		for _, today := range found.RootsOf(u.plan.Sources[i].Name) {
			if still, err := intake.HoldsFirst(ctx, u.plan, i, today, o.Access); still || err == nil && gone != nil {
				u.plan.Sources[i].Root, gone = today, nil
				break
			}
		}
		if gone != nil {
			return pipeline.WithHint(fmt.Errorf("%s is unfinished: %w", u.name(), gone),
				"make or mount it again to finish the run, or give --restart: nothing of it was committed")
		}
	}
	return nil
}
