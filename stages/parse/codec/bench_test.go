package codec

import (
	"bytes"
	stdbzip2 "compress/bzip2"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/pierrec/lz4/v4"
)

// benchmarkText is Chinese text that compresses as news does.
func benchmarkText(size int) string {
	rng := rand.New(rand.NewPCG(5, 6))
	words := make([]string, 4000)
	for i := range words {
		for range 1 + rng.IntN(3) {
			words[i] += string(rune(0x4E00 + int(rng.ExpFloat64()*800)%0x5000))
		}
	}
	var b bytes.Buffer
	for b.Len() < size {
		b.WriteString(words[int(rng.ExpFloat64()*400)%len(words)])
		if rng.IntN(12) == 0 {
			b.WriteString("，")
		}
	}
	return b.String()
}

// benchmarkData compresses a text, with the tool where we have no compressor.
func benchmarkData(b *testing.B, name, text string) []byte {
	b.Helper()
	if name != Bzip2 && name != Xz {
		return compressed(b, name, text)
	}
	cmd := exec.CommandContext(b.Context(), name, "-c")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		b.Skip(name, err)
	}
	return out
}

// BenchmarkDecode measures every codec in decoded bytes, beside the library alone.
func BenchmarkDecode(b *testing.B) {
	size := 8 << 20
	if testing.Short() {
		size >>= 4
	}
	text := benchmarkText(size)
	bare := map[string]func(r io.Reader) (io.Reader, error){
		Gzip:  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		Zstd:  func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) },
		Bzip2: func(r io.Reader) (io.Reader, error) { return stdbzip2.NewReader(r), nil },
		Xz:    func(r io.Reader) (io.Reader, error) { return xz.NewReader(r, 0) },
		Lz4:   func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil },
	}
	buf := make([]byte, 256<<10)
	drain := func(b *testing.B, r io.Reader) {
		n := 0
		for {
			k, err := r.Read(buf)
			n += k
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		if n != len(text) {
			b.Fatal(fmt.Sprint(n, " bytes"))
		}
	}
	for _, name := range []string{Gzip, Zstd, Lz4, Bzip2, Xz} {
		b.Run(name, func(b *testing.B) {
			data := benchmarkData(b, name, text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			src := NewSource()
			for b.Loop() {
				src.Reset(bytes.NewReader(data), 0, int64(len(data)))
				s, err := Open(name, src)
				if err != nil {
					b.Fatal(err)
				}
				drain(b, s)
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("bare_"+name, func(b *testing.B) {
			data := benchmarkData(b, name, text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := bare[name](bytes.NewReader(data))
				if err != nil {
					b.Fatal(err)
				}
				drain(b, r)
				if c, ok := r.(*zstd.Decoder); ok {
					c.Close()
				}
			}
		})
	}
}
