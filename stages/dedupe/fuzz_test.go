package dedupe

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
)

// The decoders check sums first, so the targets mend the sums of what they are given: else nothing would get past them.

func object(data []byte) pipeline.Object { return memoryObject{bytes.NewReader(data)} }

// storeOf is a store with one file.
func storeOf(name string, data []byte) *memoryStore {
	return &memoryStore{files: map[string][]byte{name: data}}
}

// runsOf mends a runs file: data is everything before the tail.
func runsOf(kind runsKind, data []byte, partitions, runs uint32, index, rows uint64) []byte {
	tail := binary.LittleEndian.AppendUint32(nil, partitions)
	tail = binary.LittleEndian.AppendUint32(tail, runs)
	tail = binary.LittleEndian.AppendUint64(tail, index)
	tail = binary.LittleEndian.AppendUint64(tail, rows)
	tail = binary.LittleEndian.AppendUint64(tail, xxh3.Hash(tail))
	return append(append(bytes.Clone(data), tail...), kind.magic...)
}

// sample makes the files of one small run.
func sample(t tester, cfg Config) outcome {
	r := rand.New(rand.NewPCG(30, 31))
	c := newCorpus(cfg)
	a := chinese(r, 30)
	c.run(t, 1, []string{a})
	return c.run(t, 1, []string{a + "。", "春", "春"})
}

func fuzzRuns(f *testing.F, kind runsKind, name string, read func(t *testing.T, files *handles, segments []segment)) {
	cfg := Default()
	cfg.Winner = WinnerLongest
	data := sample(f, cfg).files.Work.(*memoryStore).files[name]
	tail := data[len(data)-runsTail:]
	f.Add(data[:len(data)-runsTail], binary.LittleEndian.Uint32(tail), binary.LittleEndian.Uint32(tail[4:]),
		binary.LittleEndian.Uint64(tail[8:]), binary.LittleEndian.Uint64(tail[16:]))
	f.Add([]byte{}, uint32(1), uint32(0), uint64(8), uint64(0))
	f.Add([]byte("MRKEYS_1"), uint32(1), uint32(1<<31), ^uint64(0), ^uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, partitions, runs uint32, index, rows uint64) {
		file := runsOf(kind, data, partitions, runs, index, rows)
		if index <= uint64(len(data)) && len(data)-int(index) >= 8 { // one partition: mend its row
			row := file[index : len(data)-8]
			binary.LittleEndian.PutUint64(file[len(data)-8:], xxh3.HashSeed(row, 0))
		}
		r, err := openRuns(object(file), name, kind)
		if err != nil {
			return
		}
		segments, err := r.segments(object(file), 0)
		if err != nil {
			return
		}
		files := newHandles(t.Context(), storeOf(name, file))
		read(t, files, segments)
		if err := files.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzKeys(f *testing.F) {
	fuzzRuns(f, keysKind, pipeline.KeysName(0), func(t *testing.T, files *handles, segments []segment) {
		var sources []source[uint64]
		for _, s := range segments {
			sources = append(sources, &keySource{
				blocks: blockReader{files: files, name: pipeline.KeysName(0), kind: keysKind, rest: s, ahead: 2}, base: 7, rows: 20,
			})
		}
		for m := newMerge(sources); m.next(); {
			if m.value < 7 || m.value >= 27 {
				t.Fatalf("document %d", m.value)
			}
		}
	})
}

func FuzzEdges(f *testing.F) {
	fuzzRuns(f, edgesKind, pipeline.EdgesName(0), func(t *testing.T, files *handles, segments []segment) {
		for _, s := range segments {
			source := &edgeSource{
				blocks:    blockReader{files: files, name: pipeline.EdgesName(0), kind: edgesKind, rest: s, ahead: 1},
				documents: 20, version: 2,
			}
			for {
				items, err := source.fill(nil)
				if err != nil || len(items) == 0 {
					break
				}
				for _, it := range items {
					if it.key >= 20 || it.value.version == 2 && it.value.number >= it.key {
						t.Fatalf("edge %+v", it.value)
					}
				}
			}
		}
	})
}

func FuzzRanks(f *testing.F) {
	fuzzRuns(f, ranksKind(false), pipeline.RanksName(0), func(t *testing.T, files *handles, segments []segment) {
		for _, s := range segments {
			run := &rankRun{
				blocks: blockReader{files: files, name: pipeline.RanksName(0), kind: ranksKind(false), rest: s, ahead: 2}, base: 7, rows: 20,
			}
			for more, err := run.next(); more; more, err = run.next() {
				if err != nil || run.document < 7 || run.document >= 27 || len(run.rank) != 8 {
					t.Fatalf("document %d of rank %x, %v", run.document, run.rank, err)
				}
			}
		}
	})
}

func FuzzFieldRank(f *testing.F) {
	for _, meta := range dates {
		f.Add([]byte(meta))
	}
	cfg := Default()
	cfg.Winner = WinnerField + "date"
	f.Fuzz(func(t *testing.T, meta []byte) {
		r := newRanker(cfg, nil)
		a := bytes.Clone(r.appendField(nil, meta))
		if b := r.appendField(nil, meta); !bytes.Equal(a, b) {
			t.Fatalf("%x, then %x", a, b)
		}
		if len(a) > 0 && (a[0] < rankString || a[0] > rankPositive) {
			t.Fatalf("the rank is %x", a)
		}
	})
}

func FuzzSketches(f *testing.F) {
	f.Add(sample(f, Default()).files.Work.(*memoryStore).files[pipeline.SketchesName(0)], int64(3))
	f.Add([]byte{}, int64(0))
	f.Add([]byte{}, int64(-1))
	f.Fuzz(func(t *testing.T, data []byte, rows int64) {
		s, err := openSketches(object(data), "s", rows)
		if err != nil {
			return
		}
		n := int64(0)
		if err := s.scanLengths(func(l []uint32) error { n += int64(len(l)); return nil }); err == nil && n != rows {
			t.Fatalf("%d of %d lengths", n, rows)
		}
		n = 0
		err = s.scanRecords(func(int64) bool { return true }, func(r *record) error {
			if !r.sealed() {
				t.Fatal("broken record")
			}
			n++
			return nil
		})
		if err == nil && n != rows {
			t.Fatalf("%d of %d records", n, rows)
		}
	})
}

func FuzzIndexKeys(f *testing.F) {
	out := sample(f, Default())
	name := out.entries[2].Outputs[0].Name
	file := out.files.Corpus.(*memoryStore).files[name]
	f.Add(file[:len(file)-16], false)
	f.Add([]byte(indexKeysMagic), true)
	f.Fuzz(func(t *testing.T, data []byte, block bool) {
		if block { // the decoder of one block alone
			for records := range min(blockRecords, len(data)) + 1 {
				items, err := decodeIndexBlock(nil, data, 1<<63, records)
				if err == nil && len(items) != records {
					t.Fatalf("%d of %d entries", len(items), records)
				}
			}
			return
		}
		// The file but for the last sum, which covers everything from the index on.
		file := bytes.Clone(data)
		at := uint64(0)
		if len(data) >= 24 {
			at = min(binary.LittleEndian.Uint64(data[len(data)-24:]), uint64(len(data)))
		}
		file = binary.LittleEndian.AppendUint64(file, xxh3.Hash(data[at:]))
		file = append(file, indexKeysMagic...)
		k, err := openIndexKeys(object(file), "k")
		if err != nil {
			return
		}
		files := newHandles(t.Context(), storeOf("k", file))
		n, bad := 0, false
		for i := range k.blocks {
			items, _, err := k.read(files, i, 1, nil, nil)
			n += len(items)
			bad = bad || err != nil
			if k.filter == 0 {
				continue
			}
			if f, err := k.readFilters(files, i, 1, nil); err == nil && len(f) != filterBytes {
				t.Fatalf("a filter of %d bytes", len(f))
			}
		}
		if !bad && int64(n) != k.entries {
			t.Fatalf("%d of %d entries", n, k.entries)
		}
	})
}

func FuzzSignatures(f *testing.F) {
	out := sample(f, Default())
	f.Add(out.files.Corpus.(*memoryStore).files[out.entries[2].Outputs[1].Name])
	f.Add([]byte(signaturesMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := bytes.Clone(data)
		if len(file) >= signaturesHead {
			binary.LittleEndian.PutUint64(file[24:], xxh3.Hash(file[:24]))
		}
		s, err := openSignatures(object(file), "s")
		if err != nil {
			return
		}
		plan := &pipeline.Plan{Version: 2, History: []pipeline.IndexVersion{{Version: 1, Signatures: []string{"s"}}}}
		r := newRecords(plan, nil, newHandles(t.Context(), storeOf("s", file)), []int64{0}, nil)
		for _, number := range []uint64{0, s.first, s.first + s.count - 1, s.first + s.count, 1 << 60} {
			if rec, err := r.get(ref{number, 1}); err == nil && (!rec.sealed() || number < s.first || number-s.first >= s.count) {
				t.Fatalf("record %d of %d from %d", number, s.count, s.first)
			}
		}
	})
}
