package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// identity tells a corpus from every other one, so that what one of them has left unfinished is never taken up by another. It
// lies in the corpus's own work folder, outside of every digest, and is disposable like all there: without it there is a new
// one, and what was unfinished is done again.
//
//	the corpus was moved                         same identity: the place that it names holds it no more
//	it was copied, with or without its work      the copy gets one of its own: the place that it names still holds it
//	removed, and made anew in the same place     a new one
//	a crash behind the identity, before a plan   it stays, and stands for a corpus without a version
type identity struct {
	ID    string `json:"id"`
	Place string `json:"place"` // of the corpus, when it was last written to
}

const identityName = pipeline.WorkFolder + "/corpus.json"

// readIdentity returns the identity of a corpus, a zero one if it has none, or a damaged one.
func readIdentity(ctx context.Context, out pipeline.Store) (i identity, err error) {
	data, err := pipeline.ReadAll(ctx, out, identityName)
	if errors.Is(err, fs.ErrNotExist) {
		return i, nil
	}
	if err != nil {
		return i, err
	}
	if json.Unmarshal(data, &i) != nil {
		return identity{}, nil //nolint:nilerr // a damaged one is none
	}
	return i, nil
}

// Identified says whether a corpus has an identity: whether a job has ever been begun there.
func Identified(ctx context.Context, out pipeline.Store) (string, error) {
	i, err := readIdentity(ctx, out)
	return i.ID, err
}

// identify returns the identity of the corpus at a place, and gives it one if it has none of its own.
func identify(ctx context.Context, out pipeline.Store, place string, access store.Access) (i identity, err error) {
	if target, err := filepath.EvalSymlinks(place); err == nil && !store.IsRemote(place) {
		place = target
	}
	was, err := readIdentity(ctx, out)
	if err != nil || was.ID != "" && was.Place == place {
		return was, err
	}
	i = identity{ID: was.ID, Place: place}
	if was.ID == "" || was.alsoAt(ctx, place, access) {
		i.ID = strings.ToLower(rand.Text())
	}
	data, err := json.Marshal(i)
	if err != nil {
		return i, fmt.Errorf("encode the identity of the corpus: %w", err)
	}
	return i, pipeline.WriteAll(ctx, out, identityName, data)
}

// alsoAt says whether the place that an identity names, and which is not the one where it was found, holds it still. If that
// cannot be told it does: a new identity costs time, a shared one the wrong documents.
func (i identity) alsoAt(ctx context.Context, found string, access store.Access) bool {
	if !store.IsRemote(i.Place) {
		there, err := os.Stat(i.Place)
		if errors.Is(err, fs.ErrNotExist) {
			return false
		}
		if here, e := os.Stat(found); err == nil && e == nil && os.SameFile(here, there) {
			return false // one folder under two names
		}
	}
	s, err := store.Open(ctx, i.Place, store.Options{Access: access})
	if err != nil {
		return true
	}
	defer func() { _ = s.Close() }() // nothing was written
	other, err := readIdentity(ctx, s)
	return err != nil || other.ID == i.ID
}

// WorkLeft names what jobs have left in the work folder that a corpus has on this machine beside its own place; it makes nothing.
func WorkLeft(ctx context.Context, o Options, out pipeline.Store) (left []string, err error) {
	if err := o.Settle(); err != nil {
		return nil, err
	}
	i, err := readIdentity(ctx, out)
	if err != nil {
		return nil, err
	}
	folder := i.workFolder(&o)
	if folder == filepath.Join(o.Out, pipeline.WorkFolder) {
		return nil, nil
	}
	for _, name := range []string{runsFolder, natsFolder, BarrenName} {
		_, err := os.Stat(filepath.Join(folder, name))
		if err == nil {
			left = append(left, filepath.Join(folder, name))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return left, nil
}

// workFolder is where the corpus's work lies on this machine: what the user named for work is shared with other corpora.
func (i identity) workFolder(o *Options) string {
	if !o.workIsShared {
		return o.Work
	}
	return filepath.Join(o.Work, "corpus-"+i.ID)
}
