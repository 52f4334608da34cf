package parse

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// blocked makes a bgzip file with a block a text, and the empty block that ends it.
func blocked(t testing.TB, texts ...string) []byte {
	t.Helper()
	var out []byte
	for _, text := range append(slices.Clone(texts), "") {
		var data bytes.Buffer
		w, err := flate.NewWriter(&data, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		out = append(out, 0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 'B', 'C', 2, 0)
		out = binary.LittleEndian.AppendUint16(out, uint16(18+data.Len()+8-1))
		out = append(out, data.Bytes()...)
		out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(text)))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	}
	return out
}

// seekable makes a zstd file with a frame a text, and a seek table.
func seekable(t testing.TB, texts ...string) []byte {
	t.Helper()
	var out, table []byte
	for _, text := range texts {
		frame := zstded(t, text)
		out = append(out, frame...)
		table = binary.LittleEndian.AppendUint32(table, uint32(len(frame)))
		table = binary.LittleEndian.AppendUint32(table, uint32(len(text)))
	}
	out = binary.LittleEndian.AppendUint32(out, 0x184D2A5E)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(table)+9))
	out = append(out, table...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(texts)))
	return append(out, 0, 0xB1, 0xEA, 0x92, 0x8F)
}

// framed makes a zstd file with a frame a text, each behind a frame to skip that says how long it is, as pzstd does.
func framed(t testing.TB, texts ...string) (out []byte) {
	t.Helper()
	for _, text := range texts {
		frame := zstded(t, text)
		out = append(out, 0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(frame)))
		out = append(out, frame...)
	}
	return out
}

// layouts are the kinds of files that can be cut.
var layouts = []struct {
	name, codec string
	build       func(t testing.TB, texts ...string) []byte
}{
	{"bgzip", codec.Gzip, blocked}, {"seekable zstd", codec.Zstd, seekable}, {"zstd frames", codec.Zstd, framed}, {"zstd", codec.Zstd, zstded},
}

// cutAt replaces the splits of an input by pieces of about so many stored bytes, one a split.
func (in *input) cutAt(t testing.TB, size int64) {
	t.Helper()
	pieces, err := NewFormats(in.cfg).Cut(t.Context(), in.from, 0, size)
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) == 0 {
		return
	}
	in.from.Plan.Splits = nil
	for _, p := range pieces {
		in.from.Plan.Splits = append(in.from.Plan.Splits, ingest.Split{Pieces: []ingest.Piece{p}})
	}
}

// checkLayout compares the records of a compressed file, cut, with those of the decoded file.
func checkLayout(t testing.TB, what, codec, rule string, data []byte, text string, limit, size int64) (splits int) {
	t.Helper()
	plain := one(Text, rule, "", []byte(text))
	in := one(Text, rule, codec, data)
	plain.cfg.MaxDocumentBytes, in.cfg.MaxDocumentBytes = limit, limit
	want, wantRejects, _, _ := plain.raw(t)
	in.cutAt(t, size)
	got, rejects, _, stored := in.raw(t)
	if diff := cmp.Diff(trimRecords(want), trimRecords(got)); diff != "" {
		t.Fatalf("%s, %s, cut every %d: %s", what, rule, size, diff)
	}
	if diff := cmp.Diff(wantRejects, rejects); diff != "" {
		t.Fatalf("%s, %s, cut every %d: rejects %s", what, rule, size, diff)
	}
	if stored != int64(len(data)) {
		t.Fatalf("%s, %s, cut every %d: consumed %d of %d bytes", what, rule, size, stored, len(data))
	}
	return len(in.from.Plan.Splits)
}

// TestCutCompressed holds that any split of a compressed file gives the same documents, at the same offsets.
func TestCutCompressed(t *testing.T) {
	pieces := []string{"温", "a", "\n", "\n\n", "\r\n", " ", "\u3000", "\xE3\x80", strings.Repeat("长", 500), strings.Repeat(" ", 700), bom}
	rapid.Check(t, func(rt *rapid.T) {
		var texts []string
		for range rapid.IntRange(1, 12).Draw(rt, "members") {
			texts = append(texts, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 10).Draw(rt, "text"), ""))
		}
		rule := rapid.SampledFrom([]string{RuleLine, RuleBlankLine}).Draw(rt, "rule")
		limit, size := rapid.Int64Range(maxBlank, 4000).Draw(rt, "limit"), rapid.Int64Range(1, 300).Draw(rt, "size")
		for _, l := range layouts {
			checkLayout(t, l.name, l.codec, rule, l.build(t, texts...), strings.Join(texts, ""), limit, size)
		}
	})
}

func TestCutLarge(t *testing.T) {
	text := sentences(9000)
	var texts []string
	for rest := text; rest != ""; {
		n := min(len(rest), 30011)
		texts, rest = append(texts, rest[:n]), rest[n:]
	}
	for _, l := range layouts {
		data := l.build(t, texts...)
		if d := Detect("a.jsonl", data[:HeadBytes], Default()); !d.Cut || d.Compression != l.codec {
			t.Errorf("%s: %+v", l.name, d)
		}
		for _, rule := range []string{RuleLine, RuleBlankLine} {
			for size, want := range map[int64]int{1 << 10: len(texts), 50000: len(data) / 60000, int64(len(data)): 1} {
				if n := checkLayout(t, l.name, l.codec, rule, data, text, 1<<20, size); n < want-1 || n > len(texts)+2 {
					t.Errorf("%s, cut every %d: %d splits", l.name, size, n)
				}
			}
		}
	}
	for name, data := range map[string][]byte{"gzip": gzipped(t, texts...), "bzip2": []byte("BZh9"), "xz": nil, "lz4": nil} {
		if codec.Cuttable(name, data) {
			t.Errorf("%s can be cut", name)
		}
	}
}

// TestCutDamaged cuts off and flips bytes of files with an index: the cuts that are found are in order, and what is read is
// read without an error.
func TestCutDamaged(t *testing.T) {
	pipelinetest.Long(t)
	text := sentences(300)
	for _, l := range layouts {
		data := l.build(t, text[:3000], text[3000:9000], text[9000:])
		for i := range data {
			damaged := bytes.Clone(data)
			if i%2 == 0 {
				damaged = damaged[:i]
			} else {
				damaged[i] ^= 0xFF
			}
			in := one(Text, RuleLine, l.codec, damaged)
			if i%29 != 0 && i > 100 && i < len(data)-100 {
				continue
			}
			in.cutAt(t, 100)
			at := ingest.Piece{}
			for _, s := range in.from.Plan.Splits {
				p := s.Pieces[0]
				if p.Start != at.End || p.From != at.To || p.End < p.Start {
					t.Fatalf("%s, byte %d: piece %+v behind %+v", l.name, i, p, at)
				}
				at = p
			}
			if _, _, _, stored := in.raw(t); stored != int64(len(damaged)) {
				t.Fatalf("%s, byte %d: consumed %d of %d bytes", l.name, i, stored, len(damaged))
			}
		}
	}
}

// TestCutWrongIndex: where the seek table of a file is wrong about what is decoded before a cut, no document is lost or taken
// twice without a word.
func TestCutWrongIndex(t *testing.T) {
	text := sentences(1200)
	frames := []string{text[:30000], text[30000:60000], text[60000:]}
	plain := one(Text, RuleLine, "", []byte(text))
	want, _, _, _ := plain.raw(t)
	sound := seekable(t, frames...)
	entries := len(sound) - 9 - 8*len(frames)
	for entry := range 2 {
		for _, by := range []int{-29000, -3000, -100, -1, 1, 100, 3000, 90000} {
			data := bytes.Clone(sound)
			field := data[entries+8*entry+4:]
			binary.LittleEndian.PutUint32(field, uint32(30000+by))
			in := one(Text, RuleLine, codec.Zstd, data)
			in.cutAt(t, 100)
			if n := len(in.from.Plan.Splits); n <= len(frames) {
				t.Fatalf("%d splits", n)
			}
			got, rejects, _, _ := in.raw(t)
			if len(rejects) == 0 || rejects[0].Reason != ingest.ReasonCorrupt || !strings.Contains(rejects[0].Detail, "index") {
				t.Errorf("entry %d wrong by %d: %d of %d records, rejects %+v", entry, by, len(got), len(want), rejects)
			}
		}
	}
}

func TestCutUnreadable(t *testing.T) {
	in := one(Text, RuleLine, codec.Gzip, blocked(t, "a\n", "b\n", "c\n"))
	sources := in.from.Sources.(memorySources)
	sources["file"] = failingObject{sources["file"], 30, errors.New("disk")}
	if _, err := NewFormats(in.cfg).Cut(t.Context(), in.from, 0, 1); err == nil {
		t.Error("no error")
	} else if reject, ok := errors.AsType[*pipeline.RejectError](err); !ok || reject.Reason != pipeline.ReasonUnreadable {
		t.Errorf("error %v", err)
	}
	delete(sources, "file")
	if _, err := NewFormats(in.cfg).Cut(t.Context(), in.from, 0, 1); err == nil {
		t.Error("no error")
	}
}

func FuzzCut(f *testing.F) {
	for _, l := range layouts {
		f.Add(l.build(f, "a\nb\n", "c", "\nd\n"), l.codec == codec.Gzip, uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, gzip bool, size uint8) {
		name := codec.Zstd
		if gzip {
			name = codec.Gzip
		}
		in := one(Text, RuleLine, name, data)
		in.cfg.MaxDocumentBytes, in.cfg.MaxExpandedBytes = 1<<20, 8<<20
		in.cutAt(t, int64(size))
		if _, _, _, stored := in.raw(t); stored != int64(len(data)) {
			t.Fatalf("consumed %d of %d bytes", stored, len(data))
		}
	})
}
