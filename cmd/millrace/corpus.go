package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/store"
)

// withCorpus opens the corpus in a folder or bucket for reading, calls f and closes it. A place that is not there, or holds
// no corpus, is an error of the user's: nothing is made.
func (a *app) withCorpus(ctx context.Context, at string, f func(*corpus.Corpus) error) error {
	return a.withPlace(ctx, at, func(s pipeline.Store) error {
		manifests, err := s.List(ctx, pipeline.ManifestsFolder)
		if err != nil {
			return err
		}
		if len(manifests) == 0 {
			return usageError(hintOut+"; millrace inspect OUT --unfinished shows a run that has no version yet", "%s holds no corpus: no version was committed there", at)
		}
		return f(openCorpus(s))
	})
}

// withPlace opens what somebody names for reading, calls f and closes it.
func (a *app) withPlace(ctx context.Context, at string, f func(pipeline.Store) error) (err error) {
	c, err := a.load()
	if err != nil {
		return err
	}
	abs, err := placeOfCorpus(at)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, abs, store.Options{Access: access(c)})
	if err != nil {
		return fmt.Errorf("open %s: %w", at, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return f(s)
}

const hintOut = "OUT is the folder or URL that millrace run --out names"

// placeOfCorpus is where a corpus that somebody names lies; that there is no such place is an error of the user's.
func placeOfCorpus(at string) (string, error) {
	abs, err := store.Absolute(at)
	if err != nil || store.IsRemote(abs) {
		return abs, err
	}
	if info, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		return "", usageError(hintOut, "%s does not exist", at)
	} else if err != nil {
		return "", err
	} else if !info.IsDir() {
		return "", usageError(hintOut, "%s is not a folder", at)
	}
	return abs, nil
}
