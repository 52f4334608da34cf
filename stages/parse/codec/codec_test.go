package codec

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"

	"millrace/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	text := strings.Repeat("一二三", 50000)
	src := NewSource()
	for range 2 { // the second time with decoders from the pool
		for _, name := range []string{None, Gzip, Zstd} {
			data := compressed(t, name, text)
			if got := Detect(data); got != name {
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

func TestOpenUnknown(t *testing.T) {
	if _, err := Open("rar", NewSource()); !pipeline.IsPermanent(err) {
		t.Errorf("error %v", err)
	}
}

func TestReason(t *testing.T) {
	for name, want := range map[string]error{
		pipeline.ReasonTruncated: io.ErrUnexpectedEOF,
		pipeline.ReasonCorrupt:   gzip.ErrChecksum,
		pipeline.ReasonExpansion: errors.Join(errExpansion),
	} {
		if got := Reason(want); got != name {
			t.Errorf("%v is %s", want, got)
		}
	}
}

// TestSourceError keeps an error of the disk apart from what a decoder makes of it.
func TestSourceError(t *testing.T) {
	for _, name := range []string{None, Gzip, Zstd} {
		data := compressed(t, name, strings.Repeat("一", 100))
		for cut := range data {
			src := NewSource()
			src.Reset(bytes.NewReader(data[:cut]), 0, int64(len(data))) // the file became shorter
			s, err := Open(name, src)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, s); err == nil && name == Gzip {
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
	for name, want := range map[string]string{"a.txt.gz": "a.txt", "a.zstd": "a", "a.txt": "a.txt", ".gz": ".gz", "": ""} {
		if got := TrimSuffix(name); got != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
}
