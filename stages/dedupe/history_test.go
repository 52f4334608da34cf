package dedupe

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
)

// putIndex writes an index of sorted entries into a store, in so many files, and returns their names.
func putIndex(t tester, store *memoryStore, name string, partitions int, entries []sorted.Item[uint64]) (names []string) {
	t.Helper()
	for p := range partitions {
		var file bytes.Buffer
		w := sorted.NewIndexWriter(&file)
		for _, e := range entries {
			if sorted.Partition(e.Key, partitions) == p {
				w.Add(e.Key, e.Value)
			}
		}
		if err := w.Finish(p, partitions); err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprint(name, "-", p))
		store.files[names[p]] = file.Bytes()
	}
	return names
}

func compareKeys(a, b sorted.Item[uint64]) int {
	if a.Key < b.Key {
		return -1
	}
	return int(min(a.Key-b.Key, 1))
}

// Any ascending keys find the documents that a map finds, by their versions, in an index of any number of files.
func TestHistoryFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		partitions := rapid.IntRange(1, 4).Draw(t, "partitions")
		var entries []sorted.Item[uint64]
		want := map[uint64][]ref{}
		for len(entries) < 3000 {
			key := r.Uint64() >> (8 * r.IntN(8)) // dense at the lower end
			for range 1 + r.IntN(2)*r.IntN(2)*r.IntN(700) {
				entries = append(entries, sorted.Item[uint64]{Key: key, Value: uint64(len(entries))})
			}
		}
		slices.SortStableFunc(entries, compareKeys)
		for _, e := range entries {
			want[e.Key] = append(want[e.Key], documentAt(e.Value))
		}
		store := newMemoryStore()
		index := ingest.IndexRun{Versions: []int{3, 5, 6, 8}, Made: 8, Keys: putIndex(t, store, "keys", partitions, entries)}

		var asked []uint64
		every := rapid.IntRange(1, 900).Draw(t, "every")
		for _, e := range entries {
			if r.IntN(every) == 0 {
				asked = append(asked, e.Key, e.Key+1, r.Uint64())
			}
		}
		slices.Sort(asked)
		plan := &ingest.Plan{History: []ingest.IndexVersion{
			{Version: 2, Documents: 7}, {Version: 3, Documents: 100}, {Version: 5}, {Version: 6, Documents: 900}, {Version: 8, Documents: 1 << 40},
		}}
		h, err := newHistory(sorted.NewHandles(t.Context(), store), plan, index, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked = slices.Compact(asked)
		most := rapid.IntRange(1, 1000).Draw(t, "most")
		var got []hit
		for some := range slices.Chunk(asked, rapid.IntRange(1, 100).Draw(t, "at once")) {
			if got, err = h.find(some, most, got); err != nil {
				t.Fatal(err)
			}
		}
		var all []hit
		for _, key := range asked {
			for _, r := range want[key][:min(most, len(want[key]))] {
				all = append(all, hit{key, r})
			}
		}
		if !slices.Equal(got, all) {
			t.Fatalf("%d documents, want %d", len(got), len(all))
		}
	})
}

// documentAt is the document of a number in an index of versions 3, 5, 6 and 8 with 100, 0, 900 and many documents.
func documentAt(number uint64) ref {
	switch {
	case number < 100:
		return ref{number, 3}
	case number < 1000:
		return ref{number - 100, 6}
	}
	return ref{number - 1000, 8}
}

// A merge of earlier indexes counts through the documents of all of them, and an index without keys has documents too.
func TestIndexSources(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		store := newMemoryStore()
		plan := &ingest.Plan{}
		var indexes []ingest.IndexRun
		var want []sorted.Item[uint64]
		first := uint64(0)
		for n := range rapid.IntRange(1, 4).Draw(t, "indexes") {
			documents := uint64(r.IntN(500) * r.IntN(2))
			var entries []sorted.Item[uint64]
			for d := range documents {
				for range r.IntN(4) {
					entries = append(entries, sorted.Item[uint64]{Key: r.Uint64() << (8 * r.IntN(8)), Value: d})
				}
			}
			slices.SortStableFunc(entries, compareKeys)
			for _, e := range entries {
				want = append(want, sorted.Item[uint64]{Key: e.Key, Value: e.Value + first})
			}
			first += documents
			index := ingest.IndexRun{Versions: []int{n + 1}}
			if len(entries) > 0 {
				index.Keys = putIndex(t, store, fmt.Sprint("keys-", n), 1+r.IntN(5), entries)
			}
			indexes = append(indexes, index)
			plan.History = append(plan.History, ingest.IndexVersion{Version: n + 1, Documents: int64(documents)})
		}
		slices.SortStableFunc(want, compareKeys)
		var got []sorted.Item[uint64]
		partitions := rapid.IntRange(1, 7).Draw(t, "partitions")
		for p := range partitions {
			sources, err := tiers.Sources(sorted.NewHandles(t.Context(), store), plan.History, indexes, p, partitions)
			if err != nil {
				t.Fatal(err)
			}
			m := sorted.NewMerge(sources)
			for m.Next() {
				got = append(got, m.Item)
			}
			if m.Err() != nil {
				t.Fatal(m.Err())
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d entries, want %d", len(got), len(want))
		}
	})
}
