package sorted

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Items that are written in sorted runs, in any number of files, partitions and runs, come back in order, each once.
func TestExternalSort(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		partitions := rapid.IntRange(1, 5).Draw(r, "partitions")
		mask := rapid.SampledFrom([]uint64{^uint64(0), 0xFF << 56}).Draw(r, "mask")
		files := map[string][]byte{}
		var names []string
		var rows []uint32
		var want []Item[uint64]
		for f := range rapid.IntRange(0, 4).Draw(r, "files") {
			var s Sorter[uint32]
			var runs [][]Item[uint32]
			first, n := uint64(len(want)), uint32(0)
			for range random.IntN(4) {
				s.Items = nil
				for range random.IntN(3 * blockRecords) {
					s.Items = append(s.Items, Item[uint32]{random.Uint64() & mask, n})
					want = append(want, Item[uint64]{s.Items[len(s.Items)-1].Key, first + uint64(n)})
					n++
				}
				s.Sort()
				runs = append(runs, s.Items)
			}
			names, rows = append(names, strconv.Itoa(f)), append(rows, n)
			files[names[f]] = runsFile(r, partitions, runs...)
		}
		handles := handlesOf(t, files)
		var got []Item[uint64]
		for p := range partitions {
			runs := NewRuns(handles, testKind)
			var sources []Source[uint64]
			first := uint64(0)
			for i, name := range names {
				f, list, err := runs.Open(name, p)
				if err != nil || f.Partitions != partitions || f.Rows != int64(rows[i]) {
					r.Fatalf("%+v, %v", f, err)
				}
				for _, run := range list {
					sources = append(sources, run.Keys(first, rows[i]))
				}
				first += uint64(rows[i])
			}
			for _, i := range all(r, NewMerge(sources)) {
				if Partition(i.Key, partitions) != p {
					r.Fatalf("key %x is not of partition %d", i.Key, p)
				}
				got = append(got, i)
			}
		}
		if want = sortedByKey(want); !slices.Equal(want, got) {
			r.Fatalf("%d items of %d, or in another order", len(got), len(want))
		}
	})
}

// Many runs at once are read in smaller pieces, and never in less than a block.
func TestRunsShareTheMemory(t *testing.T) {
	for _, tt := range []struct {
		runs, width int
		want        uint32
	}{{0, 12, maxAhead}, {100, 12, maxAhead}, {1000, 12, 2}, {1000, 128, 1}, {1 << 20, 12, 1}} {
		r := &Runs{kind: Kind{"MRTEST_1", tt.width}, count: tt.runs}
		if got := r.ahead(); got != tt.want {
			t.Errorf("%d runs of %d bytes a record: %d blocks, want %d", tt.runs, tt.width, got, tt.want)
		}
	}
}

// Records that are more than a key with a number, in one partition, without the help of WriteKeys.
func TestRecordsOfAnyWidth(t *testing.T) {
	kind := Kind{"MRWIDE_1", 40}
	var file bytes.Buffer
	w := NewWriter(&file, kind, 1)
	var want []byte
	for run := range 3 {
		w.Start()
		for i := range 300 * run {
			record := bytes.Repeat([]byte{byte(i)}, kind.Width)
			copy(w.Add(0), record)
			want = append(want, record...)
		}
		w.End()
	}
	if err := w.Finish(7); err != nil || w.Kind() != kind {
		t.Fatal(err)
	}
	f, list, err := NewRuns(handlesOf(t, map[string][]byte{"f": file.Bytes()}), kind).Open("f", 0)
	if err != nil || f.Rows != 7 || f.Runs != 3 || len(list) != 2 { // the first has no records
		t.Fatalf("%+v, %d runs, %v", f, len(list), err)
	}
	var got []byte
	for _, r := range list {
		for {
			data, err := r.Next()
			if err != nil || r.Name() != "f" || r.Kind() != kind {
				t.Fatal(err)
			}
			if len(data) == 0 {
				break
			}
			got = append(got, data...)
		}
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes of records, want %d", len(got), len(want))
	}
}

// What a file says of itself is compared with what is asked for.
func TestOtherFilesAreDamaged(t *testing.T) {
	handles := handlesOf(t, map[string][]byte{"f": runsFile(t, 2, []Item[uint32]{{1, 0}, {2, 9}}), "short": []byte("MRTEST_1")})
	for _, tt := range []struct {
		name      string
		kind      Kind
		partition int
	}{{"f", KeysKind("MROTHER1"), 0}, {"f", testKind, 2}, {"f", testKind, -1}, {"short", testKind, 0}} {
		if _, _, err := NewRuns(handles, tt.kind).Open(tt.name, tt.partition); !errors.Is(err, ErrDamaged) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	_, list, err := NewRuns(handles, testKind).Open("f", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list[0].Keys(0, 9).Fill(nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("number 9 of 9: %v", err)
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// A writer keeps the first error, wherever it is.
func TestWritersKeepTheError(t *testing.T) {
	for left := range 200 {
		w := NewWriter(&failingWriter{left}, testKind, 2)
		w.WriteKeys([]Item[uint32]{{1, 0}, {1 << 63, 1}})
		if err := w.Finish(2); (err == nil) != (left >= 128) || !errors.Is(w.Err(), err) {
			t.Errorf("%d bytes: %v", left, err)
		}
		x := NewIndexWriter(&failingWriter{4 * left})
		x.Add(1, 1)
		if err := x.Finish(0, 1); (err == nil) != (4*left >= 595) {
			t.Errorf("%d bytes of an index: %v", 4*left, err)
		}
	}
}

func TestHandlesStayFew(t *testing.T) {
	files := map[string][]byte{}
	const n = 3 * MaxOpen
	for i := range n {
		files[strconv.Itoa(i)] = []byte{byte(i)}
	}
	h := handlesOf(t, files)
	for i := range 3 * n {
		var b [1]byte
		if err := h.Read(strconv.Itoa(i*7%n), b[:], 0); err != nil || b[0] != byte(i*7%n) {
			t.Fatalf("file %d: %d, %v", i*7%n, b[0], err)
		}
		if len(h.open) > MaxOpen {
			t.Fatalf("%d open files", len(h.open))
		}
	}
	if err := h.Close(); err != nil || len(h.open) != 0 || h.Close() != nil || h.Err() != nil {
		t.Error(err)
	}
	if err := h.Read("0", make([]byte, 2), 0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("two bytes of one: %v", err)
	}
}
