package zstdfast

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// decoder is another library's reading of a frame.
var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderMaxWindow(1<<windowLog))
	if err != nil {
		panic(err)
	}
	return d
})

func checkRoundTrip(t testing.TB, src []byte) {
	t.Helper()
	frame := Encode(nil, src)
	got, err := decoder().DecodeAll(frame, nil)
	if err != nil {
		t.Fatalf("decode %d bytes of %d: %v", len(frame), len(src), err)
	}
	if !bytes.Equal(got, src) {
		t.Fatalf("%d bytes decode to %d others", len(src), len(got))
	}
	if most := len(src) + 18 + 3*(len(src)/blockBytes+1); len(frame) > most {
		t.Fatalf("%d bytes became %d, more than %d", len(src), len(frame), most)
	}
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func noise(n int) []byte {
	r := random(uint64(n))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// chinese is text of n bytes and a little more, of words of two and three characters, the rarer the higher their number.
func chinese(n int) []byte {
	r := random(2)
	var b []byte
	for len(b) < n {
		word := random(uint64(r.ExpFloat64() * 400))
		for range 2 + word.IntN(2) {
			b = fmt.Appendf(b, "%c", rune(0x4e00+word.IntN(3000)))
		}
		if r.IntN(8) == 0 {
			b = append(b, "，"...)
		}
		if r.IntN(60) == 0 {
			b = append(b, "。\n"...)
		}
	}
	return b
}

// numbers are n little-endian numbers that rise.
func numbers(n int) []byte {
	r := random(3)
	var b []byte
	for i := range n {
		b = binary.LittleEndian.AppendUint64(b, uint64(i*40+r.IntN(30)))
	}
	return b
}

// inputs are what the format has special ways or bounds for.
func inputs() map[string][]byte {
	text := chinese(3 << 20)
	m := map[string][]byte{
		"nothing": {}, "chinese": text[:1<<20], "several windows": text, "numbers": numbers(100_000), "noise": noise(300_000),
		"ascii":       bytes.Repeat([]byte("the quick brown fox jumps over 17 lazy dogs; "), 9000),
		"one literal": append(bytes.Repeat([]byte{'a'}, 400_000), 'b'),
		"zeros":       make([]byte, 1<<20), "zeros, two windows": make([]byte, 2<<20+5),
		"two bytes in turn": bytes.Repeat([]byte("ab"), 200_000),
		"far":               append(append(bytes.Clone(text[:1000]), noise(900_000)...), text[:1000]...),
		"beyond the window": append(append(bytes.Clone(text[:1000]), noise(1<<20)...), text[:1000]...),
		"skewed literals":   skewed(200_000),
		"alphabet of 128":   alphabet(0, 128, 150_000), "alphabet of 129": alphabet(0, 129, 150_000),
		"high alphabet": alphabet(200, 56, 150_000), "two letters": alphabet('a', 2, 3000), "two high letters": alphabet(254, 2, 3000),
	}
	for _, n := range []int{
		1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 256, 257, 1023, 1024, 65_791, 65_792, 65_793,
		blockBytes - 1, blockBytes, blockBytes + 1, 2*blockBytes + 1, 1<<20 - 1, 1<<20 + 1,
	} {
		m[fmt.Sprintf("%d bytes of text", n)] = text[:n]
		m[fmt.Sprintf("%d bytes of noise", n)] = noise(n)
		m[fmt.Sprintf("%d equal bytes", n)] = bytes.Repeat([]byte{7}, n)
	}
	if testing.Short() {
		maps.DeleteFunc(m, func(_ string, src []byte) bool { return len(src) > 2*blockBytes+1 })
	}
	return m
}

// skewed is bytes of which each is half as frequent as the one before, so that codes must be cut down to their longest length.
func skewed(n int) []byte {
	r := random(4)
	b := make([]byte, n)
	for i := range b {
		for b[i] < 60 && r.IntN(2) == 0 {
			b[i]++
		}
		b[i] *= 3
	}
	return b
}

// alphabet is n bytes, none of them more frequent than four others, and no text that comes again.
func alphabet(first, letters, n int) []byte {
	r := random(5)
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(first + min(r.IntN(letters), r.IntN(letters)))
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	for name, src := range inputs() {
		t.Run(name, func(t *testing.T) { checkRoundTrip(t, src) })
	}
}

// TestToolReads has the frames read by the program of the format's authors, where there is one.
func TestToolReads(t *testing.T) {
	tool, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("there is no zstd tool")
	}
	var frames, want []byte
	for _, src := range inputs() {
		frames = Encode(frames, src)
		want = append(want, src...)
	}
	cmd := exec.CommandContext(t.Context(), tool, "-dc")
	cmd.Stdin = bytes.NewReader(frames)
	var errs strings.Builder
	cmd.Stderr = &errs
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%d bytes decode to %d others", len(want), len(got))
	}
}

// TestProperty makes inputs of pieces that come again, far and near, of any bytes.
func TestProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 40),
			rapid.Map(rapid.StringN(0, 20, -1), func(s string) []byte { return []byte(s) }),
			rapid.Map(rapid.IntRange(1, 300), func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) }))
		pieces := rapid.SliceOfN(piece, 1, 30).Draw(t, "pieces")
		r := random(rapid.Uint64().Draw(t, "seed"))
		want := rapid.IntRange(0, 200_000).Draw(t, "bytes")
		var src []byte
		for len(src) < want {
			if r.IntN(9) == 0 {
				src = append(src, byte(r.Uint32()))
			}
			src = append(append(src, pieces[r.IntN(len(pieces))]...), pieces[r.IntN(len(pieces))]...)
			if len(src) == 0 {
				break
			}
		}
		frame := Encode(nil, src)
		got, err := decoder().DecodeAll(frame, nil)
		if err != nil || !bytes.Equal(got, src) {
			t.Fatalf("%d bytes decode to %d, %v", len(src), len(got), err)
		}
	})
}

// TestSameBytes has many goroutines compress everything in other orders: what an encoder did before must not show.
func TestSameBytes(t *testing.T) {
	all := inputs()
	want := map[string][]byte{}
	for name, src := range all {
		want[name] = Encode(nil, src)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var frame []byte
			for name, src := range all { // in any order
				frame = Encode(append(frame[:0], "before"...), src)
				if string(frame) != "before"+string(want[name]) {
					t.Errorf("%s: other bytes", name)
				}
			}
		})
	}
	wg.Wait()
}

func TestFindsMatches(t *testing.T) {
	all := inputs()
	for name, most := range map[string]float64{
		"chinese": .45, "ascii": .002, "numbers": .2, "zeros": .0001, "two bytes in turn": .001, "skewed literals": .35,
		"zeros, two windows": .0001, "two letters": .2,
	} {
		src := all[name]
		if src == nil && testing.Short() {
			continue
		}
		if got := float64(len(Encode(nil, src))) / float64(len(src)); got > most {
			t.Errorf("%s: ratio %.4f, want at most %.4f", name, got, most)
		}
	}
}

func TestDoesNotAllocate(t *testing.T) {
	src := inputs()["chinese"]
	dst := Encode(nil, src)
	dst = make([]byte, 0, 2*len(dst)+1<<20)
	e := encoders.Get().(*encoder)
	if n := testing.AllocsPerRun(5, func() { dst = e.encode(dst[:0], src) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzEncode(f *testing.F) {
	for _, src := range inputs() {
		if len(src) < 5000 {
			f.Add(src, uint16(1))
		}
	}
	f.Add(chinese(500), uint16(700))
	f.Fuzz(func(t *testing.T, src []byte, times uint16) {
		// Repeated, a small input reaches several blocks and, a byte dropped each time, all kinds of offsets.
		all := bytes.Clone(src)
		for i := range int(times) {
			if len(all) > 3*blockBytes || len(src) == 0 {
				break
			}
			all = append(all, src[i%len(src):]...)
		}
		checkRoundTrip(t, all)
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, name := range []string{"chinese", "ascii", "numbers", "noise"} {
		src := inputs()[name]
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = Encode(dst[:0], src)
			}
			b.ReportMetric(float64(len(dst))/float64(len(src)), "ratio")
		})
	}
}
