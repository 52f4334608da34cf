package parse

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestExpected(t *testing.T) {
	pipelinetest.Long(t)
	r := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 6<<20) // hex digits: half of its size compressed
	for i := range text {
		text[i] = "0123456789abcdef"[r.IntN(16)]
	}
	size := int64(len(text))
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = enc.Close() }()
	zst := enc.EncodeAll(text, nil)
	gz := gzipped(t, string(text))
	small := gzipped(t, "一二三")
	zip := zipped(t, entry{name: "a.txt", data: string(text), method: 8}, entry{name: "folder/"}, entry{name: "b.txt", data: "一"})
	rows := strings.Repeat("一页之内说了又说的话", 50_000)
	parquet, _ := tabled(t, Parquet, []string{rows, rows})
	arrow, _ := tabled(t, Arrow, []string{"一"})
	long := bytes.Repeat([]byte("一"), 1<<20)
	bomb := gzipped(t, string(long)) // three bytes become thousands: more than text ever does
	for _, c := range []struct {
		name         string
		file         ingest.File
		data         []byte
		bytes, least int64
	}{
		{"text", ingest.File{Format: Text}, text, size, size},
		{"gb18030", ingest.File{Format: Text, Encoding: "gb18030"}, text[:1000], 1500, 1000},
		{"gzip says it", ingest.File{Format: Text, Compression: "gzip"}, gz, max(4*int64(len(gz)), size), size},
		{"zstd says it", ingest.File{Format: Text, Compression: "zstd"}, zst, max(5*int64(len(zst)), size), size},
		{"cut off", ingest.File{Format: Text, Compression: "gzip"}, gz[:len(gz)/2], 4 * int64(len(gz)/2), int64(len(gz) / 2)},
		{"not asked", ingest.File{Format: Text, Compression: "gzip"}, small, 4 * int64(len(small)), int64(len(small))},
		{"a bomb", ingest.File{Format: Text, Compression: "gzip"}, bomb, 4 * int64(len(bomb)), int64(len(bomb))},
		{"zip", ingest.File{Format: Zip, Document: RuleMember}, zip, size + 3, int64(len(zip))},
		{"no zip", ingest.File{Format: Zip, Document: RuleMember}, text[:100], 100, 100},
		{"arrow", ingest.File{Format: Arrow, Document: RuleRecord}, arrow, 2 * int64(len(arrow)), int64(len(arrow))},
		{"no parquet", ingest.File{Format: Parquet, Document: RuleRecord}, text[:100], 100, 100},
	} {
		in := newInput()
		c.file.Path = "file"
		in.add(c.file, newObject(c.data))
		bytes, least, err := NewFormats(in.cfg).Expected(t.Context(), in.from, 0)
		if bytes != c.bytes || least > c.bytes || err != nil || c.name != "cut off" && least != c.least {
			t.Errorf("%s: %d and at least %d, %v, want %d and %d", c.name, bytes, least, err, c.bytes, c.least)
		}
	}
	in := newInput()
	in.add(ingest.File{Path: "table", Format: Parquet, Document: RuleRecord}, newObject(parquet))
	most := int64(len(rows))*2 + 4096 // and pages and titles
	if bytes, _, err := NewFormats(in.cfg).Expected(t.Context(), in.from, 0); bytes < int64(len(rows))*2 || bytes > most || err != nil {
		t.Errorf("parquet: %d, %v, want %d to %d", bytes, err, len(rows)*2, most)
	}
	in = newInput()
	in.add(ingest.File{Path: "gone", Format: Zip}, newObject(zip))
	delete(in.from.Sources.(memorySources), "gone")
	if bytes, _, err := NewFormats(in.cfg).Expected(t.Context(), in.from, 0); bytes != int64(len(zip)) || err != nil {
		t.Errorf("gone: %d, %v", bytes, err)
	}
}
