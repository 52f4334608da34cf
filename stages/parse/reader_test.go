package parse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

var noDetail = cmpopts.IgnoreFields(columnar.Reject{}, "Detail")

func TestFilesOfASplit(t *testing.T) {
	in := newInput()
	in.add(ingest.File{Path: "a", Format: Text, Document: RuleFile}, newObject([]byte("一\n二\n")))
	in.add(ingest.File{Path: "empty", Format: Text, Document: RuleFile}, newObject(nil))
	in.add(ingest.File{Path: "marked", Format: Text, Document: RuleFile}, newObject([]byte(bom+"三")))
	in.add(ingest.File{Path: "lines", Format: Text, Document: RuleLine}, newObject([]byte("\n四\n\n五")))
	in.add(ingest.File{Path: "no lines", Format: JSONL, Document: RuleLine}, newObject(nil))
	in.add(ingest.File{Path: "zip", Format: Text, Document: RuleLine, Compression: "gzip"}, newObject(gzipped(t, "六\n七\n")))
	records, rejects, counters, stored := in.raw(t)
	want := []record{{0, "一\n二\n"}, {0, ""}, {3, "三"}, {1, "四\n"}, {6, "五"}, {0, "六\n"}, {4, "七\n"}}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Error(diff)
	}
	if len(rejects) > 0 {
		t.Errorf("rejects %v", rejects)
	}
	if diff := cmp.Diff(columnar.Counters{"blank_lines": 2}, counters); diff != "" {
		t.Error(diff)
	}
	if want := in.from.Plan.Splits[0].Bytes(); stored != want {
		t.Errorf("consumed %d of %d bytes", stored, want)
	}
}

func TestRefusedFiles(t *testing.T) {
	in := newInput()
	in.add(ingest.File{Path: "a", Format: Text, Document: RuleFile}, newObject([]byte("a")))
	in.add(ingest.File{Path: "gone", Format: Text, Document: RuleLine}, newObject([]byte("bcd")))
	in.add(ingest.File{Path: "z", Format: Text, Document: RuleFile}, newObject([]byte("z")))
	delete(in.from.Sources.(memorySources), "gone")
	in.from.Plan.Splits[0].Pieces[1].Start = 1
	records, rejects, _, stored := in.raw(t)
	if diff := cmp.Diff([]record{{0, "a"}, {0, "z"}}, records); diff != "" {
		t.Error(diff)
	}
	want := []columnar.Reject{{File: 1, Scope: columnar.ScopeFile, Offset: 1, Bytes: 2, Reason: pipeline.ReasonMissing, Detail: "no such file"}}
	if diff := cmp.Diff(want, rejects); diff != "" {
		t.Error(diff)
	}
	if stored != 4 {
		t.Errorf("consumed %d bytes", stored)
	}
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("input/output error")
	text := strings.Repeat("line\n", 4)
	tests := []struct {
		name, rule string
		err        error
		records    int
		want       columnar.Reject
	}{
		{
			name: "disk", rule: RuleLine, err: broken, records: 2,
			want: columnar.Reject{Scope: columnar.ScopeFile, Offset: 12, Bytes: 8, Reason: pipeline.ReasonUnreadable, Detail: "input/output error"},
		},
		{
			name: "whole file", rule: RuleFile, err: broken,
			want: columnar.Reject{Scope: columnar.ScopeFile, Bytes: 20, Reason: pipeline.ReasonUnreadable, Detail: "input/output error"},
		},
		{
			name: "shorter than planned", rule: RuleLine, err: io.EOF, records: 2,
			want: columnar.Reject{
				Scope: columnar.ScopeFile, Offset: 12, Bytes: 8, Reason: pipeline.ReasonChanged,
				Detail: "the file is shorter than it was",
			},
		},
		{
			name: "a reason of its own", rule: RuleBlankLine, err: &pipeline.RejectError{Reason: pipeline.ReasonChanged, Err: broken},
			want: columnar.Reject{Scope: columnar.ScopeFile, Offset: 12, Bytes: 8, Reason: pipeline.ReasonChanged, Detail: "input/output error"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := newInput()
			in.add(ingest.File{Path: "bad", Format: Text, Document: tt.rule}, failingObject{newObject([]byte(text)), 12, tt.err})
			in.add(ingest.File{Path: "good", Format: Text, Document: RuleFile}, newObject([]byte("good")))
			records, rejects, _, _ := in.raw(t)
			if len(records) != tt.records+1 || records[tt.records].Text != "good" {
				t.Errorf("records %v", records)
			}
			if diff := cmp.Diff([]columnar.Reject{tt.want}, rejects); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCancelled checks that a cancelled read is no verdict on the file.
func TestCancelled(t *testing.T) {
	in := newInput()
	in.add(ingest.File{Path: "a", Format: Text, Document: RuleLine}, failingObject{newObject([]byte("a\nb\n")), 2, context.Canceled})
	r, err := NewFormats(in.cfg).Open(t.Context(), in.from, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b columnar.Batch
	if err := r.Read(t.Context(), &b); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestOpenUnknownSplit(t *testing.T) {
	if _, err := NewFormats(Default()).Open(t.Context(), newInput().from, 1); !pipeline.IsPermanent(err) {
		t.Errorf("error %v", err)
	}
}

// endless is a file of one line of a repeated byte, made as it is read, with lines before and after it.
type endless struct {
	size          int64
	before, after string
}

func (e endless) Size() int64  { return int64(len(e.before)) + e.size + int64(len(e.after)) }
func (e endless) Close() error { return nil }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		switch at := off + int64(n); {
		case at >= e.Size():
			return n, io.EOF
		case at < int64(len(e.before)):
			n += copy(p[n:], e.before[at:])
		case at < int64(len(e.before))+e.size:
			end := min(int64(len(p)), int64(n)+int64(len(e.before))+e.size-at)
			for ; int64(n) < end; n++ {
				p[n] = 'x'
			}
		default:
			n += copy(p[n:], e.after[at-int64(len(e.before))-e.size:])
		}
	}
	return n, nil
}

// TestHugeLine reads a line of 200 MB from every kind of split and with little memory.
func TestHugeLine(t *testing.T) {
	file := endless{200 << 20 / hugeShare(), "a\nb\n", "\nc\n\nd"}
	for _, rule := range []string{RuleLine, RuleBlankLine} {
		t.Run(rule, func(t *testing.T) {
			in := newInput()
			in.cfg.MaxDocumentBytes = 1 << 20
			in.add(ingest.File{Path: "file", Format: Text, Document: rule}, file)
			in.cut(1<<20, file.size/2, file.Size()-3)
			want := []record{{0, "a\n"}, {2, "b\n"}, {file.size + 5, "c\n"}, {file.size + 8, "d"}}
			reject := columnar.Reject{Offset: 4, Bytes: file.size, Reason: ingest.ReasonTooLarge}
			if rule == RuleBlankLine {
				want = []record{{file.size + 8, "d"}}
				reject.Offset, reject.Bytes = 0, file.size+6
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			records, rejects, _, stored := in.raw(t)
			runtime.ReadMemStats(&after)
			if diff := cmp.Diff(want, records); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]columnar.Reject{reject}, rejects, noDetail); diff != "" {
				t.Error(diff)
			}
			if stored != file.Size() {
				t.Errorf("consumed %d bytes", stored)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
				t.Errorf("%d bytes allocated", used)
			}
		})
	}
}

func TestTooLargeFile(t *testing.T) {
	in := newInput()
	in.cfg.MaxDocumentBytes = 2000
	in.add(ingest.File{Path: "fits", Format: Text, Document: RuleFile}, newObject(bytes.Repeat([]byte("y"), 2000)))
	in.add(ingest.File{Path: "huge", Format: Text, Document: RuleFile}, endless{size: 1 << 40})
	bomb := gzipped(t, strings.Repeat("z", 1<<20))
	in.add(ingest.File{Path: "zip", Format: Text, Document: RuleFile, Compression: "gzip"}, newObject(bomb))
	records, rejects, _, stored := in.raw(t)
	if len(records) != 1 || len(records[0].Text) != 2000 {
		t.Errorf("%d records", len(records))
	}
	want := []columnar.Reject{
		{File: 1, Scope: columnar.ScopeFile, Bytes: 1 << 40, Reason: ingest.ReasonTooLarge},
		{File: 2, Scope: columnar.ScopeFile, Bytes: int64(len(bomb)), Reason: ingest.ReasonTooLarge},
	}
	if diff := cmp.Diff(want, rejects, noDetail); diff != "" {
		t.Error(diff)
	}
	for _, r := range rejects {
		if !strings.Contains(r.Detail, "document: line or blank_line") {
			t.Errorf("no hint in %q", r.Detail)
		}
	}
	if want := 2000 + 1<<40 + int64(len(bomb)); stored != want {
		t.Errorf("consumed %d of %d bytes", stored, want)
	}
}

// TestReaderReuse allocates nothing but the batch's own memory, once a reader runs.
func TestReaderReuse(t *testing.T) {
	text := strings.Repeat("一行文字\n", 1<<20)
	in := one(Text, RuleLine, "", []byte(text))
	var b columnar.Batch
	r, err := NewFormats(in.cfg).Open(t.Context(), in.from, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	read := func() {
		b.Reset()
		if err := r.Read(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		rows += b.Len()
	}
	read()
	read()
	if n := testing.AllocsPerRun(20, read); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
	if rows != 23*batchRecords {
		t.Errorf("%d rows", rows)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
