package sorted

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"
)

// Any ascending keys find what a map finds, in an index of any number of files, with keys that fill blocks on their own.
func TestLookupFinds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		partitions := rapid.IntRange(1, 4).Draw(r, "partitions")
		var entries []Item[uint64]
		for len(entries) < 3000 {
			key := random.Uint64() >> (8 * random.IntN(8)) // dense at the lower end
			for range 1 + random.IntN(2)*random.IntN(2)*random.IntN(700) {
				entries = append(entries, Item[uint64]{key, uint64(len(entries))})
			}
		}
		entries = sortedByKey(entries)
		byKeys := map[uint64][]Item[uint64]{}
		var asked []uint64
		every := rapid.IntRange(1, 900).Draw(r, "every")
		for _, e := range entries {
			byKeys[e.Key] = append(byKeys[e.Key], e)
			if random.IntN(every) == 0 {
				asked = append(asked, e.Key, e.Key+1, random.Uint64())
			}
		}
		files := map[string][]byte{}
		names := indexFiles(r, files, "keys", partitions, entries)
		l := NewLookup(handlesOf(t, files), names)
		slices.Sort(asked)
		asked = slices.Compact(asked)
		most := rapid.IntRange(1, 1000).Draw(r, "most")
		var got, want []Item[uint64]
		for some := range slices.Chunk(asked, rapid.IntRange(1, 100).Draw(r, "at once")) {
			var err error
			if got, err = l.Find(some, most, got); err != nil {
				r.Fatal(err)
			}
		}
		for _, key := range asked {
			want = append(want, byKeys[key][:min(most, len(byKeys[key]))]...)
		}
		if !slices.Equal(got, want) {
			r.Fatalf("%d entries, want %d", len(got), len(want))
		}
	})
}

func TestLookupWithoutFiles(t *testing.T) {
	if found, err := NewLookup(nil, nil).Find([]uint64{1, 2}, 1, nil); len(found) != 0 || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// A merge of indexes, into any number of partitions and files, holds what they held, in order.
func TestRangesMerge(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		files := map[string][]byte{}
		type index struct {
			names          []string
			first, numbers uint64
		}
		var indexes []index
		var want []Item[uint64]
		first := uint64(0)
		for n := range rapid.IntRange(1, 4).Draw(r, "indexes") {
			numbers := uint64(random.IntN(500) * random.IntN(2))
			var entries []Item[uint64]
			for number := range numbers {
				for range random.IntN(4) * (1 + random.IntN(2)*random.IntN(20)) {
					entries = append(entries, Item[uint64]{random.Uint64() << (8 * random.IntN(8)), number})
				}
			}
			entries = sortedByKey(entries)
			indexes = append(indexes, index{indexFiles(r, files, fmt.Sprint("keys-", n), 1+random.IntN(5), entries), first, numbers})
			for _, e := range entries {
				want = append(want, Item[uint64]{e.Key, e.Value + first})
			}
			first += numbers
		}
		handles := handlesOf(t, files)
		var got []Item[uint64]
		partitions := rapid.IntRange(1, 7).Draw(r, "partitions")
		for p := range partitions {
			var sources []Source[uint64]
			for _, x := range indexes {
				sources = append(sources, NewRange(handles, x.names, p, partitions, x.first, x.numbers))
			}
			for _, i := range all(r, NewMerge(sources)) {
				if Partition(i.Key, partitions) != p {
					r.Fatalf("key %x is not of partition %d", i.Key, p)
				}
				got = append(got, i)
			}
		}
		if want = sortedByKey(want); !slices.Equal(got, want) {
			r.Fatalf("%d entries, want %d", len(got), len(want))
		}
	})
}

// A file from before there were filters is read as well.
func TestOldIndex(t *testing.T) {
	var file bytes.Buffer
	w := NewIndexWriter(&file)
	const entries = 3*blockRecords + 7
	for i := range uint64(entries) {
		w.Add(i<<40, i)
	}
	if err := w.Finish(0, 1); err != nil || w.Entries() != entries {
		t.Fatal(err)
	}
	// The blocks are one group: without its filters, which lie behind it, the file is an old one.
	const filters = 4 * filterBytes
	data := file.Bytes()
	at := binary.LittleEndian.Uint64(data[len(data)-indexTail:])
	old := slices.Concat(data[:at-filters], data[at:])
	tail := old[len(old)-indexTail:]
	binary.LittleEndian.PutUint64(tail, at-filters)
	binary.LittleEndian.PutUint64(tail[24:], xxh3.Hash(old[at-filters:len(old)-16]))
	copy(tail[32:], oldIndexMagic)

	handles := handlesOf(t, map[string][]byte{"keys": old})
	var keys []uint64
	var want []Item[uint64]
	for i := range uint64(entries) {
		keys = append(keys, i<<40, i<<40+1)
		want = append(want, Item[uint64]{i << 40, i})
	}
	if got, err := NewLookup(handles, []string{"keys"}).Find(keys, 2, nil); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d entries of %d, %v", len(got), len(want), err)
	}
	if got := all(t, NewMerge([]Source[uint64]{NewRange(handles, []string{"keys"}, 0, 1, 0, entries)})); !slices.Equal(got, want) {
		t.Errorf("merged %d entries of %d", len(got), entries)
	}
}

// The first block that may hold a key is found from any block before it.
func TestFindBlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		firsts := rapid.SliceOfN(rapid.Uint64Range(0, 50), 1, 70).Draw(t, "firsts")
		key := rapid.Uint64Range(0, 51).Draw(t, "key")
		slices.Sort(firsts)
		f := &indexFile{}
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
	w := NewIndexWriter(&file)
	keys := make([]uint64, 100*blockRecords)
	for i := range keys {
		keys[i] = r.Uint64()
	}
	slices.Sort(keys)
	for i, k := range keys {
		w.Add(k, uint64(i))
	}
	if err := w.Finish(0, 1); err != nil {
		t.Fatal(err)
	}
	f, err := openIndex(objectOf(file.Bytes()), "k")
	if err != nil {
		t.Fatal(err)
	}
	files := handlesOf(t, map[string][]byte{"k": file.Bytes()})
	const others = 1000
	passed := 0
	for i := range f.blocks {
		filter, err := f.readFilters(files, i, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		passes := func(key uint64) bool {
			word, bits := filterBits(key)
			return passes(filter, word, bits)
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
