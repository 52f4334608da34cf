package order

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Records of any kind in sorted runs of a file that is sound, for package sorted has targets of its own for others.
func FuzzRanks(f *testing.F) {
	f.Add([]byte{}, uint16(0))
	f.Add(bytes.Repeat([]byte{0xFF}, 3*ranksKind(false).Width), uint16(300))
	f.Add(binary.BigEndian.AppendUint64([]byte{19, 0, 0, 0}, 7), uint16(2))
	f.Fuzz(func(t *testing.T, data []byte, most uint16) {
		kind := ranksKind(false)
		var file bytes.Buffer
		w := sorted.NewWriter(&file, kind, 1)
		for len(data) >= kind.Width {
			w.Start()
			for n := 0; n <= int(most) && len(data) >= kind.Width; n++ {
				copy(w.Add(0), data)
				data = data[kind.Width:]
			}
			w.End()
		}
		if err := w.Finish(20); err != nil {
			t.Fatal(err)
		}
		_, runs, err := sorted.NewRuns(handlesOf(t, "f", file.Bytes()), kind).Open("f", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			r := &ranks{run: run, base: 7, rows: 20}
			for more, err := r.next(); more; more, err = r.next() {
				if err != nil || r.document < 7 || r.document >= 27 || len(r.rank) != 8 {
					t.Fatalf("document %d of rank %x, %v", r.document, r.rank, err)
				}
			}
		}

		// As the ranks of a split, they are an order of its documents, or damaged.
		o, err := Read(Longest, handlesOf(t, ingest.RanksName(0), file.Bytes()), &ingest.Plan{}, []int64{0, 20})
		if err != nil {
			return
		}
		for document := range uint64(20) {
			if o.Document(o.Place(document)) != document {
				t.Fatalf("document %d is at place %d, where %d is", document, o.Place(document), o.Document(o.Place(document)))
			}
		}
	})
}

func FuzzFieldRank(f *testing.F) {
	for _, meta := range []string{
		"", "{}", `{"date":null}`, `{"date":"2026-11-29"}`, `{"date":"\u0032026-11-29"}`, `{"date":20261129}`, `{"date":-1.5}`, `{"date":0}`,
		`{"date":1e300}`, `{"date":[3]}`, `{"a":{"date":9},"date":"好"}`,
	} {
		f.Add([]byte(meta))
	}
	f.Fuzz(func(t *testing.T, meta []byte) {
		r := newRanker(Field+"date", nil)
		a := bytes.Clone(r.appendField(nil, meta))
		if b := r.appendField(nil, meta); !bytes.Equal(a, b) {
			t.Fatalf("%x, then %x", a, b)
		}
		if len(a) > 0 && (a[0] < rankString || a[0] > rankPositive) {
			t.Fatalf("the rank is %x", a)
		}
		var b columnar.Batch
		b.Meta.Append(meta)
		if !bytes.Equal(r.of(&b, 0), a) {
			t.Fatalf("the rank of a row is %x, not %x", r.of(&b, 0), a)
		}
	})
}
