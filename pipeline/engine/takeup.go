package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// GivenUp is an unfinished run that nobody will finish: nothing of it was committed, and its files are eligible again.
type GivenUp struct {
	ID   string `json:"id,omitempty"`
	Date string `json:"date,omitempty"`
	Why  string `json:"why"`
}

// takeUp decides what becomes of an unfinished run: it is returned if it is to be finished first. If it is given up instead,
// that is noted in the result. found is what the command's paths hold today.
func (r *run) takeUp(ctx context.Context, u *leftRun, parent Parent, found *listed) (*leftRun, error) {
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
			differs, err = u.changedFile(ctx, &r.Options)
		}
		if errors.Is(err, pipeline.ErrUnreachable) {
			differs = pipeline.Plain(err)
		} else if err != nil {
			return nil, err
		}
	}
	if n := found.beside(u.plan, parent); differs == "" && n > 0 && u.same(&r.Options) {
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
func (u *leftRun) remount(ctx context.Context, o *Options, found *listed) error {
	for i := range u.plan.Sources {
		still, gone := u.holdsFirst(ctx, o, i, u.plan.Sources[i].Root)
		if still {
			continue
		}
		for _, today := range found.sources {
			if today.Name != u.plan.Sources[i].Name {
				continue
			}
			if still, err := u.holdsFirst(ctx, o, i, today.Root); still || err == nil && gone != nil {
				u.plan.Sources[i].Root, gone = today.Root, nil
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

// holdsFirst says whether a root holds the first file that the plan reads of a source, unchanged. The error is that of the root.
func (u *leftRun) holdsFirst(ctx context.Context, o *Options, source int, root string) (bool, error) {
	sources := append([]pipeline.Source(nil), u.plan.Sources...)
	sources[source].Root = root
	opened, err := store.OpenSources(sources, o.Wiring.Access)
	if err != nil {
		return false, err
	}
	defer func() { _ = opened.Close() }() // read only
	for i := range u.plan.Files {
		if f := &u.plan.Files[i]; f.Source == source && f.Reject == "" {
			reason, err := openable(ctx, opened, f)
			return reason == "" && err == nil, err
		}
	}
	return true, nil
}

// changedFile says which file of the plan is not what it was, "" if all are.
func (u *leftRun) changedFile(ctx context.Context, o *Options) (string, error) {
	opened, err := store.OpenSources(u.plan.Sources, o.Wiring.Access)
	if err != nil {
		return "", err
	}
	defer func() { _ = opened.Close() }() // read only
	changed := make([]string, len(u.plan.Files))
	err = inParallel(len(u.plan.Files), func() func(i int) error {
		return func(i int) error {
			f := &u.plan.Files[i]
			if f.Reject == pipeline.ReasonName {
				return nil // what it is called in the plan opens nothing
			}
			reason, err := openable(ctx, opened, f)
			switch {
			case err != nil || reason == f.Reject || reason == "" && !ofPlace(f.Reject):
			case reason == pipeline.ReasonMissing:
				changed[i] = "is gone"
			default:
				changed[i] = "has changed"
			}
			return err
		}
	})
	for i, what := range changed {
		if what != "" {
			return u.plan.SourceName(int32(i)) + "/" + u.plan.Files[i].Path + " " + what, err
		}
	}
	return "", err
}

// ofPlace says whether a file was rejected for where and what it is, and not for its content.
func ofPlace(reason string) bool {
	switch reason {
	case pipeline.ReasonMissing, pipeline.ReasonUnreadable, pipeline.ReasonChanged, pipeline.ReasonOutside, pipeline.ReasonLink, pipeline.ReasonSpecial:
		return true
	}
	return false
}

// openable says why a file of a plan cannot be opened as it was planned, "" if it can.
func openable(ctx context.Context, sources *store.Sources, f *pipeline.File) (reason string, err error) {
	o, err := sources.Open(ctx, f)
	if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
		return reject.Reason, nil
	}
	if err != nil {
		return "", err
	}
	return "", o.Close()
}

// beside counts the files that are neither in the plan nor in a version.
func (l *listed) beside(plan *pipeline.Plan, parent Parent) (n int64) {
	planned := filesOf(plan)
	for i := range l.files {
		f := &l.files[i]
		name := l.sources[f.Source].Name
		if planned[fileKey{name, f.Path}] == nil && (parent.Known == nil || !parent.Known(name, f.Path, f.Bytes, f.ModTime)) {
			n++
		}
	}
	return n
}
