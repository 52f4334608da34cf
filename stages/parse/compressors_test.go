package parse

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
)

// compressor makes files of several texts, one behind the other.
type compressor struct {
	name, suffix, codec string
	of                  func(t testing.TB, texts ...string) []byte
}

// compressors make them in every shape that the codecs read.
var compressors = []compressor{
	{"none", "", "", func(_ testing.TB, texts ...string) []byte { return []byte(strings.Join(texts, "")) }},
	{"gzip", ".gz", "gzip", func(t testing.TB, texts ...string) []byte { return gzipped(t, strings.Join(texts, "")) }},
	{"gzip members", ".gz", "gzip", gzipped},
	{"bgzf", ".bgz", "gzip", bgzipped},
	{"zstd", ".zst", "zstd", func(t testing.TB, texts ...string) []byte { return zstded(t, strings.Join(texts, "")) }},
	{"zstd frames", ".zst", "zstd", zstded},
	{"zstd skippable", ".zst", "zstd", func(t testing.TB, texts ...string) []byte { return skippable(t, zstded, texts) }},
	{"lz4", ".lz4", "lz4", func(t testing.TB, texts ...string) []byte { return lz4ed(t, strings.Join(texts, "")) }},
	{"lz4 skippable", ".lz4", "lz4", func(t testing.TB, texts ...string) []byte { return skippable(t, lz4ed, texts) }},
	{"bzip2", ".bz2", "bzip2", func(_ testing.TB, texts ...string) []byte { return bzipped(strings.Join(texts, "")) }},
	{"bzip2 streams", ".bz2", "bzip2", func(_ testing.TB, texts ...string) []byte { return bzipped(texts...) }},
	{"xz", ".xz", "xz", func(_ testing.TB, texts ...string) []byte { return xzed(strings.Join(texts, "")) }},
	{"xz streams", ".xz", "xz", func(_ testing.TB, texts ...string) []byte { return xzed(texts...) }},
}

// bgzipped makes a block a text, and the empty one at the end.
func bgzipped(t testing.TB, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzipWriter()
	defer gzipWriters.Put(w)
	for _, text := range append(slices.Clip(texts), "") {
		start := out.Len()
		w.Reset(&out)
		w.Extra = []byte{'B', 'C', 2, 0, 0, 0}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		const size = 16 // where the block says how long it is
		binary.LittleEndian.PutUint16(out.Bytes()[start+size:], uint16(out.Len()-start-1))
	}
	return out.Bytes()
}

func lz4ed(t testing.TB, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := lz4.NewWriter(nil)
	for _, text := range texts {
		w.Reset(&out)
		if err := w.Apply(lz4.BlockSizeOption(lz4.Block64Kb)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// skippable puts a frame that nobody is to read behind every other, as zstd and lz4 both have it.
func skippable(t testing.TB, of func(testing.TB, ...string) []byte, texts []string) (out []byte) {
	t.Helper()
	for _, text := range texts {
		out = append(append(out, of(t, text)...), "\x5A\x2A\x4D\x18\x05\x00\x00\x00about"...)
	}
	return out
}

// xzed makes a stream a text, of stored chunks: the container is what matters here. The format is tukaani.org/xz/xz-file-format.txt.
func xzed(texts ...string) (out []byte) {
	const maxChunk = 1 << 16
	le := binary.LittleEndian
	checked := func(b []byte, from int) []byte { return le.AppendUint32(b, crc32.ChecksumIEEE(b[from:])) }
	for _, text := range texts {
		flags := []byte{0, 1} // a CRC32 of the text
		out = append(append(out, "\xFD7zXZ\x00"...), flags...)
		out = checked(out, len(out)-2)
		block := len(out)
		out = append(out, 2, 0, 0x21, 1, 12, 0, 0, 0) // 12 bytes of header: LZMA2 with a dictionary of 256 KiB
		out = checked(out, block)
		for rest, control := text, byte(1); len(rest) > 0; control = 2 {
			n := min(len(rest), maxChunk)
			out = append(binary.BigEndian.AppendUint16(append(out, control), uint16(n-1)), rest[:n]...)
			rest = rest[n:]
		}
		out = append(out, 0)
		unpadded := len(out) - block + crc32.Size
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
		out = le.AppendUint32(out, crc32.ChecksumIEEE([]byte(text)))
		index := len(out)
		out = binary.AppendUvarint(binary.AppendUvarint(append(out, 0, 1), uint64(unpadded)), uint64(len(text)))
		for (len(out)-index)%4 != 0 {
			out = append(out, 0)
		}
		out = checked(out, index)
		footer := append(le.AppendUint32(nil, uint32(len(out)-index)/4-1), flags...)
		out = append(append(le.AppendUint32(out, crc32.ChecksumIEEE(footer)), footer...), "YZ"...)
	}
	return out
}

// bitWriter is written from the highest bit on.
type bitWriter struct {
	out  []byte
	free int // bits of the last byte
}

func (b *bitWriter) put(value uint64, n int) {
	for n--; n >= 0; n-- {
		if b.free == 0 {
			b.out, b.free = append(b.out, 0), 8
		}
		b.free--
		b.out[len(b.out)-1] |= byte(value>>n&1) << b.free
	}
}

// bzipped makes a stream of one block a text, with codes of nearly the same length for all symbols: it is no smaller than the
// text, but what reads it does all that it does.
func bzipped(texts ...string) (out []byte) {
	for _, text := range texts {
		b := &bitWriter{}
		b.put('B'<<24|'Z'<<16|'h'<<8|'1', 32) // blocks of 100 kB
		sum := uint32(0)
		if text != "" {
			sum = bzip2Sum(text)
			b.put(0x314159265359, 48)
			b.put(uint64(sum), 32)
			b.block(text)
		}
		b.put(0x177245385090, 48)
		b.put(uint64(sum), 32)
		out = append(out, b.out...)
	}
	return out
}

// bzip2Sum is a CRC32 of which the bits are the other way round.
func bzip2Sum(text string) uint32 {
	sum := ^uint32(0)
	for _, c := range []byte(text) {
		sum ^= uint32(c) << 24
		for range 8 {
			sum = sum<<1 ^ (sum >> 31 * 0x04C11DB7)
		}
	}
	return ^sum
}

func (b *bitWriter) block(text string) {
	var data []byte // with runs of four and how many follow
	for i := 0; i < len(text); {
		n := 1
		for i+n < len(text) && n < 255 && text[i+n] == text[i] {
			n++
		}
		data = append(data, text[i:i+min(n, 4)]...)
		if n >= 4 {
			data = append(data, byte(n-4))
		}
		i += n
	}
	twice := append(slices.Clone(data), data...)
	rotations := make([]int, len(data))
	for i := range rotations {
		rotations[i] = i
	}
	slices.SortFunc(rotations, func(x, y int) int {
		return bytes.Compare(twice[x:x+len(data)], twice[y:y+len(data)])
	})
	b.put(0, 1)
	b.put(uint64(slices.Index(rotations, 0)), 24)

	var list []byte // the bytes that there are, those seen last first
	for c := range 256 {
		if bytes.IndexByte(data, byte(c)) >= 0 {
			list = append(list, byte(c))
		}
	}
	for high := range 16 {
		b.put(uint64(min(1, countHigh(list, high))), 1)
	}
	for high := range 16 {
		if countHigh(list, high) == 0 {
			continue
		}
		for low := range 16 {
			b.put(uint64(bytes.Count(list, []byte{byte(high<<4 | low)})), 1)
		}
	}
	end := len(list) + 1
	var symbols []int
	run := 0
	flush := func() {
		for ; run > 0; run = (run - 1) / 2 {
			symbols = append(symbols, 1-run%2)
		}
	}
	for _, r := range rotations {
		c := twice[r+len(data)-1]
		at := bytes.IndexByte(list, c)
		if at == 0 {
			run++
			continue
		}
		flush()
		symbols = append(symbols, at+1)
		copy(list[1:at+1], list[:at])
		list[0] = c
	}
	flush()
	symbols = append(symbols, end)

	// The first symbols have a code that is a bit shorter, so that every code stands for one.
	const group, tables = 50, 2
	length := bits.Len(uint(end))
	short := 1<<length - (end + 1)
	groups := (len(symbols) + group - 1) / group
	b.put(tables, 3)
	b.put(uint64(groups), 15)
	b.put(0, groups) // the first table for each
	for range tables {
		b.put(uint64(length-1), 5)
		b.put(0, short)
		b.put(0b100, 3) // one longer, from here on
		b.put(0, end-short)
	}
	for _, s := range symbols {
		if s < short {
			b.put(uint64(s), length-1)
		} else {
			b.put(uint64(s+short), length)
		}
	}
}

func countHigh(list []byte, high int) (n int) {
	for _, c := range list {
		if int(c>>4) == high {
			n++
		}
	}
	return n
}

// TestCompressors: what they make is what the tools would read.
func TestCompressors(t *testing.T) {
	text := sentences(40) + "aaaaaaaaaaaaaaaaaaaaaaaabbbb\n"
	for _, c := range compressors {
		got, rejects, _, _ := one(Text, RuleFile, c.codec, c.of(t, text[:1000], text[1000:])).raw(t)
		if len(rejects) > 0 || len(got) != 1 || got[0].Text != text {
			t.Errorf("%s: rejects %v", c.name, rejects)
		}
	}
}
