package dedupe

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/pipeline"
)

// memoryStore is a store in memory.
type memoryStore struct {
	mu    sync.Mutex
	files map[string][]byte // guarded by mu

	read func(name string, bytes int) // is told what is read; may be nil
}

func newMemoryStore() *memoryStore { return &memoryStore{files: map[string][]byte{}} }

type memoryObject struct{ *bytes.Reader }

func (memoryObject) Close() error { return nil }

func (s *memoryStore) Open(_ context.Context, name string) (pipeline.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.files[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	o := memoryObject{bytes.NewReader(data)}
	if s.read == nil {
		return o, nil
	}
	return watchedObject{o, func(n int) { s.read(name, n) }}, nil
}

// watchedObject tells of what is read.
type watchedObject struct {
	memoryObject
	read func(int)
}

func (o watchedObject) ReadAt(b []byte, at int64) (int, error) {
	n, err := o.memoryObject.ReadAt(b, at)
	o.read(n)
	return n, err
}

type memoryWriter struct {
	bytes.Buffer
	store *memoryStore
	name  string
}

func (s *memoryStore) Create(_ context.Context, name string) (pipeline.Writer, error) {
	return &memoryWriter{store: s, name: name}, nil
}

func (w *memoryWriter) Commit() error {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.files[w.name] = bytes.Clone(w.Bytes())
	return nil
}

func (w *memoryWriter) Close() error { return nil }

func (s *memoryStore) PutNew(_ context.Context, name string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.files[name]; ok {
		return pipeline.ErrExists
	}
	s.files[name] = bytes.Clone(data)
	return nil
}

func (s *memoryStore) List(_ context.Context, folder string) ([]pipeline.ObjectInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []pipeline.ObjectInfo
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		if folder == "" || strings.HasPrefix(name, folder+"/") {
			list = append(list, pipeline.ObjectInfo{Name: name, Bytes: int64(len(s.files[name]))})
		}
	}
	return list, nil
}

func (s *memoryStore) Remove(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
	return nil
}

func (s *memoryStore) Sub(string) pipeline.Store { panic("not used here") }
