package engine

import (
	"context"
	"errors"
	"io/fs"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// LookAtLeft calls f with the unfinished job of the corpus in o.Out, which need not have a version yet, and the store of its work; it does
// nothing if there is none. It makes no folder and takes no lock: the job may be under way. Of the options Out, Work, Access and Log are
// used. also are other places where its work may lie.
func LookAtLeft(ctx context.Context, o Options, also []string, f func(u *Left, work pipeline.Store) error) (err error) {
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Access: o.Access})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	identity, err := readIdentity(ctx, out)
	if err != nil {
		return err
	}
	places := also
	if !store.IsRemote(o.Work) { // the job may be one of a single process
		if err := o.Settle(); err != nil {
			return err
		}
		places = append([]string{identity.workFolder(&o)}, also...)
	}
	for _, place := range places {
		found, err := lookAt(ctx, &o, place, identity, f)
		if err != nil || found {
			return err
		}
	}
	return nil
}

// lookAt looks for the job in one place.
func lookAt(ctx context.Context, o *Options, place string, i identity, f func(*Left, pipeline.Store) error) (found bool, err error) {
	work, err := store.Open(ctx, place, store.Options{Access: o.Access})
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, work.Close()) }()
	u, _, err := findLeft(ctx, work)
	if err != nil || u == nil || u.Corpus != i.ID {
		return false, err
	}
	return true, f(u, work.Sub(runFolder(u.Plan.Digest())))
}

// PhaseOf is the first phase whose entries are not all written yet, "commit" behind the last.
func PhaseOf(ctx context.Context, chain pipeline.Chain, work pipeline.Store) (string, error) {
	for i := range chain {
		for k := range chain[i].Tracks {
			for _, stage := range chain[i].Tracks[k].Recorded() {
				o, err := work.Open(ctx, pipeline.PhaseName(stage.Name))
				if errors.Is(err, fs.ErrNotExist) {
					return chain[i].Name, nil
				}
				if err != nil {
					return "", err
				}
				if err := o.Close(); err != nil {
					return "", err
				}
			}
		}
	}
	return "commit", nil
}
