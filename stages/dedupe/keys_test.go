package dedupe

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Several blocks a run, more splits than files may be open, and records over several blocks.
func TestManySplitsAndBlocks(t *testing.T) {
	c := newCorpus(Default())
	splits := make([][]string, sorted.MaxOpen+20)
	seen := map[string]bool{}
	var want []bool
	r := rand.New(rand.NewPCG(46, 47))
	for s := range splits {
		n := 60
		if s == 3 {
			n = 2*sketchRows + 17
		}
		for range n {
			d := fmt.Sprint("第", r.IntN(9000), "号")
			splits[s] = append(splits[s], d)
			want = append(want, !seen[d])
			seen[d] = true
		}
	}
	for range 2 { // and once more, against the index
		out := c.run(t, 3, splits...)
		if d := gocmp.Diff(want, out.kept); d != "" {
			t.Fatal(d)
		}
		checkOutcome(t, out, flat(splits))
		clear(want)
	}
}

// The cut into runs changes the file, but not what is read from it.
func TestRunsHoldAllKeysInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(48, 49))
	var b columnar.Batch
	for range 300 {
		b.File, b.Offset = append(b.File, 0), append(b.Offset, 0)
		b.Text.Append([]byte(chinese(r, 10+r.IntN(40))))
	}
	if _, err := NewSign(Default()).Process(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	const partitions = 3
	read := func(most int) (all []sorted.Item[uint64]) {
		var file bytes.Buffer
		w := newKeysWriter(&file, Default(), partitions)
		defer w.close()
		w.most = most
		if err := w.batch(&b.Sketch); err != nil {
			t.Fatal(err)
		}
		if err := w.finish(); err != nil {
			t.Fatal(err)
		}
		store := storeOf(ingest.KeysName(0), file.Bytes())
		for p := range partitions {
			files := sorted.NewHandles(t.Context(), store)
			sources, err := openKeys(files, &ingest.Plan{Partitions: partitions}, []int64{0, 300}, p)
			if err != nil {
				t.Fatal(err)
			}
			if most < mostKeys && len(sources) < 10 {
				t.Fatalf("only %d runs", len(sources))
			}
			m := sorted.NewMerge(sources)
			for m.Next() {
				all = append(all, m.Item)
			}
			if m.Err() != nil {
				t.Fatal(m.Err())
			}
		}
		return all
	}
	one := read(mostKeys)
	if !slices.IsSortedFunc(one, func(a, b sorted.Item[uint64]) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	}) {
		t.Error("keys are not in order")
	}
	want := len(b.Sketch.Exact) + len(b.Sketch.Bands)
	for _, k := range b.Sketch.Key {
		if k != noKey {
			want++
		}
	}
	if len(one) != want {
		t.Errorf("%d keys, want %d", len(one), want)
	}
	if !slices.Equal(one, read(500)) {
		t.Error("other keys with shorter runs")
	}
}

// Edges in several runs: sorted by the later document, and none lost.
func TestEdgesInRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(50, 51))
	var file bytes.Buffer
	w := newEdgesWriter(&file)
	w.most = 100
	want := map[edge]bool{}
	for range 950 {
		later := 1 + r.Uint64N(50)
		e := edge{later: later, number: r.Uint64N(later), version: 2, score: uint16(200 + r.IntN(2)), kind: ingest.KindNear}
		want[e] = true
		if err := w.add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	files := sorted.NewHandles(t.Context(), storeOf(ingest.EdgesName(0), file.Bytes()))
	sources, err := edgeSources(files, &ingest.Plan{Version: 2, Partitions: 1}, 51)
	if err != nil || len(sources) != 10 {
		t.Fatalf("%d runs, %v", len(sources), err)
	}
	got := map[edge]bool{}
	last := uint64(0)
	m := sorted.NewMerge(sources)
	for m.Next() {
		if m.Key < last {
			t.Fatalf("document %d after %d", m.Key, last)
		}
		last = m.Key
		got[m.Value] = true
	}
	if d := gocmp.Diff(len(want), len(got)); d != "" || m.Err() != nil {
		t.Errorf("edges: %v %s", m.Err(), d)
	}
}

// What is sorted in memory has a bound.
func TestRunsAreBounded(t *testing.T) {
	runs := func(file *bytes.Buffer, kind sorted.Kind) int {
		f, err := sorted.Open(object(file.Bytes()), "f", kind)
		if err != nil {
			t.Fatal(err)
		}
		return f.Runs
	}
	var file bytes.Buffer
	edges := newEdgesWriter(&file)
	for i := range uint64(mostEdges + 1) {
		if err := edges.add(edge{later: i + 1, number: i, kind: ingest.KindNear}); err != nil {
			t.Fatal(err)
		}
	}
	if err := edges.finish(); err != nil || runs(&file, edgesKind) != 2 {
		t.Errorf("%d edges: %d runs, %v", edges.total, runs(&file, edgesKind), err)
	}

	file.Reset()
	keys := newKeysWriter(&file, Default(), 1)
	defer keys.close()
	r := rand.New(rand.NewPCG(52, 53))
	documents := mostKeys/Default().KeysOfDocument() + 1
	s := columnar.Sketch{Exact: make([][16]byte, documents), Key: make([][16]byte, documents)}
	for i := range documents {
		s.Key[i][0] = 1
		s.Shingles = append(s.Shingles, 20)
		for range keys.bands {
			s.Bands = append(s.Bands, r.Uint64())
		}
	}
	if err := keys.batch(&s); err != nil {
		t.Fatal(err)
	}
	if err := keys.finish(); err != nil || runs(&file, keysKind) != 2 {
		t.Errorf("%d keys: %d runs, %v", keys.total, runs(&file, keysKind), err)
	}
}
