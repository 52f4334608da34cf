package main

import (
	"errors"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// TestOwnServerIsAlone: two servers of NATS over one folder would fork its history without noticing, so the first one keeps the
// lock for as long as it runs, whatever the garbage collector closes.
func TestOwnServerIsAlone(t *testing.T) {
	out := t.TempDir()
	c := config.Config{Out: out}
	stop, err := ownServer(t.Context(), c, zerolog.Nop(), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // what it found is closed in the background
	}
	lock := filepath.Join(out, pipeline.WorkFolder, "nats.lock")
	if _, err := store.TryLock(lock); !errors.Is(err, store.ErrLocked) {
		t.Errorf("the lock of a server that runs: %v, want ErrLocked", err)
	}
	stop()
	l, err := store.TryLock(lock)
	if err != nil {
		t.Fatalf("the lock of a server that has ended: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
