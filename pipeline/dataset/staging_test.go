package dataset_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// toyName is the document of the toys of these tests, of which a store has one.
const toyName = "toys/1.json"

// toyFiles are those of a toy, in two of the three folders that it may have.
var toyFiles = map[string]string{
	"data/000001-01234567/a": "一二三", "data/000001-01234567/b": "", "data/000001-01234567/deep/c": "四", "ledger/000001/files": "五六",
}

// maker makes a toy as a kind of job does.
type maker struct {
	dataset.Staging
	files []dataset.File
}

func newMaker(t *testing.T, s pipeline.Store) *maker {
	t.Helper()
	m := &maker{Staging: dataset.Staging{Store: s, Plan: "0123456789abcdef", Folders: []string{"ledger", "more", "data"}}}
	for name, content := range toyFiles {
		sum := sha256.Sum256([]byte(content))
		m.files = append(m.files, dataset.File{Path: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(m.files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	return m
}

// write does what the tasks of the job do.
func (m *maker) write(t *testing.T) {
	t.Helper()
	for _, f := range m.files {
		put(t, m.Out(), f.Path, toyFiles[f.Path])
	}
}

// commit makes the toy exist, or finds that it does.
func (m *maker) commit(ctx context.Context, crash func(string)) error {
	made, err := pipeline.ReadAll(ctx, m.Store, toyName)
	if errors.Is(err, fs.ErrNotExist) {
		if err := m.Place(ctx, m.files, crash); err != nil {
			return err
		}
		crash("commit:placed")
		document, _, err := dataset.Encode(toy{Name: m.Plan, Files: m.files})
		if err != nil {
			return err
		}
		if err := dataset.Create(ctx, m.Store, toyName, "toy", document, nil); err != nil {
			return err
		}
		crash("commit:manifest")
	} else if err != nil {
		return err
	} else if err := dataset.Decode(made, new(toy)); err != nil {
		return err
	}
	if err := m.Clear(ctx); err != nil {
		return err
	}
	crash("commit:done")
	return nil
}

func put(t *testing.T, s pipeline.Store, name, content string) {
	t.Helper()
	if err := pipeline.WriteAll(t.Context(), s, name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

// content is all that a store holds.
func content(t *testing.T, s pipeline.Store) map[string]string {
	t.Helper()
	infos, err := s.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, i := range infos {
		data, err := pipeline.ReadAll(t.Context(), s, i.Name)
		if err != nil {
			t.Fatal(err)
		}
		all[i.Name] = string(data)
	}
	return all
}

// stores are one that moves folders, and one that cannot.
var stores = map[string]func(t *testing.T) pipeline.Store{
	"moves": func(t *testing.T) pipeline.Store {
		t.Helper()
		s, err := store.NewLocal(t.TempDir(), store.LocalOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	},
	"stays": func(*testing.T) pipeline.Store { return pipelinetest.NewMemory() },
}

// crashed is what the tests panic with.
type crashed struct{}

// stopAt commits and stops at a point, as a kill would.
func (m *maker) stopAt(t *testing.T, point string) {
	t.Helper()
	defer func() {
		if _, ok := recover().(crashed); !ok {
			t.Errorf("point %s was not reached", point)
		}
	}()
	err := m.commit(t.Context(), func(p string) {
		if p == point {
			panic(crashed{})
		}
	})
	t.Errorf("commit ended with %v", err)
}

// A dataset is made in the end, and the same, wherever its maker died before; its readers see all of it or nothing.
func TestMakeAfterCrash(t *testing.T) {
	want := map[string][]string{
		"moves": {"commit:moved:ledger", "commit:moved:data", "commit:placed", "commit:manifest", "commit:done"},
		"stays": {"commit:placed", "commit:manifest", "commit:done"},
	}
	for name, open := range stores {
		m := newMaker(t, open(t))
		m.write(t)
		var points []string
		if err := m.commit(t.Context(), func(p string) { points = append(points, p) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(points, want[name]) {
			t.Errorf("%s: points are %q", name, points)
		}
		whole := content(t, m.Store)
		if len(whole) != len(toyFiles)+1 {
			t.Errorf("%s: the store holds %q", name, whole)
		}
		for _, point := range points {
			t.Run(name+" "+point, func(t *testing.T) {
				m := newMaker(t, open(t))
				m.write(t)
				m.stopAt(t, point)
				_, made := content(t, m.Store)[toyName]
				if after := slices.Index(points, point) >= slices.Index(points, "commit:manifest"); made != after {
					t.Errorf("the document is there: %v", made)
				}
				again := newMaker(t, m.Store)
				for _, f := range again.files { // while it is made, each file is in one of two places
					if err := dataset.CheckFile(t.Context(), dataset.Either(again.Out(), again.Store), f, nil); err != nil {
						t.Error(err)
					}
				}
				for range 2 {
					if err := again.commit(t.Context(), func(string) {}); err != nil {
						t.Fatal(err)
					}
					if got := content(t, m.Store); fmt.Sprint(got) != fmt.Sprint(whole) {
						t.Errorf("the store holds %q", got)
					}
				}
			})
		}
	}
}

// What somebody else has put in the place of a folder stays as it is, however like ours it looks.
func TestForeignFolderIsNotTouched(t *testing.T) {
	const folder = "data/000001-01234567/"
	for name, test := range map[string]struct {
		there map[string]string
		want  string
	}{
		"another file":    {map[string]string{"x": "1"}, "a is missing"},
		"one more":        {map[string]string{"a": "一二三", "b": "", "deep/c": "四", "d": ""}, "d was written by no task"},
		"one less":        {map[string]string{"a": "一二三", "deep/c": "四"}, "b is missing"},
		"another size":    {map[string]string{"a": "一二", "b": "", "deep/c": "四"}, "a has 6 bytes, it should have 9"},
		"another content": {map[string]string{"a": "一二四", "b": "", "deep/c": "四"}, "a has the sha256"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaker(t, stores["moves"](t))
			m.write(t)
			for base, content := range test.there {
				put(t, m.Store, folder+base, content)
			}
			err := m.commit(t.Context(), func(string) {})
			if !errors.Is(err, pipeline.ErrExists) || !strings.Contains(err.Error(), folder+test.want) {
				t.Errorf("error is %v", err)
			}
			after := content(t, m.Store)
			for base, content := range test.there {
				if after[folder+base] != content {
					t.Errorf("%s holds %q", base, after[folder+base])
				}
				delete(after, folder+base)
			}
			for path := range after {
				if strings.HasPrefix(path, folder) || path == toyName {
					t.Errorf("%s was made", path)
				}
			}
			if err := m.Store.Remove(t.Context(), folder[:len(folder)-1]); err != nil {
				t.Fatal(err)
			}
			if err := m.commit(t.Context(), func(string) {}); err != nil {
				t.Errorf("without it: %v", err)
			}
		})
	}
}

// Nothing comes to exist of files other than those of the list, in their folders or in any.
func TestPlaceRefuses(t *testing.T) {
	for name, open := range stores {
		for what, test := range map[string]struct {
			change func(t *testing.T, m *maker)
			want   string
		}{
			"missing": {func(t *testing.T, m *maker) {
				t.Helper()
				if err := m.Out().Remove(t.Context(), m.files[1].Path); err != nil {
					t.Fatal(err)
				}
			}, "data/000001-01234567/b is missing"},
			"another size": {func(t *testing.T, m *maker) { t.Helper(); put(t, m.Out(), m.files[0].Path, "一") }, "a has 3 bytes"},
			"one more":     {func(t *testing.T, m *maker) { t.Helper(); put(t, m.Out(), "ledger/000001/x", "") }, "x was written by no task"},
			"a folder of no dataset": {func(t *testing.T, m *maker) {
				t.Helper()
				m.files = append(m.files, dataset.File{Path: "other/000001/a"})
			}, "other/000001/a is in none of the folders ledger, more, data"},
			"no folder of its own": {func(t *testing.T, m *maker) {
				t.Helper()
				m.files = append(m.files, dataset.File{Path: "data/a"})
			}, "data/a is in none of the folders"},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				m := newMaker(t, open(t))
				m.write(t)
				test.change(t, m)
				err := m.commit(t.Context(), func(string) {})
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error is %v", err)
				}
				if data, ok := content(t, m.Store)[toyName]; ok {
					t.Errorf("it exists: %s", data)
				}
			})
		}
	}
}

// Without a crash function the steps are the same.
func TestPlaceWithoutCrash(t *testing.T) {
	m := newMaker(t, stores["moves"](t))
	m.write(t)
	if err := m.Place(t.Context(), m.files, nil); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.files {
		if err := dataset.CheckFile(t.Context(), m.Store, f, nil); err != nil {
			t.Error(err)
		}
	}
}

// Invariant 6: of two, one is made; and only by whoever has the store.
func TestCreate(t *testing.T) {
	s := pipelinetest.NewMemory()
	gone := errors.New("somebody else leads")
	lead := func(context.Context) error { return gone }
	if err := dataset.Create(t.Context(), s, toyName, "toy", []byte("1"), lead); !errors.Is(err, gone) || s.Get(toyName) != nil {
		t.Errorf("without the lead: %v, %q", err, s.Get(toyName))
	}
	asked := 0
	lead = func(context.Context) error { asked++; return nil }
	if err := dataset.Create(t.Context(), s, toyName, "toy", []byte("1"), lead); err != nil || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	err := dataset.Create(t.Context(), s, toyName, "toy", []byte("2"), nil)
	if !errors.Is(err, pipeline.ErrExists) || !strings.Contains(err.Error(), "another toy was made meanwhile") {
		t.Errorf("the second one: %v", err)
	}
	if !bytes.Equal(s.Get(toyName), []byte("1")) {
		t.Errorf("it holds %q", s.Get(toyName))
	}
}

func TestFolders(t *testing.T) {
	s := pipelinetest.NewMemory()
	m := newMaker(t, s)
	for _, name := range []string{"data/1/a", "data/1/b/c", "data/2", "data/3/a", "data-2/1/a", m.Folder() + "/data/1/a"} {
		put(t, s, name, "")
	}
	for kind, want := range map[string][]string{
		"data": {"data/1", "data/3"}, "ledger": nil, pipeline.WorkFolder: {m.Folder()},
	} {
		if got, err := dataset.FoldersBelow(t.Context(), s, kind); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	}
	if !dataset.IsStaging(m.Folder()) || dataset.IsStaging("data/1") || dataset.IsStaging(pipeline.WorkFolder+"/run-01234567") {
		t.Error("a staging folder is not told from others")
	}
	if err := m.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := dataset.FoldersBelow(t.Context(), s, pipeline.WorkFolder); err != nil || len(list) != 0 {
		t.Errorf("%q is left, %v", list, err)
	}
}

// failingStore fails to read from some byte of every file on.
type failingStore struct {
	pipeline.Store
	from int64
	err  error
}

func (s failingStore) Open(ctx context.Context, name string) (pipeline.Object, error) {
	o, err := s.Store.Open(ctx, name)
	return failingObject{o, s}, err
}

type failingObject struct {
	pipeline.Object
	store failingStore
}

func (o failingObject) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > o.store.from {
		return 0, o.store.err
	}
	return o.Object.ReadAt(p, at)
}

func TestCheckFile(t *testing.T) {
	s := pipelinetest.NewMemory()
	whole := bytes.Repeat([]byte("字"), 1<<20) // of more than one read
	put(t, s, "a", string(whole))
	sum := sha256.Sum256(whole)
	f := dataset.File{Path: "a", Bytes: int64(len(whole)), SHA256: hex.EncodeToString(sum[:])}
	read, calls := int64(0), 0
	if err := dataset.CheckFile(t.Context(), s, f, func(n int64) { read += n; calls++ }); err != nil || read != f.Bytes || calls != 3 {
		t.Errorf("%v, %d bytes in %d reads", err, read, calls)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	err := dataset.CheckFile(cancelled, s, f, func(int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, ok := errors.AsType[*dataset.DamageError](err); ok {
		t.Error("cancelled, it is damage")
	}

	missing, short := f, f
	missing.Path = "b"
	short.Bytes--
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1] ^= 1
	put(t, s, "c", string(flipped))
	other := f
	other.Path = "c"
	for want, test := range map[string]struct {
		store pipeline.Store
		file  dataset.File
	}{
		"b is missing": {s, missing},
		"a has 3145728 bytes, its manifest says 3145727": {s, short},
		"its manifest says " + f.SHA256:                  {s, other},
		"a: read at 1048576: no such sector":             {failingStore{s, 1 << 20, errors.New("no such sector")}, f},
		"a: read at 0: unexpected EOF":                   {failingStore{s, 0, io.EOF}, f},
	} {
		err := dataset.CheckFile(t.Context(), test.store, test.file, nil)
		if _, ok := errors.AsType[*dataset.DamageError](err); !ok || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
