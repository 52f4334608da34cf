package sorted

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/xxh3"
)

// The decoders check sums first, so the targets mend the sums of what they are given: else nothing would get past them.

// runsOf mends a runs file: data is everything before the tail.
func runsOf(data []byte, partitions, runs uint32, index, rows uint64) []byte {
	tail := binary.LittleEndian.AppendUint32(nil, partitions)
	tail = binary.LittleEndian.AppendUint32(tail, runs)
	tail = binary.LittleEndian.AppendUint64(tail, index)
	tail = binary.LittleEndian.AppendUint64(tail, rows)
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	file := append(append(bytes.Clone(data), tail...), testKind.Magic...)
	if index <= uint64(len(data)) && len(data)-int(index) >= 8 { // one partition: mend its row
		row := file[index : len(data)-8]
		binary.LittleEndian.PutUint64(file[len(data)-8:], xxh3.HashSeed(row, 0))
	}
	return file
}

// fuzzEntries are entries of a few blocks, with equal keys among them.
func fuzzEntries() (entries []Item[uint64]) {
	r := rand.New(rand.NewPCG(30, 31))
	for i := range uint64(2*blockRecords + 9) {
		entries = append(entries, Item[uint64]{r.Uint64() >> (8 * (i % 8)), i})
	}
	slices.SortFunc(entries, byKey)
	return append(entries, entries[len(entries)-1])
}

func FuzzRuns(f *testing.F) {
	var run []Item[uint32]
	for _, e := range fuzzEntries() {
		run = append(run, Item[uint32]{e.Key, uint32(e.Value) % 20})
	}
	for _, data := range [][]byte{runsFile(f, 1, run[:5], run[:3]), runsFile(f, 1, run)} {
		tail := data[len(data)-runsTail:]
		f.Add(data[:len(data)-runsTail], binary.LittleEndian.Uint32(tail), binary.LittleEndian.Uint32(tail[4:]),
			binary.LittleEndian.Uint64(tail[8:]), binary.LittleEndian.Uint64(tail[16:]))
	}
	f.Add([]byte{}, uint32(1), uint32(0), uint64(8), uint64(0))
	f.Add([]byte(testKind.Magic), uint32(1), uint32(1<<31), ^uint64(0), ^uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, partitions, runs uint32, index, rows uint64) {
		file := runsOf(data, partitions, runs, index, rows)
		_, list, err := NewRuns(handlesOf(t, map[string][]byte{"f": file}), testKind).Open("f", 0)
		if err != nil {
			return
		}
		var sources []Source[uint64]
		for _, r := range list {
			sources = append(sources, r.Keys(7, 20))
		}
		n := 0
		for m := NewMerge(sources); m.Next(); n++ {
			if m.Value < 7 || m.Value >= 27 {
				t.Fatalf("number %d", m.Value)
			}
		}
		if n > len(list)*len(file)/keyWidth {
			t.Fatalf("%d items in %d bytes", n, len(file))
		}
	})
}

// indexOf mends a file of an index, data being all but its last sum and the magic. With blocks, the sums of blocks and filters
// are mended too.
func indexOf(data []byte, blocks bool) []byte {
	file := bytes.Clone(data)
	at := uint64(0)
	if len(data) >= 24 {
		at = min(binary.LittleEndian.Uint64(data[len(data)-24:]), uint64(len(data)))
	}
	seal := func() []byte {
		return append(binary.LittleEndian.AppendUint64(file[:len(data):len(data)], xxh3.Hash(file[at:])), indexMagic...)
	}
	sealed := seal()
	k, err := openIndex(objectOf(sealed), "k")
	if err != nil || !blocks {
		return sealed
	}
	for i, b := range k.blocks {
		sum := xxh3.HashSeed(file[b.offset:k.blockEnd(i)], uint64(b.offset))
		binary.LittleEndian.PutUint64(file[int(at)+i*sparseBytes+16:], sum)
		filter := file[k.filterAt(i):][:filterBytes]
		binary.LittleEndian.PutUint64(filter[8*filterWords:], xxh3.HashSeed(filter[:8*filterWords], uint64(k.filterAt(i))))
	}
	return seal()
}

func FuzzIndex(f *testing.F) {
	files := map[string][]byte{}
	indexFiles(f, files, "few", 1, fuzzEntries()[:9])
	indexFiles(f, files, "many", 1, fuzzEntries())
	for _, blocks := range []bool{false, true} {
		for _, file := range files {
			f.Add(file[:len(file)-16], blocks, uint64(1<<40), uint64(3))
		}
		f.Add([]byte(indexMagic), blocks, uint64(0), uint64(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, blocks bool, key, step uint64) {
		file := indexOf(data, blocks)
		k, err := openIndex(objectOf(file), "k")
		if err != nil {
			return
		}
		handles := handlesOf(t, map[string][]byte{"k": file})
		n, bad := 0, false
		for i := range k.blocks {
			items, _, err := k.read(handles, i, 1, nil, nil)
			n += len(items)
			bad = bad || err != nil
			if k.filter == 0 {
				continue
			}
			if f, err := k.readFilters(handles, i, 1, nil); err == nil && len(f) != filterBytes {
				t.Fatalf("a filter of %d bytes", len(f))
			}
		}
		if !bad && int64(n) != k.entries {
			t.Fatalf("%d of %d entries", n, k.entries)
		}

		// The readers that others use: they find what they are asked for, or nothing, or say that the file is damaged.
		var keys []uint64
		for range 20 {
			keys = append(keys, key)
			if key > math.MaxUint64-step {
				break
			}
			key += step
		}
		found, err := NewLookup(handles, []string{"k"}).Find(keys, 2, nil)
		for _, i := range found {
			if err == nil && !slices.Contains(keys, i.Key) {
				t.Fatalf("key %x was not asked for", i.Key)
			}
		}
		least, most := KeyRange(1, 3)
		for m := NewMerge([]Source[uint64]{NewRange(handles, []string{"k"}, 1, 3, 100, 300)}); m.Next(); {
			if m.Key < least || m.Key > most || m.Value < 100 || m.Value >= 400 {
				t.Fatalf("entry %+v", m.Item)
			}
		}
	})
}

func FuzzIndexBlock(f *testing.F) {
	f.Add(append([]byte{1, 1, 0, 5, 3, 6}, make([]byte, 8)...), uint64(1<<63))
	f.Add([]byte{8, 8}, uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, first uint64) {
		for records := range min(blockRecords, len(data)) + 1 {
			items, err := decodeIndexBlock(nil, data, first, records)
			if err != nil {
				continue
			}
			if len(items) != records || !slices.IsSortedFunc(items, byKey) || records > 0 && items[0].Key < first {
				t.Fatalf("%d of %d entries: %v", len(items), records, items)
			}
			for _, i := range append(items, Item[uint64]{Key: first + 1}, Item[uint64]{Key: 1<<64 - 1}) {
				want := slices.DeleteFunc(slices.Clone(items), func(o Item[uint64]) bool { return o.Key != i.Key })
				if got, err := searchIndexBlock(nil, data, first, records, i.Key); err != nil || !slices.Equal(got, want) {
					t.Fatalf("key %d: %v, %v, want %v", i.Key, got, err, want)
				}
			}
		}
	})
}
