package sorted

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testKind is that of the runs files of these tests.
var testKind = KeysKind("MRTEST_1")

type object struct{ *bytes.Reader }

func (object) Close() error { return nil }

func objectOf(data []byte) pipeline.Object { return object{bytes.NewReader(data)} }

// tester is what rapid, testing and fuzzing have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// handlesOf returns the handles of a store with these files.
func handlesOf(t testing.TB, files map[string][]byte) *Handles {
	t.Helper()
	store := pipelinetest.NewMemory()
	for name, data := range files {
		if err := pipeline.WriteAll(t.Context(), store, name, data); err != nil {
			t.Fatal(err)
		}
	}
	h := NewHandles(t.Context(), store)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// runsFile writes sorted runs into a file; its rows are the items.
func runsFile(t tester, partitions int, runs ...[]Item[uint32]) []byte {
	t.Helper()
	var file bytes.Buffer
	w := NewWriter(&file, testKind, partitions)
	rows := 0
	for _, items := range runs {
		w.WriteKeys(items)
		rows += len(items)
	}
	if err := w.Finish(int64(rows)); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// indexFiles writes an index of sorted entries in so many files, and returns their names.
func indexFiles(t tester, files map[string][]byte, name string, partitions int, entries []Item[uint64]) (names []string) {
	t.Helper()
	for p := range partitions {
		var file bytes.Buffer
		w := NewIndexWriter(&file)
		for _, e := range entries {
			if Partition(e.Key, partitions) == p {
				w.Add(e.Key, e.Value)
			}
		}
		if err := w.Finish(p, partitions); err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprint(name, "-", p))
		files[names[p]] = file.Bytes()
	}
	return names
}

// all reads a merge to its end.
func all[V any](t tester, m *Merge[V]) (items []Item[V]) {
	t.Helper()
	for m.Next() {
		items = append(items, m.Item)
	}
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	return items
}

func byKey[V any](a, b Item[V]) int { return cmp.Compare(a.Key, b.Key) }

func sortedByKey[V any](items []Item[V]) []Item[V] {
	items = slices.Clone(items)
	slices.SortStableFunc(items, byKey)
	return items
}
