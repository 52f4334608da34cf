package warc

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// encode applies one content encoding.
func encode(t testing.TB, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch name {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, err = flate.NewWriter(&b, 6)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	default:
		t.Fatal(name)
	}
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDecoder(t *testing.T) {
	text := strings.Repeat("文本", 300)
	zipped := encode(t, "gzip", text)
	for _, c := range []struct {
		name, header, body, want string
		notes                    []string
		err                      error
	}{
		{"plain", "", text, text, nil, nil},
		{"length", "Content-Length: 1800\r\n", text, text, nil, nil},
		{"short", "Content-Length: 1801\r\n", text, text, []string{NoteShort}, nil},
		{"gzip", "Content-Encoding: gzip\r\n", zipped, text, nil, nil},
		{"x-gzip", "content-encoding: X-GZIP\r\n", zipped, text, nil, nil},
		{"zlib", "Content-Encoding: deflate\r\n", encode(t, "zlib", text), text, nil, nil},
		{"bare deflate", "Content-Encoding: deflate\r\n", encode(t, "flate", text), text, nil, nil},
		{"brotli", "Content-Encoding: br\r\n", encode(t, "br", text), text, nil, nil},
		{"zstd", "Content-Encoding: zstd\r\n", encode(t, "zstd", text), text, nil, nil},
		{"two layers", "Content-Encoding: gzip, br\r\n", encode(t, "br", zipped), text, nil, nil},
		{"three layers", "Content-Encoding: gzip\r\nContent-Encoding: br, zstd\r\n", encode(t, "zstd", encode(t, "br", zipped)), text, nil, nil},
		{"four layers", "Content-Encoding: gzip, gzip, gzip, gzip\r\n", encode(t, "gzip", encode(t, "gzip", encode(t, "gzip", zipped))), zipped, []string{NoteEncoding}, nil},
		{"decoded already", "Content-Encoding: gzip\r\n", text, text, []string{NoteEncoding}, nil},
		{"unknown", "Content-Encoding: sdch\r\n", text, text, []string{NoteEncoding}, nil},
		{"no encoding", "Content-Encoding: identity,\r\n", text, text, nil, nil},
		{"cut off", "Content-Encoding: gzip\r\n", zipped[:len(zipped)-4], text, []string{NoteEncoding}, nil},
		{"expansion", "Content-Encoding: gzip\r\n", encode(t, "gzip", strings.Repeat("a", 100<<10)), "", nil, ErrExpansion},
		{"chunks", "Transfer-Encoding: chunked\r\n", "3\r\n一\r\n6;x=y\r\n二三\r\n0\r\nA: b\r\n\r\n", "一二三", nil, nil},
		{"chunks of gzip", "Content-Encoding: gzip\r\nTransfer-Encoding: gzip, chunked\r\n", "a\r\n" + zipped[:10] + "\r\nFFF\r\n" + zipped[10:], text, []string{NoteChunks}, nil},
		{"not in chunks", "Transfer-Encoding: chunked\r\n", text, text, []string{NoteChunks}, nil},
		{"bad size", "Transfer-Encoding: chunked\r\n", "3\r\n一\r\nxyz\r\n二", "一", []string{NoteChunks}, nil},
		{"no end", "Transfer-Encoding: chunked\r\n", "3\r\n一\r\n", "一", []string{NoteChunks}, nil},
		{"chunk cut off", "Transfer-Encoding: chunked\r\n", "3\r\n一\r\n9\r\n二", "一二", []string{NoteChunks}, nil},
		{"line feeds", "Transfer-Encoding: chunked\r\n", "3\n一\n0\n\n", "一", nil, nil},
		{"huge chunk", "Transfer-Encoding: chunked\r\n", "fffffffffffffff\r\n一", "一", []string{NoteChunks}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder(64 << 10)
			for range 2 { // the second time in used memory
				doc, err := d.Decode([]byte(strings.TrimSuffix(response("Content-Type: text/html\r\n"+c.header, c.body), "\r\n\r\n")))
				if !errors.Is(err, c.err) {
					t.Fatal(err)
				}
				if string(doc.Body) != c.want {
					t.Errorf("got %q", doc.Body)
				}
				if diff := cmp.Diff(c.notes, doc.Notes); diff != "" && err == nil {
					t.Error(diff)
				}
			}
		})
	}
}
