package dedupe

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// The decoders check sums first, so the targets mend the sums of what they are given: else nothing would get past them.

func object(data []byte) pipeline.Object { return memoryObject{bytes.NewReader(data)} }

// storeOf is a store with one file.
func storeOf(name string, data []byte) *memoryStore {
	return &memoryStore{files: map[string][]byte{name: data}}
}

// sample makes the files of one small run.
func sample(t tester, cfg Config) outcome {
	r := rand.New(rand.NewPCG(30, 31))
	c := newCorpus(cfg)
	a := chinese(r, 30)
	c.run(t, 1, []string{a})
	return c.run(t, 1, []string{a + "。", "春", "春"})
}

// Edges of any kind in sorted runs of a file that is sound, for package sorted has targets of its own for others.
func FuzzEdges(f *testing.F) {
	name := ingest.EdgesName(0)
	work := sample(f, Default()).job.Work.(*memoryStore)
	_, runs, err := sorted.NewRuns(sorted.NewHandles(f.Context(), work), edgesKind).Open(name, 0)
	if err != nil || len(runs) == 0 {
		f.Fatal(err)
	}
	for _, r := range runs {
		data, err := r.Next()
		if err != nil || len(data) == 0 {
			f.Fatal(err)
		}
		f.Add(data, uint16(2))
	}
	f.Add([]byte{}, uint16(0))
	f.Add(bytes.Repeat([]byte{0xFF}, 3*edgesKind.Width), uint16(300))
	f.Fuzz(func(t *testing.T, data []byte, most uint16) {
		var file bytes.Buffer
		w := sorted.NewWriter(&file, edgesKind, 1)
		for len(data) >= edgesKind.Width {
			w.Start()
			for n := 0; n <= int(most) && len(data) >= edgesKind.Width; n++ {
				copy(w.Add(0), data)
				data = data[edgesKind.Width:]
			}
			w.End()
		}
		if err := w.Finish(20); err != nil {
			t.Fatal(err)
		}
		files := sorted.NewHandles(t.Context(), storeOf(name, file.Bytes()))
		sources, err := edgeSources(files, &ingest.Plan{Version: 2, Partitions: 1}, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			for {
				items, err := source.Fill(nil)
				if err != nil || len(items) == 0 {
					break
				}
				for _, it := range items {
					if it.Key >= 20 || it.Value.version == 2 && it.Value.number >= it.Key {
						t.Fatalf("edge %+v", it.Value)
					}
				}
			}
		}
		if err := files.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzSketches(f *testing.F) {
	f.Add(sample(f, Default()).job.Work.(*memoryStore).files[ingest.SketchesName(0)], int64(3))
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

func FuzzSignatures(f *testing.F) {
	out := sample(f, Default())
	f.Add(out.job.Corpus.(*memoryStore).files[out.entries[2].Outputs[1].Name])
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
		plan := &ingest.Plan{Version: 2, History: []ingest.IndexVersion{{Version: 1, Signatures: []string{"s"}}}}
		r := newRecords(plan, nil, sorted.NewHandles(t.Context(), storeOf("s", file)), []int64{0}, nil)
		for _, number := range []uint64{0, s.first, s.first + s.count - 1, s.first + s.count, 1 << 60} {
			if rec, err := r.get(ref{number, 1}); err == nil && (!rec.sealed() || number < s.first || number-s.first >= s.count) {
				t.Fatalf("record %d of %d from %d", number, s.count, s.first)
			}
		}
	})
}

func FuzzCompared(f *testing.F) {
	f.Add(comparedSample(f))
	f.Add([]byte(comparedMagic + comparedMagic + comparedMagic + comparedMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := bytes.Clone(data)
		files := sorted.NewHandles(t.Context(), storeOf("c", file))
		c, err := openCompared(files, "c")
		if err != nil {
			return
		}
		sum := len(file) - comparedTail + 8
		binary.LittleEndian.PutUint64(file[sum:], xxh3.Hash(file[c.table:sum]))
		documents := []ref{{0, 1}, {5, 1}, {5, 2}, {6, 2}, {1 << 60, 3}}
		lies := make([]comparedPlace, len(documents))
		if c.find(documents, 1, lies) != nil {
			return
		}
		var page comparedPage
		for _, at := range lies {
			if at.file == 0 {
				continue
			}
			for _, size := range []int{0, 15, 1 << 20} {
				if text, err := c.text(&page, at, size, nil); err == nil && len(text) != size {
					t.Fatalf("%d bytes for %d", len(text), size)
				}
			}
		}
	})
}

// comparedSample is a small file of compared texts.
func comparedSample(t tester) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := newComparedWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []ref{{5, 1}, {0, 2}, {6, 2}} {
		if err := w.add(d, []byte("一二三四五")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.finish(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
