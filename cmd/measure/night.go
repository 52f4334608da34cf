package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// night is what one run into a corpus cost, and what it says of itself.
type night struct {
	usage
	ingest.Result
}

// runNight runs the program in a process of its own.
func runNight(ctx context.Context, binary, out string, paths ...string) (night, error) {
	n, err := finish(exec.CommandContext(ctx, binary, append([]string{"run", "--out", out, "--json", "--log-level", "error"}, paths...)...))
	n.peak = n.PeakRSSBytes // by its own word: what the system counts begins with the memory of this process
	return n, err
}

// finish waits for a command that prints what a run was. A run that committed is well, whatever it rejected.
func finish(cmd *exec.Cmd) (n night, err error) {
	const rejected = 4
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
	n.usage, err = timed(cmd)
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != rejected) {
		return n, fmt.Errorf("run: %w", err)
	}
	return n, json.Unmarshal(stdout.Bytes(), &n.Result)
}

// manifests reads all manifests of a corpus, oldest first.
func manifests(ctx context.Context, out string) (list []*manifest.Manifest, err error) {
	s, err := store.NewLocal(out, store.LocalOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return corpus.Open(s, pipeline.TableFormats{pipeline.ParquetTable}).Versions(ctx)
}

// eachRow reads files below a folder by a library that had no part in writing them.
func eachRow[T any](pattern string, use func(*T) error) error {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, f := range files {
		rows, err := parquet.ReadFile[T](f)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		for i := range rows {
			if err := use(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
