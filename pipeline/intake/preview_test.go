package intake

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline/ingest"
)

// TestPreview: each kind of file is shown once, with its first document before and after, the largest first and what cannot be read
// last; a source that the settings name is a kind of its own.
func TestPreview(t *testing.T) {
	news := write(t, "news", map[string]string{
		"a.lines": "one\ntwo\n", "b.lines": "three\n", "c.txt": "000", "d.bin": "\x00", "e.bin": "\x00", "f.gz": "packed", "g.txt.lines": "",
	})
	blog := write(t, "blog", map[string]string{"a.lines": strings.Repeat("长", previewChars+1) + "\n"})
	o := toyOptions(news, blog)
	o.Sources = map[string]SourceOrder{"blog": {}}
	d := mustPlan(t, o, Parent{Version: 6})
	got, err := d.Preview(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("长", previewChars)
	want := Preview{
		Version: 7, Files: 8, InputBytes: 14 + 3 + 6 + 904, Splits: 1, Partitions: 1, SpillEstimate: d.Spill,
		Kinds: []PreviewKind{
			{Source: "blog", Format: "lines", Document: "line", Files: 1, Bytes: 904, First: "a.lines", Before: long, After: long},
			{Format: "lines", Document: "line", Files: 3, Bytes: 14, First: "a.lines", Before: "one\n", After: "ONE\n"},
			{Format: "lines", Document: "line", Compression: "gzip", Files: 1, Bytes: 6, First: "f.gz", Before: "packed", After: "PACKED"},
			{Format: "text", Document: "file", Files: 1, Bytes: 3, First: "c.txt", Before: "000", Why: "zero, a 0"},
			{Format: "text", Document: "file", Reject: ingest.ReasonBinary, Files: 2, Bytes: 2, First: "d.bin", Why: "no text"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestDetect: every file is told, in the order of a plan, with its first document.
func TestDetect(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "one\ntwo\n", "b.txt": "0", "c.bin": "\x00", "d.lines": ""})
	var log bytes.Buffer
	o := toyOptions(root)
	o.Sources = map[string]SourceOrder{"news": {Descending: true}, "new": {}}
	o.Log = zerolog.New(&log)
	var got []string
	err := Detect(t.Context(), o, func(d Detected) error {
		got = append(got, strings.Join([]string{d.Source, d.Path, d.Why, d.First, ingest.ReasonText(d.Reject, d.Detail)}, "|"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"news|d.lines|the name||", "news|c.bin|no text||binary", "news|b.txt|the name||zero, a 0", "news|a.lines|the name|ONE\n|"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !strings.Contains(log.String(), `"source":"new"`) || !strings.Contains(log.String(), `"sources_of_the_run":["news"]`) {
		t.Errorf("told %s", &log)
	}
	if err := Detect(t.Context(), o, func(Detected) error { return os.ErrClosed }); !errors.Is(err, os.ErrClosed) {
		t.Errorf("an error of yield: %v", err)
	}
	if err := Detect(t.Context(), toyOptions(filepath.Join(root, "gone")), nil); err == nil {
		t.Error("a path that is not there was detected")
	}
	rewrite(t, filepath.Join(root, "e.lines"), "#", time.Now())
	err = Detect(t.Context(), toyOptions(root), func(Detected) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "panic: a hash") {
		t.Errorf("a stage that panics: %v", err)
	}
}

// TestReread: a document is read once more from where the ledger says it is, if the file is as it was and is read as it was.
func TestReread(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "one\ntwo\nthree\n", "b.gz": "one\ntwo\n", "c.txt": "whole"})
	single := filepath.Join(write(t, "other", map[string]string{"d.lines": "four\nfive\n"}), "d.lines")
	o := toyOptions(root, single)
	plan := mustPlan(t, o, Parent{}).Plan
	file := map[string]ingest.File{}
	for _, f := range plan.Files {
		file[f.Path] = f
	}
	for _, c := range []struct {
		source, path string
		offset       int64
		want         string
		line         int64
	}{
		{"news", "a.lines", 0, "ONE\n", 1},
		{"news", "a.lines", 8, "THREE\n", 3},
		{"news", "b.gz", 4, "TWO\n", 2},
		{"news", "c.txt", 0, "WHOLE", 1},
		{"files", "d.lines", 5, "FIVE\n", 2},
	} {
		if got, err := Reread(t.Context(), o, c.source, file[c.path], c.offset); got != c.want || err != nil {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
		if got, err := LineOf(t.Context(), o, c.source, file[c.path], c.offset); got != c.line || err != nil {
			t.Errorf("%+v: line %d, %v", c, got, err)
		}
	}
	other := file["a.lines"]
	other.Document = "file"
	gone := file["a.lines"]
	gone.Path = "gone.lines"
	older := file["a.lines"]
	older.ModTime--
	for name, c := range map[string]struct {
		source string
		file   ingest.File
		offset int64
		want   string
	}{
		"no document":          {"news", file["b.gz"], 5, "has no document at 5 with these settings"},
		"another source":       {"olds", file["a.lines"], 0, "none of the paths named is source olds"},
		"another document":     {"news", other, 0, "is read as lines, a document a line, with these settings; it was lines, a document a file"},
		"a file that is gone":  {"news", gone, 0, "the file is missing since"},
		"a file that is other": {"news", older, 0, "the file is changed since"},
	} {
		if _, err := Reread(t.Context(), o, c.source, c.file, c.offset); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if c.offset == 0 {
			if _, err := LineOf(t.Context(), o, c.source, c.file, 0); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("line of %s: %v", name, err)
			}
		}
	}
}
