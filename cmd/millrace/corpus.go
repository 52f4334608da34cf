package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/store"
)

// withCorpus opens the corpus in a folder or bucket for reading, calls f and closes it. A place that is not there, or holds
// no corpus, is an error of the user's: nothing is made.
func (a *app) withCorpus(ctx context.Context, at string, f func(*corpus.Corpus) error) (err error) {
	const hint = "OUT is the folder or URL that millrace run --out names"
	c, err := a.load()
	if err != nil {
		return err
	}
	abs, err := store.Absolute(at)
	if err != nil {
		return err
	}
	if !store.IsRemote(abs) {
		if info, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
			return usageError(hint, "%s does not exist", at)
		} else if err != nil {
			return err
		} else if !info.IsDir() {
			return usageError(hint, "%s is not a folder", at)
		}
	}
	s, err := store.Open(ctx, abs, store.Options{Access: access(c)})
	if err != nil {
		return fmt.Errorf("open corpus: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	manifests, err := s.List(ctx, pipeline.ManifestsFolder)
	if err != nil {
		return err
	}
	if len(manifests) == 0 {
		return usageError(hint, "%s holds no corpus: no version was committed there", at)
	}
	return f(corpus.Open(s))
}
