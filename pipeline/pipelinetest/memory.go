package pipelinetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/pipeline"
)

// Memory is a pipeline.Store in memory, for tests. Fail makes it a failing disk.
type Memory struct {
	files  *memoryFiles
	folder string
	err    error // the folder given to Sub was no name
}

type memoryFiles struct {
	mu   sync.Mutex
	data map[string][]byte                 // guarded by mu
	fail func(op, name string, n int) bool // guarded by mu
	ops  int                               // guarded by mu
}

// ErrDisk is what a failing Memory returns.
var ErrDisk = errors.New("the disk is broken")

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{files: &memoryFiles{data: map[string][]byte{}}}
}

// Fail makes every create, write and commit for which fail says so return ErrDisk; n counts those operations from 0,
// starting now. nil mends the store.
func (m *Memory) Fail(fail func(op, name string, n int) bool) {
	m.files.mu.Lock()
	defer m.files.mu.Unlock()
	m.files.fail, m.files.ops = fail, 0
}

// check says whether this operation fails.
func (f *memoryFiles) check(op, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ops++
	if f.fail != nil && f.fail(op, name, f.ops-1) {
		return fmt.Errorf("%s %s: %w", op, name, ErrDisk)
	}
	return nil
}

func (m *Memory) name(ctx context.Context, name string) (string, error) {
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case m.err != nil:
		return "", m.err
	case name == "." || !fs.ValidPath(name):
		return "", fmt.Errorf("store name %q: not a relative path of plain elements", name)
	}
	return path.Join(m.folder, name), nil
}

// Open implements pipeline.Store.
func (m *Memory) Open(ctx context.Context, name string) (pipeline.Object, error) {
	name, err := m.name(ctx, name)
	if err != nil {
		return nil, err
	}
	m.files.mu.Lock()
	defer m.files.mu.Unlock()
	data, ok := m.files.data[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return memoryObject{bytes.NewReader(data)}, nil
}

type memoryObject struct{ *bytes.Reader }

func (memoryObject) Close() error { return nil }

// Create implements pipeline.Store.
func (m *Memory) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	name, err := m.name(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := m.files.check("create", name); err != nil {
		return nil, err
	}
	return &memoryWriter{files: m.files, name: name}, nil
}

type memoryWriter struct {
	files *memoryFiles
	name  string
	data  []byte
	done  bool
	err   error
}

func (w *memoryWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("write %s: the file is closed", w.name)
	}
	if w.err = errors.Join(w.err, w.files.check("write", w.name)); w.err != nil {
		w.data = append(w.data, p[:len(p)/2]...)
		return len(p) / 2, w.err
	}
	w.data = append(w.data, p...)
	return len(p), nil
}

func (w *memoryWriter) Commit() error {
	if w.done {
		return fmt.Errorf("commit %s: the file is closed", w.name)
	}
	if err := errors.Join(w.err, w.files.check("commit", w.name)); err != nil {
		return err
	}
	w.done = true
	w.files.mu.Lock()
	defer w.files.mu.Unlock()
	w.files.data[w.name] = w.data
	return nil
}

func (w *memoryWriter) Close() error {
	w.done = true
	return nil
}

// PutNew implements pipeline.Store.
func (m *Memory) PutNew(ctx context.Context, name string, data []byte) error {
	name, err := m.name(ctx, name)
	if err != nil {
		return err
	}
	if err := m.files.check("create", name); err != nil {
		return err
	}
	m.files.mu.Lock()
	defer m.files.mu.Unlock()
	if _, ok := m.files.data[name]; ok {
		return fmt.Errorf("create %s: %w", name, pipeline.ErrExists)
	}
	m.files.data[name] = bytes.Clone(data)
	return nil
}

// below is what the names of files below a folder start with.
func (m *Memory) below(ctx context.Context, folder string) (string, error) {
	if folder == "" {
		return strings.TrimPrefix(m.folder+"/", "/"), errors.Join(m.err, ctx.Err())
	}
	name, err := m.name(ctx, folder)
	return name + "/", err
}

// List implements pipeline.Store.
func (m *Memory) List(ctx context.Context, folder string) ([]pipeline.ObjectInfo, error) {
	prefix, err := m.below(ctx, folder)
	if err != nil {
		return nil, err
	}
	m.files.mu.Lock()
	defer m.files.mu.Unlock()
	var list []pipeline.ObjectInfo
	for name, data := range m.files.data {
		if strings.HasPrefix(name, prefix) {
			list = append(list, pipeline.ObjectInfo{
				Name: strings.TrimPrefix(strings.TrimPrefix(name, m.folder), "/"), Bytes: int64(len(data)),
			})
		}
	}
	slices.SortFunc(list, func(a, b pipeline.ObjectInfo) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// Remove implements pipeline.Store.
func (m *Memory) Remove(ctx context.Context, name string) error {
	name, err := m.name(ctx, name)
	if err != nil {
		return err
	}
	m.files.mu.Lock()
	defer m.files.mu.Unlock()
	delete(m.files.data, name)
	for n := range m.files.data {
		if strings.HasPrefix(n, name+"/") {
			delete(m.files.data, n)
		}
	}
	return nil
}

// Sub implements pipeline.Store.
func (m *Memory) Sub(folder string) pipeline.Store {
	s := *m
	if folder != "" {
		s.folder, s.err = m.name(context.Background(), folder)
	}
	return &s
}
