package engine

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestPulse: every use of a store beats, what is opened is noted, and the first failure of a store is told.
func TestPulse(t *testing.T) {
	m := pipelinetest.NewMemory()
	var points []string
	s := watched(m, func(point string) { points = append(points, point) })
	p := &pulse{}
	ctx := withPulse(t.Context(), p)
	beats := func(what string, want int64) {
		t.Helper()
		if got := p.beats.Load(); got < want {
			t.Errorf("%d beats after %s, want %d", got, what, want)
		}
	}
	w, err := s.Sub("folder").Create(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	beats("create", 1)
	if _, err := w.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	beats("write", 2)
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	beats("commit", 3)
	if want := []string{"store:written", "store:renamed"}; !slices.Equal(points, want) {
		t.Errorf("points %v", points)
	}
	o, err := s.Open(ctx, "folder/a")
	if err != nil {
		t.Fatal(err)
	}
	beats("open", 4)
	if n, err := o.ReadAt(make([]byte, 4), 0); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	beats("read", 5)
	if n, err := o.ReadAt(make([]byte, 4), 2); n != 2 || err == nil {
		t.Fatal(n, err)
	}
	beats("a short read", 6)
	if err := p.storeError(); err != nil {
		t.Errorf("the end of a file is no failure of the store: %v", err)
	}
	if _, err := s.Open(ctx, "none"); !errors.Is(err, fs.ErrNotExist) || p.storeError() != err { //nolint:errorlint // the very same
		t.Errorf("a file that is gone: %v, %v", err, p.storeError())
	}
	if got := strings.Join(p.names(), " "); got != "folder/a none" {
		t.Errorf("opened are %s", got)
	}
	m.Fail(func(string, string, int) bool { return true })
	first := p.storeError()
	if _, err := s.Create(ctx, "b"); !errors.Is(err, pipelinetest.ErrDisk) || p.storeError() != first { //nolint:errorlint // the very same
		t.Errorf("%v; the first failure is %v", err, p.storeError())
	}
	if pulseOf(t.Context()).storeError() != nil || pulseOf(ctx) != p {
		t.Error("a task has another's pulse")
	}
	if _, err := s.Open(t.Context(), "folder/a"); err != nil {
		t.Errorf("without a pulse: %v", err)
	}
}

// swept is a store that can remove temporaries.
type swept struct {
	*pipelinetest.Memory
	times int
}

func (s *swept) RemoveTemporaries(context.Context) error {
	s.times++
	return nil
}

func (s *swept) Sub(string) pipeline.Store { return s }

// TestWatchedAbilities: a watched store can sweep if the store can, and so can what is below it.
func TestWatchedAbilities(t *testing.T) {
	m := &swept{Memory: pipelinetest.NewMemory()}
	s := watched(m, nil)
	for _, one := range []pipeline.Store{s, s.Sub("folder")} {
		sweeper, ok := one.(pipeline.Sweeper)
		if !ok {
			t.Fatal("it sweeps no more")
		}
		if err := sweeper.RemoveTemporaries(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if m.times != 2 {
		t.Errorf("it was swept %d times", m.times)
	}
	if _, ok := watched(m.Memory, nil).(pipeline.Sweeper); ok {
		t.Error("it sweeps what it cannot")
	}
}

// inputs are sources that have one file.
type inputs struct{ *pipelinetest.Memory }

func (s inputs) Open(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	o, err := s.Memory.Open(ctx, file.Path)
	if err != nil {
		return nil, &pipeline.RejectError{Reason: "missing", Err: err}
	}
	return o, nil
}

// TestWatchedSources: reading input beats; what is wrong with an input is no failure of the store.
func TestWatchedSources(t *testing.T) {
	m := pipelinetest.NewMemory()
	if err := pipeline.WriteAll(t.Context(), m, "a", []byte("text")); err != nil {
		t.Fatal(err)
	}
	p := &pulse{}
	ctx := withPulse(t.Context(), p)
	s := watchedSources{inputs{m}}
	o, err := s.Open(ctx, pipeline.SourceFile{Path: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.ReadAt(make([]byte, 4), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(ctx, pipeline.SourceFile{Path: "none"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if n := p.beats.Load(); n != 3 || p.storeError() != nil || len(p.names()) > 0 {
		t.Errorf("%d beats, %v, opened %v", n, p.storeError(), p.names())
	}
}
