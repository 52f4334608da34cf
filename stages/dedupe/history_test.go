package dedupe

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"millrace/pipeline"
)

// Any ascending keys find what a map finds, in an index of any number of files, with keys that fill blocks on their own.
func TestHistoryFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		partitions := rapid.IntRange(1, 4).Draw(t, "partitions")
		var entries []item[uint64]
		want := map[uint64][]ref{}
		for len(entries) < 3000 {
			key := r.Uint64() >> (8 * r.IntN(8)) // dense at the lower end
			for range 1 + r.IntN(2)*r.IntN(2)*r.IntN(700) {
				entries = append(entries, item[uint64]{key, uint64(len(entries))})
			}
		}
		slices.SortStableFunc(entries, func(a, b item[uint64]) int {
			if a.key < b.key {
				return -1
			}
			return int(min(a.key-b.key, 1))
		})
		store := newMemoryStore()
		run := pipeline.IndexRun{Versions: []int{3, 5, 6, 8}, Made: 8}
		for p := range partitions {
			var file bytes.Buffer
			w := newIndexKeysWriter(&file)
			for _, e := range entries {
				if partitionOf(e.key, partitions) == p {
					w.add(e.key, e.value)
					want[e.key] = append(want[e.key], refOf(e.value))
				}
			}
			if err := w.finish(p, partitions); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprint("keys-", p)
			store.files[name] = file.Bytes()
			run.Keys = append(run.Keys, name)
		}

		var asked []uint64
		every := rapid.IntRange(1, 900).Draw(t, "every")
		for _, e := range entries {
			if r.IntN(every) == 0 {
				asked = append(asked, e.key, e.key+1, r.Uint64())
			}
		}
		slices.Sort(asked)
		plan := &pipeline.Plan{History: []pipeline.IndexVersion{
			{Version: 2, Documents: 7}, {Version: 3, Documents: 100}, {Version: 5}, {Version: 6, Documents: 900}, {Version: 8, Documents: 1 << 40},
		}}
		h, err := newHistory(newHandles(t.Context(), store), plan, run)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range slices.Compact(asked) {
			var got []ref
			if err := h.find(key, func(r ref) { got = append(got, r) }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want[key]) {
				t.Fatalf("key %x: %d members, want %d", key, len(got), len(want[key]))
			}
		}
	})
}

// refOf is the document of a number in a run of versions 3, 5, 6 and 8 with 100, 0, 900 and many documents.
func refOf(number uint64) ref {
	switch {
	case number < 100:
		return ref{number, 3}
	case number < 1000:
		return ref{number - 100, 6}
	}
	return ref{number - 1000, 8}
}

// A merge of runs, into any number of partitions and files, holds what they held, in order.
func TestRunSources(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		store := newMemoryStore()
		plan := &pipeline.Plan{}
		var runs []pipeline.IndexRun
		var want []item[uint64]
		first := uint64(0)
		for n := range rapid.IntRange(1, 4).Draw(t, "runs") {
			documents := uint64(r.IntN(500) * r.IntN(2))
			var entries []item[uint64]
			for d := range documents {
				for range r.IntN(4) * (1 + r.IntN(2)*r.IntN(20)) {
					entries = append(entries, item[uint64]{r.Uint64() << (8 * r.IntN(8)), d})
				}
			}
			slices.SortStableFunc(entries, func(a, b item[uint64]) int { return cmp.Compare(a.key, b.key) })
			run := pipeline.IndexRun{Versions: []int{n + 1}}
			partitions := 1 + r.IntN(5)
			for p := range partitions {
				var file bytes.Buffer
				w := newIndexKeysWriter(&file)
				for _, e := range entries {
					if partitionOf(e.key, partitions) == p {
						w.add(e.key, e.value)
					}
				}
				if err := w.finish(p, partitions); err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprint("keys-", n, "-", p)
				store.files[name] = file.Bytes()
				run.Keys = append(run.Keys, name)
			}
			for _, e := range entries {
				want = append(want, item[uint64]{e.key, e.value + first})
			}
			first += documents
			plan.History = append(plan.History, pipeline.IndexVersion{Version: n + 1, Documents: int64(documents)})
			runs = append(runs, run)
		}
		slices.SortStableFunc(want, func(a, b item[uint64]) int { return cmp.Compare(a.key, b.key) })
		var got []item[uint64]
		partitions := rapid.IntRange(1, 7).Draw(t, "partitions")
		for p := range partitions {
			sources, err := runSources(newHandles(t.Context(), store), plan, runs, p, partitions)
			if err != nil {
				t.Fatal(err)
			}
			m := newMerge(sources)
			for m.next() {
				if partitionOf(m.key, partitions) != p {
					t.Fatalf("key %x is not of partition %d", m.key, p)
				}
				got = append(got, m.item)
			}
			if m.err != nil {
				t.Fatal(m.err)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d entries, want %d", len(got), len(want))
		}
	})
}

// Whatever is asked for, what is skipped is all that is less.
func TestFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.Uint64Range(0, 50), 0, 70).Draw(t, "keys")
		key := rapid.Uint64Range(0, 51).Draw(t, "key")
		slices.Sort(keys)
		var items []item[uint64]
		want := 0
		for i, k := range keys {
			items = append(items, item[uint64]{k, uint64(i)})
			if k < key {
				want++
			}
		}
		if got := len(items) - len(from(items, key)); got != want {
			t.Errorf("%v: from %d skips %d items, not %d", keys, key, got, want)
		}
	})
}
