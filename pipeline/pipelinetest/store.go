// Package pipelinetest holds one test suite per port of package pipeline. Every implementation runs the suite of its port
// in its own tests; what only one implementation promises is tested there.
package pipelinetest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
)

// TestStore checks an implementation of pipeline.Store, of pipeline.Mover and pipeline.Copier if it has them, and of RemoveTemporaries. open returns an empty store
// each time; closing it is the caller's affair.
func TestStore(t *testing.T, open func() pipeline.Store) {
	tests := []struct {
		name string
		test func(t *testing.T, s pipeline.Store)
	}{
		{"WriteRead", storeWriteRead},
		{"Missing", storeMissing},
		{"Replace", storeReplace},
		{"Uncommitted", storeUncommitted},
		{"Large", storeLarge},
		{"Abandoned", storeAbandoned},
		{"PutNew", storePutNew},
		{"PutNewRace", storePutNewRace},
		{"List", storeList},
		{"ListMany", storeListMany},
		{"Remove", storeRemove},
		{"Sub", storeSub},
		{"BadNames", storeBadNames},
		{"Cancelled", storeCancelled},
		{"Concurrent", storeConcurrent},
		{"Move", storeMove},
		{"Copy", storeCopy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open()) })
	}
}

func storeWriteRead(t *testing.T, s pipeline.Store) {
	ctx := t.Context()
	for _, content := range []string{"", "a", strings.Repeat("荆楚大地", 300_000)} {
		put(t, s, "deep/folder/file.bin", content)
		if got := get(t, s, "deep/folder/file.bin"); got != content {
			t.Errorf("read %d bytes, wrote %d", len(got), len(content))
		}
	}
	put(t, s, "short", "0123456789")
	o, err := s.Open(ctx, "short")
	Must(t, err)
	defer closeOrFail(t, o)
	if o.Size() != 10 {
		t.Errorf("size %d, want 10", o.Size())
	}
	var wg sync.WaitGroup
	for i := range 10 { // ReadAt is for many at once
		wg.Go(func() {
			var b [4]byte
			n, err := o.ReadAt(b[:], int64(i))
			want := "0123456789"[i:min(i+4, 10)]
			if string(b[:n]) != want || (n < 4) != errors.Is(err, io.EOF) {
				t.Errorf("ReadAt(%d) = %q, %v, want %q", i, b[:n], err, want)
			}
		})
	}
	wg.Wait()
}

func storeMissing(t *testing.T, s pipeline.Store) {
	put(t, s, "folder/file", "x")
	for _, name := range []string{"none", "none/none", "folder/none"} {
		if _, err := s.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %s: %v, want not exist", name, err)
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
	if o, err := s.Open(t.Context(), "folder"); err == nil {
		t.Error("a folder was opened as a file")
		closeOrFail(t, o)
	}
}

func storeReplace(t *testing.T, s pipeline.Store) {
	put(t, s, "f", "first")
	before, err := s.Open(t.Context(), "f")
	Must(t, err)
	defer closeOrFail(t, before)
	put(t, s, "f", "second")
	if got := get(t, s, "f"); got != "second" {
		t.Errorf("read %q after a replacement", got)
	}
	got, err := io.ReadAll(io.NewSectionReader(before, 0, before.Size()))
	if err != nil || string(got) != "first" {
		t.Errorf("an open file changed to %q, %v", got, err)
	}
}

func storeUncommitted(t *testing.T, s pipeline.Store) {
	ctx := t.Context()
	w, err := s.Create(ctx, "folder/f")
	Must(t, err)
	if _, err := io.WriteString(w, "half"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(ctx, "folder/f"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an uncommitted file was opened: %v", err)
	}
	listed(t, s, "")
	closeOrFail(t, w)
	closeOrFail(t, w)
	if err := w.Commit(); err == nil {
		t.Error("commit after close succeeded")
	}
	listed(t, s, "")

	w, err = s.Create(ctx, "folder/f")
	Must(t, err)
	if _, err := io.WriteString(w, "whole"); err != nil {
		t.Fatal(err)
	}
	Must(t, w.Commit())
	closeOrFail(t, w)
	if got := get(t, s, "folder/f"); got != "whole" {
		t.Errorf("close after commit left %q", got)
	}
	if _, err := io.WriteString(w, "more"); err == nil {
		t.Error("write after commit succeeded")
	}
}

// storeLarge writes a file that an object store takes in several parts, in pieces that are none, and reads it by pieces, in
// order and not, as several readers at once do.
func storeLarge(t *testing.T, s pipeline.Store) {
	content := make([]byte, 13<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content) // it never fails
	w, err := s.Create(t.Context(), "folder/large")
	Must(t, err)
	for rest := content; len(rest) > 0; {
		n := min(len(rest), 1<<20+7)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	listed(t, s, "")
	Must(t, w.Commit())
	closeOrFail(t, w)
	o, err := s.Open(t.Context(), "folder/large")
	Must(t, err)
	defer closeOrFail(t, o)
	got, err := io.ReadAll(bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 1<<16))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes that differ, or %v", len(got), err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(i)))
			for range 25 {
				p := make([]byte, random.IntN(200_000))
				at := random.Int64N(o.Size())
				n, err := o.ReadAt(p, at)
				if want := content[at:min(at+int64(len(p)), o.Size())]; !bytes.Equal(p[:n], want) || n < len(p) && !errors.Is(err, io.EOF) {
					t.Errorf("ReadAt(%d bytes, %d) = %d, %v", len(p), at, n, err)
				}
			}
		})
	}
	wg.Wait()
}

// storeAbandoned leaves writers as a process that is killed does: whatever they wrote is no file, and can be removed.
func storeAbandoned(t *testing.T, s pipeline.Store) {
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	put(t, s, "folder/whole", "x")
	for _, size := range []int{0, 1, 12 << 20} {
		w, err := s.Create(ctx, fmt.Sprintf("folder/%d", size))
		Must(t, err)
		t.Cleanup(func() { _ = w.Close() }) // of this process; what it could remove is gone
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	if sweeper, ok := s.(pipeline.Sweeper); ok {
		if err := sweeper.RemoveTemporaries(t.Context()); err != nil {
			t.Error(err)
		}
	}
	listed(t, s, "", pipeline.ObjectInfo{Name: "folder/whole", Bytes: 1})
	if err := s.Remove(t.Context(), "folder"); err != nil {
		t.Error(err)
	}
}

func storePutNew(t *testing.T, s pipeline.Store) {
	ctx := t.Context()
	Must(t, s.PutNew(ctx, "manifests/000001.json", []byte("one")))
	if err := s.PutNew(ctx, "manifests/000001.json", []byte("two")); !errors.Is(err, pipeline.ErrExists) {
		t.Errorf("second create: %v, want ErrExists", err)
	}
	if got := get(t, s, "manifests/000001.json"); got != "one" {
		t.Errorf("a refused create changed the file to %q", got)
	}
	put(t, s, "made", "by Create")
	if err := s.PutNew(ctx, "made", nil); !errors.Is(err, pipeline.ErrExists) {
		t.Errorf("create over a file of Create: %v, want ErrExists", err)
	}
	listed(t, s, "", pipeline.ObjectInfo{Name: "made", Bytes: 9}, pipeline.ObjectInfo{Name: "manifests/000001.json", Bytes: 3})
}

func storePutNewRace(t *testing.T, s pipeline.Store) {
	var won atomic.Int64
	var winner atomic.Value
	var wg sync.WaitGroup
	const writers = 16
	for i := range writers {
		wg.Go(func() {
			content := fmt.Sprintf("writer %d", i)
			err := s.PutNew(t.Context(), "folder/one", []byte(content))
			switch {
			case err == nil:
				won.Add(1)
				winner.Store(content)
			case !errors.Is(err, pipeline.ErrExists):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d of %d exclusive creates succeeded", won.Load(), writers)
	}
	if got := get(t, s, "folder/one"); got != winner.Load() {
		t.Errorf("the file says %q, the winner is %q", got, winner.Load())
	}
}

func storeList(t *testing.T, s pipeline.Store) {
	listed(t, s, "")
	listed(t, s, "no/such")
	names := []string{"a-b", "a.b", "a/b", "a/z/0", "a0", "b", "新闻/一"} // '-' < '.' < '/' < '0'
	for _, i := range []int{4, 0, 6, 2, 5, 1, 3} {
		put(t, s, names[i], strings.Repeat("x", i))
	}
	var want []pipeline.ObjectInfo
	for i, n := range names {
		want = append(want, pipeline.ObjectInfo{Name: n, Bytes: int64(i)})
	}
	listed(t, s, "", want...)
	listed(t, s, "a", want[2:4]...)
}

// storeListMany has more files than a page of an object store's listing.
func storeListMany(t *testing.T, s pipeline.Store) {
	var want []pipeline.ObjectInfo
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(16)
	for i := range 1010 {
		name := fmt.Sprintf("many/%02d/%04d", i/100, i)
		want = append(want, pipeline.ObjectInfo{Name: name, Bytes: 1})
		g.Go(func() error { return pipeline.WriteAll(ctx, s, name, []byte{'x'}) })
	}
	Must(t, g.Wait())
	listed(t, s, "many", want...)
	Must(t, s.Remove(t.Context(), "many"))
	listed(t, s, "")
}

func storeRemove(t *testing.T, s pipeline.Store) {
	for _, n := range []string{"a", "f/1", "f/deep/2", "g"} {
		put(t, s, n, n)
	}
	for _, n := range []string{"a", "f", "f", "never", "never/never"} {
		if err := s.Remove(t.Context(), n); err != nil {
			t.Errorf("remove %s: %v", n, err)
		}
	}
	listed(t, s, "", pipeline.ObjectInfo{Name: "g", Bytes: 1})
	put(t, s, "f/1", "again")
}

func storeSub(t *testing.T, s pipeline.Store) {
	sub := s.Sub("data").Sub("000001")
	put(t, sub, "x/train", "rows")
	put(t, s, "dat", "other")
	if got := get(t, s, "data/000001/x/train"); got != "rows" {
		t.Errorf("read %q", got)
	}
	for _, folder := range []string{"", "x"} {
		listed(t, sub, folder, pipeline.ObjectInfo{Name: "x/train", Bytes: 4})
	}
	if err := sub.PutNew(t.Context(), "x/train", nil); !errors.Is(err, pipeline.ErrExists) {
		t.Errorf("create: %v, want ErrExists", err)
	}
	if err := sub.Remove(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	if _, err := s.Open(t.Context(), "data/000001/x/train"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after remove: %v, want not exist", err)
	}
}

func storeBadNames(t *testing.T, s pipeline.Store) {
	ctx := t.Context()
	put(t, s, "a/b", "x")
	for _, name := range []string{"", ".", "..", "/a", "a/", "a//b", "a/../b", "../a", "./a", "a/./b", "a/..", "\xff"} {
		if o, err := s.Open(ctx, name); err == nil {
			t.Errorf("open %q succeeded", name)
			closeOrFail(t, o)
		}
		if w, err := s.Create(ctx, name); err == nil {
			t.Errorf("create %q succeeded", name)
			closeOrFail(t, w)
		}
		if err := s.PutNew(ctx, name, nil); err == nil || errors.Is(err, pipeline.ErrExists) {
			t.Errorf("exclusive create %q: %v", name, err)
		}
		if err := s.Remove(ctx, name); err == nil {
			t.Errorf("remove %q succeeded", name)
		}
		if name == "" {
			continue
		}
		if _, err := s.List(ctx, name); err == nil {
			t.Errorf("list %q succeeded", name)
		}
		if _, err := s.Sub(name).List(ctx, ""); err == nil {
			t.Errorf("list below %q succeeded", name)
		}
	}
	listed(t, s, "", pipeline.ObjectInfo{Name: "a/b", Bytes: 1})
}

func storeCancelled(t *testing.T, s pipeline.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	put(t, s, "f", "x")
	if _, err := s.Open(ctx, "f"); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Create(ctx, "g"); !errors.Is(err, context.Canceled) {
		t.Errorf("create: %v", err)
	}
	if err := s.PutNew(ctx, "g", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("exclusive create: %v", err)
	}
	if err := s.Remove(ctx, "f"); !errors.Is(err, context.Canceled) {
		t.Errorf("remove: %v", err)
	}
	if _, err := s.List(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
}

// storeConcurrent lets several tasks write the same file at once, as a zombie and its successor do.
func storeConcurrent(t *testing.T, s pipeline.Store) {
	content := strings.Repeat("same bytes ", 10_000)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := pipeline.WriteAll(t.Context(), s, "x/same", []byte(content)); err != nil {
				t.Error(err)
			}
			if err := pipeline.WriteAll(t.Context(), s, fmt.Sprintf("x/own/%d", i), []byte(content)); err != nil {
				t.Error(err)
			}
			if got, err := pipeline.ReadAll(t.Context(), s, "x/same"); err != nil || string(got) != content {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
		})
	}
	wg.Wait()
	if got, err := s.List(t.Context(), ""); err != nil || len(got) != 9 {
		t.Errorf("%d files: %v, %v", len(got), got, err)
	}
}

func storeMove(t *testing.T, s pipeline.Store) {
	m, ok := s.(pipeline.Mover)
	if !ok {
		t.Skip("not a Mover")
	}
	ctx := t.Context()
	put(t, s, "work/out/train", "rows")
	put(t, s, "work/out/deep/index", "keys")
	put(t, s, "taken/file", "old")
	put(t, s, "single", "s")
	if err := m.Move(ctx, "work/out", "taken"); !errors.Is(err, pipeline.ErrExists) {
		t.Errorf("move onto a folder: %v, want ErrExists", err)
	}
	put(t, s, "emptied/file", "x")
	Must(t, s.Remove(ctx, "emptied/file"))
	put(t, s, "other/file", "y")
	if err := m.Move(ctx, "other", "emptied"); err != nil {
		t.Errorf("move onto an empty folder: %v", err)
	}
	if err := m.Move(ctx, "none", "x/y"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("move of nothing: %v, want not exist", err)
	}
	if err := m.Move(ctx, "../none", "x"); err == nil {
		t.Error("move from outside succeeded")
	}
	if err := m.Move(ctx, "single", "../x"); err == nil {
		t.Error("move to outside succeeded")
	}
	Must(t, m.Move(ctx, "work/out", "data/000001"))
	if err := s.Sub("work").(pipeline.Mover).Move(ctx, "x", "y"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("move below: %v, want not exist", err)
	}
	Must(t, m.Move(ctx, "single", "data/single"))
	listed(t, s, "", []pipeline.ObjectInfo{
		{Name: "data/000001/deep/index", Bytes: 4},
		{Name: "data/000001/train", Bytes: 4},
		{Name: "data/single", Bytes: 1},
		{Name: "emptied/file", Bytes: 1},
		{Name: "taken/file", Bytes: 3},
	}...)
}

func storeCopy(t *testing.T, s pipeline.Store) {
	c, ok := s.(pipeline.Copier)
	if !ok {
		t.Skip("not a Copier")
	}
	ctx := t.Context()
	put(t, s, "data/一/train", "rows")
	put(t, s, "empty", "")
	for range 2 { // the same again is no error
		Must(t, c.Copy(ctx, "data/一/train", "retired/data/一/train"))
		Must(t, c.Copy(ctx, "empty", "retired/empty"))
	}
	if err := c.Copy(ctx, "none", "x/y"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("copy of nothing: %v, want not exist", err)
	}
	if err := c.Copy(ctx, "empty", "../x"); err == nil {
		t.Error("copy to outside succeeded")
	}
	if err := c.Copy(ctx, "../x", "x"); err == nil {
		t.Error("copy from outside succeeded")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.Copy(cancelled, "empty", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	Must(t, s.Sub("data").(pipeline.Copier).Copy(ctx, "一/train", "二/train"))
	Must(t, s.Remove(ctx, "data/一/train")) // one name less
	for name, want := range map[string]string{"retired/data/一/train": "rows", "data/二/train": "rows", "retired/empty": ""} {
		if got := get(t, s, name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	listed(t, s, "", []pipeline.ObjectInfo{
		{Name: "data/二/train", Bytes: 4}, {Name: "empty"}, {Name: "retired/data/一/train", Bytes: 4}, {Name: "retired/empty"},
	}...)
}

func put(t *testing.T, s pipeline.Store, name, content string) {
	t.Helper()
	if err := pipeline.WriteAll(t.Context(), s, name, []byte(content)); err != nil {
		t.Fatalf("write %s: %v", name, err)
	}
}

func get(t *testing.T, s pipeline.Store, name string) string {
	t.Helper()
	data, err := pipeline.ReadAll(t.Context(), s, name)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return string(data)
}

// listed checks what a folder of a store holds.
func listed(t *testing.T, s pipeline.Store, folder string, want ...pipeline.ObjectInfo) {
	t.Helper()
	got, err := s.List(t.Context(), folder)
	if err != nil {
		t.Fatalf("list %q: %v", folder, err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("listing of %q (-want +got):\n%s", folder, diff)
	}
}

func closeOrFail(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
