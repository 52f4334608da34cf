package dedupe

import (
	"bytes"
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
		version := pipeline.IndexVersion{Version: 3}
		for p := range partitions {
			var file bytes.Buffer
			w := newIndexKeysWriter(&file)
			for _, e := range entries {
				if partitionOf(e.key, partitions) == p {
					w.add(e.key, e.value)
					want[e.key] = append(want[e.key], ref{e.value, 3})
				}
			}
			if err := w.finish(p, partitions); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprint("keys-", p)
			store.files[name] = file.Bytes()
			version.Keys = append(version.Keys, name)
		}

		var asked []uint64
		every := rapid.IntRange(1, 900).Draw(t, "every")
		for _, e := range entries {
			if r.IntN(every) == 0 {
				asked = append(asked, e.key, e.key+1, r.Uint64())
			}
		}
		slices.Sort(asked)
		h := newHistory(newHandles(t.Context(), store), version)
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
