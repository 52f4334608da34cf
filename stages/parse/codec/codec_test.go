package codec

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// all are the codecs of the table.
var all = []string{None, Gzip, Zstd, Bzip2, Xz, Lz4, Deflate}

// fixture is the text of the files in testdata, which have three streams: one half of it, nothing, and the other half.
var fixture = strings.Repeat("一二三", 5000)

// places are some indexes of a file of n bytes: near its ends all of them.
func places(n int) (at []int) {
	const near = 20
	for i := 0; i < n; i++ {
		if i >= near && i < n-near {
			i += n / 40
		}
		at = append(at, min(i, n-1))
	}
	return at
}

func compressed(t testing.TB, name, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch name {
	case Gzip:
		w = gzip.NewWriter(&out)
	case Zstd:
		enc, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		w = enc
	case Lz4:
		w = lz4.NewWriter(&out)
	case Deflate:
		enc, err := flate.NewWriter(&out, flate.DefaultCompression)
		if err != nil {
			t.Fatal(err)
		}
		w = enc
	case Bzip2, Xz: // nothing that we use writes them
		data, err := os.ReadFile("testdata/text." + name)
		if err != nil || text != fixture {
			t.Fatal(name, err)
		}
		return data
	default:
		return []byte(text)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestStreams(t *testing.T) {
	text := fixture
	src := NewSource()
	for range 2 { // the second time with decoders from the pool
		for _, name := range all {
			data := compressed(t, name, text)
			if got := Detect(data); got != name && name != Deflate {
				t.Errorf("%q detected as %q", name, got)
			}
			src.Reset(bytes.NewReader(data), 0, int64(len(data)))
			s, err := Open(name, src)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(s, []byte(text)); err != nil {
				t.Errorf("%q: %v", name, err)
			}
			if src.Pos() != int64(len(data)) || src.Err() != nil {
				t.Errorf("%q: %d of %d bytes, error %v", name, src.Pos(), len(data), src.Err())
			}
			for range 2 {
				if err := s.Close(); err != nil {
					t.Errorf("%q: close: %v", name, err)
				}
			}
			if got := Head(name, data, 10); string(got) != text[:10] {
				t.Errorf("%q: head %q", name, got)
			}
		}
	}
}

// Every codec of the table is tested, and named where the words of the ledger are explained.
func TestEveryCodecIsTested(t *testing.T) {
	for _, c := range table {
		if !slices.Contains(all, c.name) {
			t.Errorf("codec %s is in no test: see all", c.name)
		}
		if c.suffixes != nil {
			pipelinetest.DocumentedWords(t, "ledger.md", c.name)
		}
	}
}

func TestOpenUnknown(t *testing.T) {
	if _, err := Open("rar", NewSource()); !pipeline.IsPermanent(err) {
		t.Errorf("error %v", err)
	}
}

func TestReason(t *testing.T) {
	for name, want := range map[string]error{
		ingest.ReasonTruncated: io.ErrUnexpectedEOF,
		ingest.ReasonCorrupt:   gzip.ErrChecksum,
		ingest.ReasonExpansion: errors.Join(errExpansion),
	} {
		if got := Reason(want); got != name {
			t.Errorf("%v is %s", want, got)
		}
	}
}

// TestSourceError keeps an error of the disk apart from what a decoder makes of it.
func TestSourceError(t *testing.T) {
	for _, name := range all {
		data := compressed(t, name, fixture)
		for _, cut := range places(len(data)) {
			src := NewSource()
			src.Reset(bytes.NewReader(data[:cut]), 0, int64(len(data))) // the file became shorter
			s, err := Open(name, src)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, s); err == nil && cut > 0 && (name == Gzip || name == Lz4 || name == Deflate) {
				t.Errorf("%q, cut at %d: no error", name, cut)
			}
			if !errors.Is(src.Err(), io.ErrUnexpectedEOF) {
				t.Errorf("%q, cut at %d: source error %v", name, cut, src.Err())
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTrimSuffix(t *testing.T) {
	for name, want := range map[string]string{"a.txt.gz": "a.txt", "a.zstd": "a", "a.txt": "a.txt", "a.b.tgz": "a.b.tar", ".txz": ".txz", ".gz": ".gz", "": ""} {
		if got := TrimSuffix(name); got != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
}

// TestMembers holds that every codec reads files that were laid end to end, also in pieces of one byte.
func TestMembers(t *testing.T) {
	for _, name := range all[1:] {
		if name == Deflate {
			continue
		}
		one := compressed(t, name, fixture)
		data := append(bytes.Clone(one), one...)
		src := NewSource()
		src.ResetStream(iotest.OneByteReader(bytes.NewReader(data)))
		s, err := Open(name, src)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(s); err != nil || string(got) != fixture+fixture {
			t.Errorf("%s: %d bytes, error %v", name, len(got), err)
		}
		if src.Pos() != int64(len(data)) {
			t.Errorf("%s: read %d of %d bytes", name, src.Pos(), len(data))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		damaged := append(bytes.Clone(one), "no header of any kind"...)
		src.Reset(bytes.NewReader(damaged), 0, int64(len(damaged)))
		if s, err = Open(name, src); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, s); n != int64(len(fixture)) || Reason(err) != ingest.ReasonCorrupt {
			t.Errorf("%s, garbage behind: %d bytes, error %v", name, n, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTruncated cuts files everywhere: what comes is a prefix, and the reason says that the file ends too early, but where
// the cut lies between two streams.
func TestTruncated(t *testing.T) {
	for _, name := range all[1:] {
		data := compressed(t, name, fixture)
		clean := 0
		src := NewSource()
		for _, cut := range places(len(data))[1:] {
			src.Reset(bytes.NewReader(data), 0, int64(cut))
			s, err := Open(name, src)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(s)
			switch {
			case !strings.HasPrefix(fixture, string(got)):
				t.Fatalf("%s, cut at %d: other bytes", name, cut)
			case err == nil:
				clean++
			case Reason(err) != ingest.ReasonTruncated:
				t.Fatalf("%s, cut at %d: %v", name, cut, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		// xz knows padding of four zeros between streams, and the fixtures have three.
		if most := map[string]int{Bzip2: 2, Xz: 2}[name]; clean > most {
			t.Errorf("%s: %d cuts went unseen", name, clean)
		}
	}
}

// TestFlipped flips bits of short files: the checksums see it, where there are any, and nothing panics or hangs.
func TestFlipped(t *testing.T) {
	for _, name := range []string{Bzip2, Xz, Gzip} {
		data := compressed(t, name, fixture)
		for _, at := range places(len(data)) {
			flipped := bytes.Clone(data)
			flipped[at] ^= 1 << (at % 8)
			src := NewSource()
			src.Reset(bytes.NewReader(flipped), 0, int64(len(flipped)))
			s, err := Open(name, src)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, io.LimitReader(s, 4*int64(len(fixture))))
			if err == nil && n < int64(len(fixture)) {
				t.Errorf("%s, byte %d: %d bytes", name, at, n)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestSkippable tells two formats apart that share the mark of frames to skip.
func TestSkippable(t *testing.T) {
	skip := []byte{0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3}
	skip = append(skip, skip...)
	for _, name := range []string{Zstd, Lz4} {
		data := append(bytes.Clone(skip), compressed(t, name, fixture)...)
		if got := Detect(data); got != name {
			t.Errorf("%s detected as %q", name, got)
		}
		if got := Head(name, data, 9); string(got) != fixture[:9] {
			t.Errorf("%s: head %q", name, got)
		}
	}
	if got := Detect(skip); got != Zstd {
		t.Errorf("detected as %q", got)
	}
	if got := Detect(skip[:4]); got != Zstd {
		t.Errorf("detected as %q", got)
	}
}

// TestDictionary refuses an xz file whose dictionary of 256 MiB would have to be allocated.
func TestDictionary(t *testing.T) {
	data, err := hex.DecodeString("fd377a585a000004e6d6b44602002101200000000988a576010001610a00000013473fb8939d45d400011a02dc2ea57e1fb6f37d010000000004595a")
	if err != nil {
		t.Fatal(err)
	}
	src := NewSource()
	src.Reset(bytes.NewReader(data), 0, int64(len(data)))
	s, err := Open(Xz, src)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(s); Reason(err) != ingest.ReasonExpansion {
		t.Errorf("error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func fuzzCodec(f *testing.F, name string) {
	data, err := hex.DecodeString(map[string]string{
		Bzip2: "425a68393141593653593c854112000001410000103000200030cc0c7a8271772453850903c8541120",
		Xz:    "fd377a585a000004e6d6b4460200210116000000742fe5a3010003610a620a00448e2cb5ada0cdac00011c046f2c9cc11fb6f37d010000000004595a",
	}[name])
	if err != nil {
		f.Fatal(err)
	}
	if len(data) == 0 {
		data = compressed(f, name, "a\nb\n")
	}
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(append(bytes.Clone(data), data...))
	f.Fuzz(func(t *testing.T, data []byte) {
		src := NewSource()
		src.Reset(bytes.NewReader(data), 0, int64(len(data)))
		s, err := Open(name, src)
		if err != nil {
			t.Fatal(err)
		}
		const limit = 8 << 20
		n, err := io.Copy(io.Discard, io.LimitReader(s, limit))
		if n < limit && err == nil && src.Pos() != int64(len(data)) && name != Deflate {
			t.Errorf("ended at %d of %d bytes", src.Pos(), len(data))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func FuzzBzip2(f *testing.F)   { fuzzCodec(f, Bzip2) }
func FuzzXz(f *testing.F)      { fuzzCodec(f, Xz) }
func FuzzLz4(f *testing.F)     { fuzzCodec(f, Lz4) }
func FuzzDeflate(f *testing.F) { fuzzCodec(f, Deflate) }
