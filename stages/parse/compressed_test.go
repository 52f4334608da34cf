package parse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// gzipped makes a member a text.
func gzipped(t testing.TB, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzipWriter()
	defer gzipWriters.Put(w)
	for _, text := range texts {
		w.Reset(&out)
		w.Name = "name of the file"
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// gzipWriters keeps writers for more members: each takes a megabyte.
var gzipWriters sync.Pool

func gzipWriter() *gzip.Writer {
	if w, ok := gzipWriters.Get().(*gzip.Writer); ok {
		return w
	}
	return gzip.NewWriter(nil)
}

// zstded makes a frame a text, each with its checksum.
func zstded(t testing.TB, texts ...string) []byte {
	t.Helper()
	enc, err := zstdEncoder()
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, text := range texts {
		out = enc.EncodeAll([]byte(text), out)
	}
	return out
}

var zstdEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
})

// sentences is text that does not compress to nothing.
func sentences(lines int) string {
	var b strings.Builder
	x := uint32(1)
	for i := range lines {
		fmt.Fprintf(&b, "第%d行", i)
		for range 20 {
			x = x*1664525 + 1013904223
			b.WriteRune(rune(0x4E00 + x>>18))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func codecs(t testing.TB, texts ...string) map[string][]byte {
	return map[string][]byte{"gzip": gzipped(t, texts...), "zstd": zstded(t, texts...)}
}

// TestMembers reads what several members or frames hold as one file: the cuts between them are no line ends.
func TestMembers(t *testing.T) {
	text := sentences(3000)
	for name, data := range codecs(t, text[:1000], text[1000:1001], "", text[1001:]) {
		for _, rule := range []string{RuleLine, RuleBlankLine, RuleFile} {
			records, rejects, _, stored := one(Text, rule, name, data).raw(t)
			plain, _, _, _ := one(Text, rule, "", []byte(text)).raw(t)
			if diff := cmp.Diff(plain, records); diff != "" || len(rejects) > 0 {
				t.Errorf("%s, %s: rejects %v, %s", name, rule, rejects, diff)
			}
			if stored != int64(len(data)) {
				t.Errorf("%s, %s: consumed %d of %d bytes", name, rule, stored, len(data))
			}
		}
	}
	t.Run("padding", func(t *testing.T) {
		_, rejects, _, _ := one(Text, RuleLine, "gzip", append(gzipped(t, text), make([]byte, 1000)...)).raw(t)
		if len(rejects) > 0 {
			t.Errorf("rejects %v", rejects)
		}
	})
}

// TestDamage cuts and flips compressed files everywhere: what is kept is a prefix of the records, and the rest is one file
// reject, or the damage did no harm.
func TestDamage(t *testing.T) {
	text := sentences(6000)
	want, _, _, _ := one(Text, RuleLine, "", []byte(text)).raw(t)
	check := func(t *testing.T, what string, data []byte, codec, reason string, exact bool) {
		t.Helper()
		records, rejects, _, stored := one(Text, RuleLine, codec, data).raw(t)
		if len(rejects) != 1 || rejects[0].Reason != reason || rejects[0].Scope != columnar.ScopeFile || rejects[0].Bytes < 1 {
			t.Fatalf("%s: rejects %v", what, rejects)
		}
		if exact && len(records) > len(want) {
			t.Fatalf("%s: %d records", what, len(records))
		}
		if !exact {
			records = nil
		} else if diff := cmp.Diff(want[:len(records)], records, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s: %s", what, diff[:min(len(diff), 500)])
		}
		if n := len(records); n > 0 && rejects[0].Offset < records[n-1].Offset+int64(len(records[n-1].Text)) {
			t.Fatalf("%s: rejected from %d, the last record is at %d", what, rejects[0].Offset, records[n-1].Offset)
		}
		if stored != int64(len(data)) {
			t.Fatalf("%s: consumed %d of %d bytes", what, stored, len(data))
		}
		whole, rejects, _, _ := one(Text, RuleFile, codec, data).raw(t)
		wantReject := []columnar.Reject{{Scope: columnar.ScopeFile, Bytes: int64(len(data)), Reason: reason}}
		if diff := cmp.Diff(wantReject, rejects, noDetail); diff != "" || len(whole) > 0 {
			t.Fatalf("%s: whole file: %d records, %s", what, len(whole), diff)
		}
	}
	for codec, data := range codecs(t, text[:len(text)/2], text[len(text)/2:]) {
		t.Run(codec, func(t *testing.T) {
			middle := len(codecs(t, text[:len(text)/2])[codec])
			for _, cut := range []int{1, 2, 3, 4, 5, 9, 12, 20, 100, len(data) / 3, middle - 1, middle + 1, middle + 3, middle + 12, len(data) - 9, len(data) - 1} {
				check(t, fmt.Sprintf("cut at %d", cut), data[:cut], codec, ingest.ReasonTruncated, true)
			}
			if records, rejects, _, _ := one(Text, RuleLine, codec, data[:middle]).raw(t); len(rejects) > 0 || len(records) < 2900 {
				t.Errorf("cut between members: %d records, rejects %v", len(records), rejects)
			}
			// What a flipped bit spoils is seen with the checksum at the latest, after some of it has been read.
			flipped := bytes.Clone(data)
			flipped[len(data)*3/4] ^= 0x10
			check(t, "flipped", flipped, codec, ingest.ReasonCorrupt, false)
			check(t, "bad checksum", append(data[:len(data)-6:len(data)-6], 1, 2, 3, 4, 5, 6), codec, ingest.ReasonCorrupt, true)
			check(t, "garbage behind", append(slices.Clip(data), "garbage that is no header"...), codec, ingest.ReasonCorrupt, true)
			check(t, "no such file", []byte("this was never compressed"), codec, ingest.ReasonCorrupt, true)
		})
	}
}

// TestBomb makes a gzip file that expands a thousandfold, and reads it in little memory.
func TestBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write([]byte("a document\n")); err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for range 80 { // more than minExpanded
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	in := one(Text, RuleLine, "gzip", bomb.Bytes())
	in.cfg.MaxDocumentBytes = 1 << 20
	records, rejects, _, _ := in.raw(t)
	if diff := cmp.Diff([]record{{0, "a document\n"}}, records); diff != "" {
		t.Error(diff)
	}
	want := []columnar.Reject{{Scope: columnar.ScopeFile, Offset: minExpanded, Reason: ingest.ReasonExpansion}}
	if len(rejects) == 1 {
		if got := rejects[0].Bytes; got < int64(bomb.Len())/8 || got > int64(bomb.Len()) {
			t.Errorf("rejected %d of %d stored bytes", got, bomb.Len())
		}
		rejects[0].Bytes = 0
	}
	if diff := cmp.Diff(want, rejects, noDetail); diff != "" {
		t.Error(diff)
	}
	in.cfg.MaxExpandedBytes = 11
	_, rejects, _, _ = in.raw(t)
	if len(rejects) != 1 || rejects[0].Offset != 11 {
		t.Errorf("rejects %v", rejects)
	}
	in.cfg = Default()
	in.cfg.MaxExpansion = 2000
	if _, rejects, _, _ = in.raw(t); len(rejects) != 1 || rejects[0].Reason != ingest.ReasonTooLarge || rejects[0].Bytes != 80<<20 {
		t.Errorf("allowed to expand: rejects %v", rejects)
	}
}

// TestWindow refuses a zstd frame that asks for more memory than a decoder gets.
func TestWindow(t *testing.T) {
	frame := []byte{0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x90 /* 2^28 bytes */, 0x01, 0x00, 0x00}
	_, rejects, _, _ := one(Text, RuleLine, "zstd", frame).raw(t)
	if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonExpansion {
		t.Errorf("rejects %v", rejects)
	}
	if len(rejects) == 1 && !strings.Contains(rejects[0].Detail, "zstd_window_bytes") {
		t.Errorf("the way out is not told: %s", rejects[0].Detail)
	}
	in := one(Text, RuleLine, "zstd", append(frame, codecs(t, "一\n")["zstd"]...))
	in.cfg.ZstdWindow = 256 << 20
	if records, rejects, _, _ := in.raw(t); len(records) != 1 || len(rejects) > 0 {
		t.Errorf("allowed: records %v, rejects %v", records, rejects)
	}
}

func fuzzCompressed(f *testing.F, codec string) {
	f.Add([]byte("a\nb\n"))
	for _, data := range [][]byte{codecs(f, "a\nb\n")[codec], codecs(f, sentences(100), "", "x\n\ny")[codec]} {
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, rule := range []string{RuleLine, RuleFile} {
			in := one(Text, rule, codec, data)
			in.cfg.MaxDocumentBytes = 1 << 20
			records, rejects, _, stored := in.raw(t)
			if stored != int64(len(data)) {
				t.Fatalf("consumed %d of %d bytes", stored, len(data))
			}
			if rule == RuleFile && len(records)+len(rejects) != 1 {
				t.Fatalf("%d records and %d rejects", len(records), len(rejects))
			}
		}
	})
}

// TestDamagedWhole: a file of which nothing can be decoded counts with all of its bytes, though the decoder has read them.
func TestDamagedWhole(t *testing.T) {
	data := zstded(t, sentences(10))
	data[len(data)-1] ^= 1 // its checksum
	records, rejects, _, _ := one(Text, RuleLine, "zstd", data).raw(t)
	if len(records) > 0 || len(rejects) != 1 || rejects[0].Offset != 0 || rejects[0].Bytes != int64(len(data)) {
		t.Errorf("%d records, rejects of %d bytes %+v", len(records), len(data), rejects)
	}
}

func FuzzGzip(f *testing.F) { fuzzCompressed(f, "gzip") }
func FuzzZstd(f *testing.F) { fuzzCompressed(f, "zstd") }
