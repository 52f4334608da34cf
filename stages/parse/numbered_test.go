package parse

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// numbered makes an input of a file whose members hold documents of their own.
func numbered(rule string, data []byte) *input {
	in := one(Text, rule, codec.Gzip, data)
	in.from.Plan.Files[0].Numbered = true
	return in
}

// TestNumbered reads members one by one: none goes on in the next, and offsets are those of the members.
func TestNumbered(t *testing.T) {
	members := []string{"甲", "乙一\n乙二\n\n", "", "丙"}
	var data []byte
	var at []int64
	for _, m := range members {
		at = append(at, int64(len(data)))
		data = append(data, gzipped(t, m)...)
	}
	want := []record{{at[0], "甲"}, {at[1], "乙一\n"}, {at[1] + 1, "乙二\n"}, {at[3], "丙"}}
	for _, padded := range [][]byte{data, append(slices.Clone(data), make([]byte, 100)...)} {
		got, rejects, _, stored := numbered(RuleLine, padded).raw(t)
		if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 || stored != int64(len(padded)) {
			t.Errorf("consumed %d, rejects %v, %s", stored, rejects, diff)
		}
	}
	for cut := 1; cut < len(data); cut++ {
		got, rejects, _, stored := numbered(RuleLine, data[:cut]).raw(t)
		ended := slices.Contains(at, int64(cut))
		if len(got) > len(want) || len(rejects) > 1 || len(rejects) == 0 != ended || stored != int64(cut) {
			t.Errorf("cut at %d: %v, rejects %v", cut, got, rejects)
		}
		for i, r := range got {
			if r.Offset != want[i].Offset || !strings.HasPrefix(want[i].Text, r.Text) {
				t.Errorf("cut at %d: %v", cut, got)
			}
		}
	}
	_, rejects, _, _ := numbered(RuleLine, append(slices.Clone(data), "garbage that is long enough"...)).raw(t)
	if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonCorrupt || rejects[0].Offset != int64(len(data)) {
		t.Errorf("rejects %v", rejects)
	}
}

// TestNumberedMany holds that numbers never reach the offset of the next member.
func TestNumberedMany(t *testing.T) {
	one := gzipped(t, strings.Repeat("a\n", 50000))
	got, rejects, _, stored := numbered(RuleLine, append(slices.Clone(one), one...)).raw(t)
	if len(rejects) != 2 || rejects[0].Reason != ingest.ReasonUnsupported || stored != 2*int64(len(one)) {
		t.Errorf("consumed %d, rejects %v", stored, rejects)
	}
	for i, r := range got {
		if i > 0 && got[i-1].Offset >= r.Offset {
			t.Fatalf("record %d at %d behind %d", i, r.Offset, got[i-1].Offset)
		}
	}
	if len(got) < 36 {
		t.Errorf("%d records", len(got))
	}
}

// TestNumberedCut holds that any split gives the same documents, also of a file with members that hold members.
func TestNumberedCut(t *testing.T) {
	pipelinetest.Long(t)
	text := sentences(200)
	var inner, data bytes.Buffer
	for i := range 150 {
		inner.Write(gzipped(t, fmt.Sprintf("inner %d %s", i, text[i*50:])))
	}
	for i := range 300 {
		if i == 100 { // as it is, in stored blocks
			w, err := gzip.NewWriterLevel(&data, gzip.NoCompression)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(inner.Bytes()); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		data.Write(gzipped(t, fmt.Sprintf("member %d %s", i, text[i*20:])))
	}
	want, rejects, _, _ := numbered(RuleBlankLine, data.Bytes()).raw(t)
	if len(rejects) > 0 || len(want) < 300 {
		t.Fatalf("%d records, %d rejects", len(want), len(rejects))
	}
	most := 0
	for size := int64(100 << 10); size < int64(data.Len()); size += 311111 {
		in := numbered(RuleBlankLine, data.Bytes())
		in.cutAt(t, size)
		most = max(most, len(in.from.Plan.Splits))
		got, rejects, _, stored := in.raw(t)
		if !slices.Equal(want, got) || len(rejects) > 0 || stored != int64(data.Len()) {
			diff := cmp.Diff(want, got)
			t.Fatalf("cut every %d: consumed %d of %d, rejects %v, %s", size, stored, data.Len(), rejects, diff[:min(len(diff), 500)])
		}
	}
	if most < 5 || inner.Len() < 2<<17 {
		t.Errorf("%d splits of %d bytes, %d of them inside", most, data.Len(), inner.Len())
	}
	// A cut that is none is found by the piece before it.
	in := numbered(RuleBlankLine, data.Bytes())
	in.cut(int64(data.Len() / 2))
	if _, rejects, _, _ := in.raw(t); len(rejects) != 2 {
		t.Errorf("%d rejects", len(rejects))
	}
}

func TestMemberwise(t *testing.T) {
	two := gzipped(t, "WARC/1.0", "WARC/1.0")
	for name, c := range map[string]struct {
		format, codec string
		head          []byte
		want          bool
	}{
		"two":       {"warc", codec.Gzip, two, true},
		"one":       {"warc", codec.Gzip, gzipped(t, "WARC/1.0"), false},
		"other":     {JSONL, codec.Gzip, two, false},
		"zstd":      {"warc", codec.Zstd, zstded(t, "a", "b"), false},
		"cut":       {"warc", codec.Gzip, two[:len(two)/2-1], false},
		"long head": {"warc", codec.Gzip, append(slices.Clone(two), "and so on"...), true},
	} {
		if got := isNumbered(c.format, c.codec, c.head); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzNumbered(f *testing.F) {
	f.Add(gzipped(f, "a\nb\n", "", "c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := numbered(RuleBlankLine, data)
		in.cfg.MaxDocumentBytes, in.cfg.MaxExpandedBytes = 1<<20, 4<<20
		got, _, _, stored := in.raw(t)
		if stored != int64(len(data)) {
			t.Fatalf("consumed %d of %d bytes", stored, len(data))
		}
		for i, r := range got {
			if i > 0 && got[i-1].Offset >= r.Offset {
				t.Fatalf("record %d at %d behind %d", i, r.Offset, got[i-1].Offset)
			}
		}
	})
}

// TestWebArchiveCut cuts a web archive of a member for each record, as a run would.
func TestWebArchiveCut(t *testing.T) {
	pipelinetest.Long(t)
	text := sentences(300)
	var data []byte
	var want []record
	for i := range 400 {
		body := fmt.Sprintf("第%d页\n%s", i, strings.ToValidUTF8(text[i*3:i*3+9000], ""))
		record1 := "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nContent-Length: " +
			strconv.Itoa(len(body)) + "\r\n\r\n" + body + "\r\n\r\n"
		want = append(want, record{int64(len(data)), body})
		data = append(data, gzipped(t, record1)...)
	}
	d := Detect("a.warc.gz", data[:HeadBytes], Default())
	if !d.Numbered || !d.Cut || d.Reject != "" {
		t.Fatalf("detected as %+v, %s", d, d.Reject)
	}
	for _, size := range []int64{300 << 10, 1 << 20, int64(len(data))} {
		in := one(d.Format, d.Document, d.Compression, data)
		in.from.Plan.Files[0].Numbered = true
		in.cutAt(t, size)
		if n := int64(len(in.from.Plan.Splits)); n < int64(len(data))/size/2 {
			t.Errorf("cut every %d: %d splits", size, n)
		}
		got, _, rejects, _ := in.documents(t)
		if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
			t.Fatalf("cut every %d: rejects %v, %s", size, rejects, diff[:min(len(diff), 500)])
		}
	}
}
