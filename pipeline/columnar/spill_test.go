package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
)

func writeSpill(t testing.TB, batches ...*Batch) (file []byte, digest string) {
	t.Helper()
	var out bytes.Buffer
	w, err := NewSpillWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for _, b := range batches {
		want += int64(b.Len())
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	rows, digest, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if rows != want {
		t.Fatalf("Finish says %d rows, want %d", rows, want)
	}
	return out.Bytes(), digest
}

func readSpill(file []byte) (all []row, err error) {
	s, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	var b Batch
	for i := range s.Blocks() {
		if err := s.Read(i, &b); err != nil {
			return nil, err
		}
		if b.Len() != s.Rows(i) {
			return nil, fmt.Errorf("block %d has %d rows, want %d", i, b.Len(), s.Rows(i))
		}
		all = append(all, rows(&b)...)
	}
	return all, nil
}

func TestSpillRoundTrip(t *testing.T) {
	c := newChinese(1)
	empty := new(Batch)
	noText := c.batch(0, 5, 0)
	tests := map[string][]*Batch{
		"no blocks":     nil,
		"empty block":   {empty},
		"empty texts":   {noText},
		"one row":       {c.batch(0, 1, 10)},
		"several":       {c.batch(0, 100, 500), empty, c.batch(100, 1, 0), c.batch(101, 63, 200), empty},
		"growing":       {c.batch(0, 1, 10), c.batch(1, 10, 100), c.batch(11, 500, 700)},
		"block of 16":   {c.batch(0, 16, 64)},
		"unsealed tail": {{File: []int32{1}, Offset: []int64{2}, Text: Strings{[]int32{0, 1}, []byte("ab")}, Meta: Strings{[]int32{0, 0}, nil}}},
	}
	for name, batches := range tests {
		t.Run(name, func(t *testing.T) {
			var want []row
			for _, b := range batches {
				want = append(want, rows(b)...)
			}
			file, digest := writeSpill(t, batches...)
			got, err := readSpill(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("rows differ (-want +got):\n%s", d)
			}
			s, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if s.Digest() != digest || s.TotalRows() != int64(len(want)) || len(digest) != 32 {
				t.Errorf("opened spill has digest %s and %d rows, want %s and %d", s.Digest(), s.TotalRows(), digest, len(want))
			}
			var b Batch
			for block := range s.Blocks() {
				if err := s.Read(block, &b); err != nil {
					t.Fatal(err)
				}
				for i := range b.Len() {
					if text, err := s.Text(block, i, []byte("a")); err != nil || string(text) != "a"+string(b.Text.At(i)) {
						t.Errorf("block %d, row %d alone: %q, %v", block, i, text, err)
					}
				}
				if _, err := s.Text(block, b.Len(), nil); err == nil {
					t.Errorf("block %d has a row %d", block, b.Len())
				}
				places := c.batch(0, 3, 5) // of which nothing is left
				if err := s.Places(block, places); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(places.File, b.File) || !slices.Equal(places.Offset, b.Offset) || places.Text.Len()+places.Meta.Len()+len(places.Chars) > 0 {
					t.Errorf("block %d has its rows in files %v at %v with %d texts, want %v at %v with none", block, places.File, places.Offset,
						places.Text.Len(), b.File, b.Offset)
				}
			}
		})
	}
}

func TestSpillWithoutChars(t *testing.T) {
	set, unset := newChinese(1).batch(0, 10, 50), newChinese(1).batch(10, 10, 50)
	unset.Chars = nil
	file, _ := writeSpill(t, set, unset)
	s, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	for i, want := range []int{10, 0} {
		if err := s.Read(i, &b); err != nil {
			t.Fatal(err)
		}
		if len(b.Chars) != want {
			t.Errorf("block %d has %d chars, want %d", i, len(b.Chars), want)
		}
	}
}

func TestSpillDigest(t *testing.T) {
	whole := newChinese(2).batch(0, 200, 100)
	_, want := writeSpill(t, whole)
	_, cut := writeSpill(t, whole.slice(0, 1), whole.slice(1, 1), whole.slice(1, 130), whole.slice(130, 200))
	if cut != want {
		t.Errorf("digest depends on how rows are cut: %s, then %s", want, cut)
	}
	changes := map[string]func(b *Batch){
		"file":          func(b *Batch) { b.File[7]++ },
		"offset":        func(b *Batch) { b.Offset[7]++ },
		"chars":         func(b *Batch) { b.Chars[7]++ },
		"text":          func(b *Batch) { b.Text.Data[7]++ },
		"text boundary": func(b *Batch) { b.Text.Offsets[7]++ },
		"meta":          func(b *Batch) { b.Meta.Data[0]++ },
		"row less":      func(b *Batch) { *b = *b.slice(0, 199) },
	}
	for name, change := range changes {
		b := newChinese(2).batch(0, 200, 100)
		change(b)
		if _, got := writeSpill(t, b); got == want {
			t.Errorf("digest does not see a change of %s", name)
		}
	}
}

// The columns of a batch that was read are its own: changing them, or exchanging them with others, harms nobody.
func TestSpillColumnsAreOwned(t *testing.T) {
	c := newChinese(3)
	first, second := c.batch(0, 50, 100), c.batch(50, 50, 100)
	file, _ := writeSpill(t, first, second)
	s, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var a, b Batch
	if err := s.Read(0, &a); err != nil {
		t.Fatal(err)
	}
	stolen := a.Text
	a.Text = Strings{}
	a.Keep(make([]bool, 0, 50)[:0])
	for range 2 {
		if err := s.Read(1, &a); err != nil {
			t.Fatal(err)
		}
		a.File = append(a.File, 1)
		a.Text.Append([]byte("appended"))
	}
	if err := s.Read(1, &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rows(second), rows(&b)); d != "" {
		t.Errorf("second block differs (-want +got):\n%s", d)
	}
	b.Text = stolen
	if d := cmp.Diff(string(first.Text.Data), string(b.Text.Data)); d != "" {
		t.Errorf("a column that was taken away has changed:\n%s", d)
	}
}

// Any Arrow reader can read a spill up to its end mark.
func TestSpillIsArrowStream(t *testing.T) {
	want := newChinese(4).batch(0, 77, 90)
	file, _ := writeSpill(t, want.slice(0, 30), want.slice(30, 77))
	r, err := ipc.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var got []string
	for r.Next() {
		column := r.Record().Column(3).(*array.String)
		for i := range column.Len() {
			got = append(got, column.Value(i))
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	var texts []string
	for _, r := range rows(want) {
		texts = append(texts, r.Text)
	}
	if d := cmp.Diff(texts, got); d != "" {
		t.Errorf("texts differ (-want +got):\n%s", d)
	}
}

func TestSpillRefusesBatch(t *testing.T) {
	good := func() *Batch { return newChinese(5).batch(0, 3, 10) }
	tests := map[string]struct {
		change func(b *Batch)
		want   string
	}{
		"short column":   {func(b *Batch) { b.Offset = b.Offset[:2] }, "differ in length"},
		"short chars":    {func(b *Batch) { b.Chars = b.Chars[:2] }, "differ in length"},
		"no meta":        {func(b *Batch) { b.Meta = Strings{} }, "differ in length"},
		"falling offset": {func(b *Batch) { b.Text.Offsets[1] = b.Text.Offsets[2] + 1 }, "out of order"},
		"first offset":   {func(b *Batch) { b.Text.Offsets[0] = 1 }, "out of order"},
		"beyond data":    {func(b *Batch) { b.Text.Offsets[3]++ }, "values end at"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, err := NewSpillWriter(io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			b := good()
			test.change(b)
			if err := w.Write(b); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Write: %v, want %q", err, test.want)
			}
			if err := w.Write(good()); err == nil {
				t.Error("Write after an error succeeded")
			}
			if _, _, err := w.Finish(); err == nil {
				t.Error("Finish after an error succeeded")
			}
		})
	}
}

// G5: what does not fit the 32 bits of Arrow's offsets is refused, not wrapped.
func TestSpillRefusesTwoGiB(t *testing.T) {
	const gib = 1 << 30
	k := spillBlock{rows: 1, text: gib, meta: gib}
	if k.body() <= 1<<31-1 {
		t.Fatal("the test does not test")
	}
	huge := make([]byte, gib)
	w, err := NewSpillWriter(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	column := Strings{Offsets: []int32{0, gib}, Data: huge}
	err = w.Write(&Batch{File: []int32{0}, Offset: []int64{0}, Text: column, Meta: column})
	if err == nil || !strings.Contains(err.Error(), "more than 2 GiB") {
		t.Errorf("Write: %v", err)
	}
}

var errSink = errors.New("disk full")

// failingWriter fails at its nth call, and records whether it was called again.
type failingWriter struct {
	failAt, calls int
	short         bool
	panics        bool
	after         int
}

func (w *failingWriter) Write(p []byte) (int, error) {
	w.calls++
	if w.failAt == 0 || w.calls < w.failAt {
		return len(p), nil
	}
	if w.calls > w.failAt {
		w.after++
	}
	switch {
	case w.panics:
		panic("sink")
	case w.short:
		return len(p) - 1, nil
	default:
		return 0, errSink
	}
}

// G1: whichever write of the sink fails, Finish says so and nothing is written after it.
func TestSpillFailingSink(t *testing.T) {
	b := newChinese(6).batch(0, 20, 50)
	run := func(sink *failingWriter) error {
		w, err := NewSpillWriter(sink)
		if err != nil {
			return err
		}
		_ = w.Write(b)
		_ = w.Write(b)
		_, _, err = w.Finish()
		return err
	}
	count := new(failingWriter)
	if err := run(count); err != nil {
		t.Fatal(err)
	}
	for i := range count.calls {
		for _, sink := range []*failingWriter{{failAt: i + 1}, {failAt: i + 1, short: true}, {failAt: i + 1, panics: true}} {
			err := run(sink)
			if err == nil {
				t.Errorf("write %d of %d failed, Finish did not (%+v)", i+1, count.calls, sink)
			}
			if !sink.short && !sink.panics && !errors.Is(err, errSink) {
				t.Errorf("write %d: error lost its cause: %v", i+1, err)
			}
			if sink.after > 0 {
				t.Errorf("write %d failed, and %d more came (%+v)", i+1, sink.after, sink)
			}
		}
	}
}

// G9: a spill that was cut anywhere is refused.
func TestSpillCut(t *testing.T) {
	c := newChinese(7)
	file, _ := writeSpill(t, c.batch(0, 3, 20), c.batch(3, 2, 20))
	for n := range len(file) {
		if _, err := OpenSpill(bytes.NewReader(file[:n]), int64(n)); err == nil {
			t.Errorf("a spill cut at %d of %d opens", n, len(file))
		}
	}
}

// G9: a flipped bit anywhere is noticed before a row comes out wrong.
func TestSpillFlippedBit(t *testing.T) {
	c := newChinese(8)
	file, _ := writeSpill(t, c.batch(0, 3, 20), c.batch(3, 2, 20))
	for i := range file {
		damaged := slices.Clone(file)
		damaged[i] ^= 1 << (i % 8)
		if got, err := readSpill(damaged); err == nil {
			t.Errorf("a flipped bit at %d of %d went unnoticed: %d rows", i, len(file), len(got))
		}
	}
}

// G9: lengths that lie are refused without allocating what they claim, even where every checksum is right.
func TestSpillLyingIndex(t *testing.T) {
	b := newChinese(9).batch(0, 4, 20)
	file, _ := writeSpill(t, b)
	open, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	end := len(file) - len(open.index.append(nil))
	tests := map[string]func(k *spillBlock){
		"rows":          func(k *spillBlock) { k.rows = 1<<31 - 2 },
		"few rows":      func(k *spillBlock) { k.rows = 0 },
		"text":          func(k *spillBlock) { k.text = 1<<31 - 1 },
		"meta":          func(k *spillBlock) { k.meta = 1<<32 - 1 },
		"length":        func(k *spillBlock) { k.length = 1 << 62 },
		"minus length":  func(k *spillBlock) { k.length = -1 << 62 },
		"short":         func(k *spillBlock) { k.length-- },
		"offset":        func(k *spillBlock) { k.offset += 8 },
		"minus offset":  func(k *spillBlock) { k.offset = -8 },
		"all of it big": func(k *spillBlock) { k.rows, k.text, k.meta, k.length = 1<<31, 1<<32-1, 1<<32-1, 1<<40 },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			index := spillIndex{blocks: slices.Clone(open.index.blocks)}
			change(&index.blocks[0])
			lying := index.append(slices.Clone(file[:end]))
			if got, err := readSpill(lying); err == nil {
				t.Errorf("read %d rows", len(got))
			}
		})
	}
}

// A block whose checksums are right but whose offsets are nonsense must not give rows that panic later.
func TestSpillNonsenseBlock(t *testing.T) {
	file, _ := writeSpill(t, newChinese(10).batch(0, 40, 20))
	open, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	k := open.index.blocks[0]
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		damaged := slices.Clone(file[:len(file)-len(open.index.append(nil))])
		for range 3 {
			damaged[k.offset+r.Int64N(k.length)] ^= byte(1 + r.IntN(255))
		}
		if _, err := readSpill(reseal(damaged, k)); err == nil {
			continue // damage in the text itself
		} else if strings.Contains(err.Error(), "checksum") {
			t.Fatal("the test does not test: ", err)
		}
	}
}

// reseal gives a file of one block an index whose checksums are right.
func reseal(file []byte, k spillBlock) []byte {
	if k.check() == nil {
		message := file[k.offset : k.offset+k.length]
		text := k.length - k.body() + k.numbers()
		meta := text + padded(k.text) + padded(4*(k.rows+1))
		k.frame = xxh3.Hash(slices.Concat(message[:text], message[text+k.text:meta], message[meta+k.meta:]))
		var b Batch
		for _, column := range []struct {
			strings       *Strings
			offsets, data []byte
		}{
			{&b.Text, message[text-padded(4*(k.rows+1)):], message[text:][:k.text]},
			{&b.Meta, message[meta-padded(4*(k.rows+1)):], message[meta:][:k.meta]},
		} {
			column.strings.Offsets, column.strings.Data = make([]int32, k.rows+1), column.data
			copy(arrow.Int32Traits.CastToBytes(column.strings.Offsets), column.offsets)
		}
		if b.Text.check("text") == nil && b.Meta.check("meta") == nil {
			k.strings = xxh3.Hash(appendHashes(nil, &b))
		}
	}
	index := spillIndex{blocks: []spillBlock{k}}
	return index.append(slices.Clone(file))
}

func TestSpillReleasesMemory(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	w, err := newSpillWriter(io.Discard, mem)
	if err != nil {
		t.Fatal(err)
	}
	c := newChinese(11)
	for range 3 {
		if err := w.Write(c.batch(0, 10, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
}

func FuzzOpenSpill(f *testing.F) {
	c := newChinese(12)
	for _, batches := range [][]*Batch{nil, {c.batch(0, 2, 10)}, {c.batch(0, 1, 0), c.batch(1, 3, 5)}} {
		file, _ := writeSpill(f, batches...)
		f.Add(file)
	}
	f.Fuzz(func(_ *testing.T, file []byte) {
		_, _ = readSpill(file) // must not panic
		if s, err := OpenSpill(bytes.NewReader(file), int64(len(file))); err == nil {
			for block := range s.Blocks() {
				_ = s.Places(block, new(Batch))
			}
		}
		head, err := spillHead()
		if err != nil || len(file) < 100 {
			return
		}
		// The same bytes as a block with right checksums.
		k := spillBlock{offset: int64(len(head)), length: int64(len(file)), rows: int64(file[0] % 8), text: int64(file[1]), meta: int64(file[2])}
		whole := append(append(slices.Clone(head), file...), 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0)
		_, _ = readSpill(reseal(whole, k))
	})
}

func BenchmarkSpillWrite(b *testing.B) {
	batch := newChinese(1).batch(0, 4000, 1000)
	b.SetBytes(int64(len(batch.Text.Data)))
	b.ReportAllocs()
	w, err := NewSpillWriter(io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := w.Write(batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpillRead(b *testing.B) {
	batch := newChinese(1).batch(0, 4000, 1000)
	file, _ := writeSpill(b, batch)
	s, err := OpenSpill(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(batch.Text.Data)))
	b.ReportAllocs()
	var into Batch
	for b.Loop() {
		if err := s.Read(0, &into); err != nil {
			b.Fatal(err)
		}
	}
}
