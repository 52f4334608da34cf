package main

import (
	"context"
	"errors"
	"os"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// tabler makes tables of tokens that a version has counted and not written, of at least so many occurrences: in a folder for temporary files, which is gone when
// they are closed.
func tabler(least int64) corpus.Tabler {
	return func(ctx context.Context, of pipeline.Store, k ingest.Counted, version int) (in pipeline.Store, table dataset.File, closing func() error, err error) {
		folder, err := os.MkdirTemp("", "millrace-vocab-")
		if err != nil {
			return nil, table, nil, err
		}
		closing = func() error { return os.RemoveAll(folder) }
		to, err := store.NewLocal(folder, store.LocalOptions{})
		if err != nil {
			return nil, table, nil, errors.Join(err, closing())
		}
		closing = func() error { return errors.Join(to.Close(), os.RemoveAll(folder)) }
		out, err := tokens.MakeTable(ctx, of, to, k, version, least)
		if err != nil {
			return nil, table, nil, errors.Join(err, closing())
		}
		return to, dataset.FileOf(out), closing, nil
	}
}
