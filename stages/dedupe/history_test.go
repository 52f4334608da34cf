package dedupe

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/xxh3"
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

// A key file from before there were filters is read as well.
func TestOldKeys(t *testing.T) {
	var file bytes.Buffer
	w := newIndexKeysWriter(&file)
	const entries = 3*blockRecords + 7
	for i := range uint64(entries) {
		w.add(i<<40, i)
	}
	if err := w.finish(0, 1); err != nil {
		t.Fatal(err)
	}
	// The blocks are one group: without its filters, which lie behind it, the file is an old one.
	const filters = 4 * filterBytes
	data := file.Bytes()
	at := binary.LittleEndian.Uint64(data[len(data)-indexKeysTail:])
	old := slices.Concat(data[:at-filters], data[at:])
	tail := old[len(old)-indexKeysTail:]
	binary.LittleEndian.PutUint64(tail, at-filters)
	binary.LittleEndian.PutUint64(tail[24:], xxh3.Hash(old[at-filters:len(old)-16]))
	copy(tail[32:], oldIndexKeysMagic)

	store := newMemoryStore()
	store.files["keys"] = old
	plan := &pipeline.Plan{History: []pipeline.IndexVersion{{Version: 1, Documents: entries}}}
	run := pipeline.IndexRun{Versions: []int{1}, Made: 1, Keys: []string{"keys"}}
	h, err := newHistory(newHandles(t.Context(), store), plan, run)
	if err != nil {
		t.Fatal(err)
	}
	var keys []uint64
	var want []hit
	for i := range uint64(entries) {
		keys = append(keys, i<<40, i<<40+1)
		want = append(want, hit{i << 40, ref{i, 1}})
	}
	if got, err := h.find(keys, 2, nil); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d documents of %d, %v", len(got), len(want), err)
	}
	sources, err := runSources(newHandles(t.Context(), store), plan, []pipeline.IndexRun{run}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	m := newMerge(sources)
	for m.next() {
		n++
	}
	if m.err != nil || n != entries {
		t.Errorf("merged %d entries of %d, %v", n, entries, m.err)
	}
}

// The first block that may hold a key is found from any block before it.
func TestFindBlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		firsts := rapid.SliceOfN(rapid.Uint64Range(0, 50), 1, 70).Draw(t, "firsts")
		key := rapid.Uint64Range(0, 51).Draw(t, "key")
		slices.Sort(firsts)
		f := &indexKeysFile{}
		want := 0
		for i, k := range firsts {
			f.blocks = append(f.blocks, sparseEntry{first: k})
			if k < key {
				want = i
			}
		}
		from := rapid.IntRange(0, want).Draw(t, "from")
		if got := f.find(from, key); got != want {
			t.Errorf("%v: key %d is looked for in block %d from %d on, want %d", firsts, key, got, from, want)
		}
	})
}

// A filter lets every key of its block pass, and few others.
func TestFilter(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 25))
	var file bytes.Buffer
	w := newIndexKeysWriter(&file)
	keys := make([]uint64, 100*blockRecords)
	for i := range keys {
		keys[i] = r.Uint64()
	}
	slices.Sort(keys)
	for i, k := range keys {
		w.add(k, uint64(i))
	}
	if err := w.finish(0, 1); err != nil {
		t.Fatal(err)
	}
	f, err := openIndexKeys(object(file.Bytes()), "k")
	if err != nil {
		t.Fatal(err)
	}
	files := newHandles(t.Context(), storeOf("k", file.Bytes()))
	const others = 1000
	passed := 0
	for i := range f.blocks {
		filter, err := f.readFilters(files, i, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		passes := func(key uint64) bool {
			word, bits := filterBits(key)
			return binary.LittleEndian.Uint64(filter[8*word:])&bits == bits
		}
		for _, k := range keys[i*blockRecords : (i+1)*blockRecords] {
			if !passes(k) {
				t.Fatalf("key %x of block %d does not pass", k, i)
			}
		}
		for range others {
			if passes(r.Uint64()) {
				passed++
			}
		}
	}
	if share := float64(passed) / float64(others*len(f.blocks)); share > 0.007 {
		t.Errorf("%.4f of other keys pass", share)
	}
}
