package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/store"
)

// withCorpus opens the corpus in a folder for reading, calls f and closes it. A folder that is not there, or holds no
// corpus, is an error of the user's: nothing is made.
func withCorpus(folder string, f func(*corpus.Corpus) error) (err error) {
	const hint = "OUT is the folder that millrace run --out names"
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return usageError(hint, "%s does not exist", folder)
	} else if err != nil {
		return err
	} else if !info.IsDir() {
		return usageError(hint, "%s is not a folder", folder)
	}
	if _, err := os.Stat(filepath.Join(folder, pipeline.ManifestsFolder)); errors.Is(err, fs.ErrNotExist) {
		return usageError(hint, "%s holds no corpus: no version was committed there", folder)
	}
	local, err := store.NewLocal(folder, store.LocalOptions{})
	if err != nil {
		return fmt.Errorf("open corpus: %w", err)
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	return f(corpus.Open(local))
}
