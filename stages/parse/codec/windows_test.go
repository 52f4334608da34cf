package codec

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/ingest"
)

// windowed is text in a frame that asks for a window.
func windowed(t testing.TB, size int, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(size), zstd.WithSingleSegment(false))
	if err != nil {
		t.Fatal(err)
	}
	for i := range text { // in pieces, so that the frame does not know how little it holds
		if _, err := w.Write([]byte(text[i : i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Flush(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readWithin decodes within windows.
func readWithin(name string, data []byte, w Windows) (string, error) {
	src := NewSource()
	src.SetWindows(w)
	src.Reset(bytes.NewReader(data), 0, int64(len(data)))
	s, err := Open(name, src)
	if err != nil {
		return "", err
	}
	out, err := io.ReadAll(s)
	return string(out), errors.Join(err, s.Close())
}

// TestWindows: a window over the limit is an error that names the setting, of the first frame or a later one, and no other
// setting is in the way.
func TestWindows(t *testing.T) {
	const large = 256 << 20
	small, big := windowed(t, 1<<20, "small"), windowed(t, large, "large")
	for _, c := range []struct {
		name  string
		data  []byte
		limit int64
		want  string
		bad   bool
	}{
		{"small", small, 0, "small", false},
		{"large", big, 0, "", true},
		{"large, allowed", big, large, "large", false},
		{"large, not quite allowed", big, large - 1, "", true},
		{"large behind small", append(bytes.Clone(small), big...), 0, "small", true},
		{"large behind small, allowed", append(bytes.Clone(small), big...), large, "smalllarge", false},
		{"small, little allowed", small, MinWindow, "small", false},
	} {
		got, err := readWithin(Zstd, c.data, Windows{Zstd: c.limit, Xz: MinWindow})
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if err != nil && (Reason(err) != ingest.ReasonExpansion || !strings.Contains(err.Error(), "parse.zstd_window_bytes")) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got := string(Windows{Zstd: large}.Head(Zstd, big, 10)); got != "large" {
		t.Errorf("head %q", got)
	}
	if got := Head(Zstd, big, 10); len(got) > 0 {
		t.Errorf("head %q", got)
	}
	// An xz file whose block asks for a dictionary of 8 MiB, as the tool writes at its default level.
	xz := []byte("\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\x01\x00\x04small\x00\x00\x00\x00<o\xbct\xc5t\x12\x84\x00\x01\x1d\x05\xb8-\x80\xaf\x1f\xb6\xf3}\x01\x00\x00\x00\x00\x04YZ")
	if got, err := readWithin(Xz, xz, Windows{}); got != "small" || err != nil {
		t.Errorf("xz: %q, %v", got, err)
	}
	_, err := readWithin(Xz, xz, Windows{Xz: 1 << 20})
	if err == nil || Reason(err) != ingest.ReasonExpansion || !strings.Contains(err.Error(), "parse.xz_window_bytes") {
		t.Errorf("xz: %v", err)
	}
}
