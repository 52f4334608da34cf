package engine

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/millrace/millrace/pipeline"
)

// pulse follows one task: how often it touched a store, what it opened there, whether a store failed it, and what it has of its worker.
// The worker tells the queue that a task advances only while its pulse beats, and does not count a failure of the store against the task.
type pulse struct {
	beats atomic.Int64
	waits atomic.Int64          // parts of the task that wait for slots
	works atomic.Int64          // parts of it that run
	slots atomic.Pointer[slots] // whose they are; nil: it needs none

	mu     sync.Mutex
	err    error           // guarded by mu; the first failure of a store
	opened map[string]bool // guarded by mu; files of stores
}

type pulseKey struct{}

func withPulse(ctx context.Context, p *pulse) context.Context {
	return context.WithValue(ctx, pulseKey{}, p)
}

func pulseOf(ctx context.Context) *pulse {
	if p, ok := ctx.Value(pulseKey{}).(*pulse); ok {
		return p
	}
	return &pulse{}
}

func (p *pulse) beat(err error) {
	p.beats.Add(1)
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

// starves says whether the task waits for what other tasks have, and nothing of it runs: then it does not hang.
func (p *pulse) starves() bool { return p.waits.Load() > 0 && p.works.Load() == 0 }

// work does a part of the task.
func (p *pulse) work(part func() error) error {
	p.works.Add(1)
	defer p.works.Add(-1)
	return part()
}

// open takes note of files that the task opened.
func (p *pulse) open(names ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened == nil {
		p.opened = map[string]bool{}
	}
	for _, name := range names {
		p.opened[name] = true
	}
}

// names are the files that the task opened, in order.
func (p *pulse) names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.opened))
}

func (p *pulse) storeError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// watchedStore is a store whose use beats the pulse of the task in ctx. Hook, if set, is called around every commit of a
// file, for crash tests.
type watchedStore struct {
	pipeline.Store
	hook func(point string)
}

func (s watchedStore) Open(ctx context.Context, name string) (pipeline.Object, error) {
	p := pulseOf(ctx)
	p.open(name)
	o, err := s.Store.Open(ctx, name)
	p.beat(err)
	if err != nil {
		return nil, err
	}
	return watchedObject{o, p}, nil
}

func (s watchedStore) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	p := pulseOf(ctx)
	w, err := s.Store.Create(ctx, name)
	p.beat(err)
	if err != nil {
		return nil, err
	}
	return &watchedWriter{w, p, s.hook}, nil
}

func (s watchedStore) Sub(folder string) pipeline.Store {
	return watched(s.Store.Sub(folder), s.hook)
}

// watched is a store whose use beats the pulse of a task. It is a Sweeper where the store is one; nobody moves folders by it.
func watched(s pipeline.Store, hook func(point string)) pipeline.Store {
	w := watchedStore{s, hook}
	if sweeper, ok := s.(pipeline.Sweeper); ok {
		return struct {
			watchedStore
			pipeline.Sweeper
		}{w, sweeper}
	}
	return w
}

// watchedSources beats the pulse of the task in ctx when its input is read. What is wrong with an input is no failure of the
// store.
type watchedSources struct{ pipeline.Sources }

func (s watchedSources) Open(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	p := pulseOf(ctx)
	p.beats.Add(1)
	o, err := s.Sources.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	return watchedObject{o, p}, nil
}

type watchedObject struct {
	pipeline.Object
	p *pulse
}

func (o watchedObject) ReadAt(b []byte, off int64) (int, error) {
	n, err := o.Object.ReadAt(b, off)
	if n == len(b) {
		o.p.beat(nil)
	} else {
		o.p.beats.Add(1) // the end of the file is no failure of the store; a short file is found by its reader
	}
	return n, err
}

type watchedWriter struct {
	pipeline.Writer
	p    *pulse
	hook func(point string)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	w.p.beat(err)
	return n, err
}

func (w *watchedWriter) Commit() error {
	if w.hook != nil {
		w.hook("store:written")
	}
	err := w.Writer.Commit()
	w.p.beat(err)
	if w.hook != nil {
		w.hook("store:renamed")
	}
	return err
}
