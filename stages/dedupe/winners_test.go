package dedupe

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// decodeWinners are the records of a file of winners.
func decodeWinners(data []byte) (list []ingest.Winner) {
	for ; len(data) >= ingest.WinnerBytes; data = data[ingest.WinnerBytes:] {
		list = append(list, ingest.Winner{Document: int64(binary.LittleEndian.Uint64(data)), Losers: binary.LittleEndian.Uint32(data[8:])})
	}
	return list
}

// checkWinners compares the winners of a run with its verdicts: kept documents in order, and for each that a verdict of the run names, how
// many do.
func checkWinners(t tester, out outcome) {
	t.Helper()
	won := map[[16]byte]uint32{}
	for _, v := range out.verdicts {
		if int(v.WinnerVersion) == out.job.Plan.Version {
			won[v.WinnerID]++
		}
	}
	var want, got []uint32
	for _, n := range won {
		want = append(want, n)
	}
	byShard := make([]int64, len(out.shards))
	last := int64(-1)
	for _, w := range decodeWinners(out.job.Work.(*memoryStore).files[ingest.WinnersName]) {
		if w.Document <= last || !out.kept[w.Document] {
			t.Fatalf("winner %d comes behind %d, or is not kept", w.Document, last)
		}
		last = w.Document
		got = append(got, w.Losers)
		byShard[slices.IndexFunc(out.shards, func(s ingest.Shard) bool { return w.Document < s.End })]++
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("losers by winner (-verdicts +winners):\n%s", d)
	}
	for i, n := range byShard {
		if out.shards[i].Winners != n {
			t.Fatalf("shard %d has %d winners, its plan says %d", i, n, out.shards[i].Winners)
		}
	}
}

// However the winners are cut into runs, the file is the same, and a plain count gives it.
func TestWinnersFile(t *testing.T) {
	const documents = 5000
	r := rand.New(rand.NewPCG(80, 81))
	shards := []ingest.Shard{{End: 1000}, {First: 1000, End: 1001}, {First: 1001, End: documents}}
	kept := newKeptBits(documents)
	losers := map[int64]uint32{}
	var added []uint64
	for range 20_000 {
		d := uint64(r.IntN(documents) * r.IntN(documents) / documents)
		added = append(added, d)
		losers[int64(d)]++
	}
	var want []byte
	inShard := make([]int64, len(shards))
	for d := range int64(documents) {
		if n := losers[d]; n > 0 {
			want = ingest.AppendWinner(want, ingest.Winner{Document: d, Losers: n})
			inShard[slices.IndexFunc(shards, func(s ingest.Shard) bool { return d < s.End })]++
		} else {
			kept.clear(d)
		}
	}
	for _, most := range []int{1, 7, 4096, mostWinners} {
		job := &pipeline.Job{Work: newMemoryStore()}
		w, err := newWinners(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		w.most = most
		for _, d := range added {
			if err := w.add(d); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.commit(); err != nil {
			t.Fatal(err)
		}
		plan := slices.Clone(shards)
		out, err := writeWinners(t.Context(), job, sorted.NewHandles(t.Context(), job.Work), kept, documents, plan)
		if err != nil {
			t.Fatal(err)
		}
		if got := job.Work.(*memoryStore).files[ingest.WinnersName]; !bytes.Equal(got, want) || out.Rows != int64(len(want)/ingest.WinnerBytes) {
			t.Errorf("runs of %d: %d bytes, %d rows, want %d bytes", most, len(got), out.Rows, len(want))
		}
		for i, s := range plan {
			if s.Winners != inShard[i] {
				t.Errorf("runs of %d: shard %d has %d winners, want %d", most, i, s.Winners, inShard[i])
			}
		}

		// One of them that is not kept is a fault of ours, and no file is written.
		kept.clear(int64(added[0]))
		if _, err := writeWinners(t.Context(), job, sorted.NewHandles(t.Context(), job.Work), kept, documents, plan); err == nil {
			t.Error("a winner that is not kept went through")
		}
		kept.bits[added[0]/8] |= 1 << (added[0] % 8)
	}
}

// A document that more lost to than a record can say has the most that it can.
func TestWinnersOfVeryMany(t *testing.T) {
	var out bytes.Buffer
	buffered := bufio.NewWriter(&out)
	w := winnersMerge{out: buffered, kept: newKeptBits(2), shards: []ingest.Shard{{End: 2}}}
	for range 3 {
		if err := w.add(1, math.MaxUint32); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	if err := buffered.Flush(); err != nil {
		t.Fatal(err)
	}
	want := []ingest.Winner{{Document: 1, Losers: math.MaxUint32}}
	if got := decodeWinners(out.Bytes()); !slices.Equal(got, want) || w.losers != 3*math.MaxUint32 {
		t.Errorf("%v, %d losers", got, w.losers)
	}
	if n := ingest.CopiesOf(math.MaxUint32); n != math.MaxInt32 {
		t.Errorf("copies %d", n)
	}
}

// Records of any kind in sorted runs of a file that is sound, for package sorted has targets of its own for others.
func FuzzWinners(f *testing.F) {
	f.Add([]byte{}, uint16(0))
	f.Add(bytes.Repeat([]byte{0xFF}, 3*winnersKind.Width), uint16(300))
	f.Add(ingest.AppendWinner(ingest.AppendWinner(nil, ingest.Winner{Document: 3, Losers: 2}), ingest.Winner{Document: 19, Losers: 1}), uint16(2))
	f.Fuzz(func(t *testing.T, data []byte, most uint16) {
		const documents = 20
		var file bytes.Buffer
		w := sorted.NewWriter(&file, winnersKind, 1)
		losers := int64(0)
		for len(data) >= winnersKind.Width {
			w.Start()
			for n := 0; n <= int(most) && len(data) >= winnersKind.Width; n++ {
				losers += int64(binary.LittleEndian.Uint32(data[8:]))
				copy(w.Add(0), data)
				data = data[winnersKind.Width:]
			}
			w.End()
		}
		if err := w.Finish(losers); err != nil {
			t.Fatal(err)
		}
		work := storeOf(winnersRuns, file.Bytes())
		shards := []ingest.Shard{{End: 7}, {First: 7, End: documents}}
		_, err := writeWinners(t.Context(), &pipeline.Job{Work: work}, sorted.NewHandles(t.Context(), work), newKeptBits(documents), documents, shards)
		if err != nil {
			if _, ok := work.files[ingest.WinnersName]; ok {
				t.Fatal("a file was written in spite of", err)
			}
			return
		}
		for _, w := range decodeWinners(work.files[ingest.WinnersName]) {
			if w.Document < 0 || w.Document >= documents || w.Losers == 0 {
				t.Fatalf("winner %+v", w)
			}
		}
	})
}
