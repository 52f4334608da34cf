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
	"time"

	"github.com/parquet-go/parquet-go"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/jobs/ingest"
	"millrace/pipeline/store"
)

// night is what one run into a corpus cost, and what it says of itself.
type night struct {
	usage
	ingest.Result
}

// runNight runs the program in a process of its own. A run that committed is well, whatever it rejected.
func runNight(ctx context.Context, binary, out string, paths ...string) (n night, err error) {
	var stdout bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, append([]string{"run", "--out", out, "--json", "--log-level", "error"}, paths...)...)
	cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
	start := time.Now()
	err = cmd.Run()
	n.wall = time.Since(start)
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != exitRejected) {
		return n, fmt.Errorf("run: %w", err)
	}
	n.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	err = json.Unmarshal(stdout.Bytes(), &n.Result)
	n.peak = n.PeakRSSBytes // by its own word: what the system counts begins with the memory of this process
	return n, err
}

// exitRejected is the exit code of a run that committed, but rejected something.
const exitRejected = 4

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
func eachRow[T any](pattern string, yield func(*T)) error {
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
			yield(&rows[i])
		}
	}
	return nil
}

// scratchIn makes a folder for what a measurement leaves, below one of the same file system as the real text.
func scratchIn(data, name string) (dir string, clean func(), err error) {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return "", nil, err
	}
	if dir, err = os.MkdirTemp(data, name+"-"); err != nil {
		return "", nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", nil, err
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
