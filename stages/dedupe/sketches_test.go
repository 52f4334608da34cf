package dedupe

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Blocks with and without signatures give the records back that were written, in order and anywhere.
func TestSketchBlocks(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: blocks of their full size, in one goroutine")
	}
	const last = 5
	signed := map[int]bool{sketchRows + 3: true, sketchRows + 4: true, 2*sketchRows - 1: true}
	var want []record
	var file bytes.Buffer
	w := newSketchesWriter(&file)
	for i := range 3*sketchRows + last {
		var r record
		if signed[i] {
			r.signature()[i%signatureBytes] = 1
		}
		binary.LittleEndian.PutUint64(r.exact()[:], uint64(i))
		r.setCounts(i, uint32(2*i))
		r.seal()
		want = append(want, r)
		w.add(&r)
	}
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	rows := int64(len(want))
	if size := sketchesHead + sketchesTail + 4*sketchEntry + rows*(shortBytes+4) + sketchRows*signatureBytes; int64(file.Len()) != size {
		t.Errorf("%d bytes, want %d", file.Len(), size)
	}

	name := ingest.SketchesName(0)
	files := sorted.NewHandles(t.Context(), storeOf(name, file.Bytes()))
	var lengths []uint32
	var got []record
	err := forSketches(files, 0, rows, func(s *sketchesFile) error {
		if err := s.scanLengths(func(l []uint32) error { lengths = append(lengths, l...); return nil }); err != nil {
			return err
		}
		return s.scanRecords(func(int64) bool { return true }, func(r *record) error { got = append(got, *r); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want, got); d != "" || len(lengths) != len(want) {
		t.Fatal(len(lengths), d)
	}
	records := newRecords(&ingest.Plan{Version: 1}, files, nil, []int64{0, rows}, nil)
	for _, i := range []int{0, 1, sketchRows - 1, sketchRows, sketchRows + 3, 2*sketchRows - 1, 2 * sketchRows, len(want) - 1} {
		r, err := records.get(ref{uint64(i), 1})
		if err != nil || *r != want[i] || lengths[i] != uint32(2*i) {
			t.Errorf("record %d: %v, %v", i, r, err)
		}
	}

	// However they are asked for: in order, some of them, or anywhere.
	random := rand.New(rand.NewPCG(26, 27))
	for range 40 {
		records := newRecords(&ingest.Plan{Version: 1}, files, nil, []int64{0, rows}, nil)
		step := 1 + random.IntN(1+random.IntN(30))
		for i := random.IntN(len(want)); i >= 0 && i < len(want); i += step - random.IntN(2)*random.IntN(3) {
			if random.IntN(100) == 0 {
				i = random.IntN(len(want))
			}
			if r, err := records.get(ref{uint64(i), 1}); err != nil || *r != want[i] {
				t.Fatalf("record %d: %v, %v", i, r, err)
			}
			if random.IntN(20000) == 0 {
				break
			}
		}
	}
}
