package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/corpus/show"
)

// oldFile writes a file as of an hour ago.
func oldFile(t *testing.T, folder, name, text string) {
	t.Helper()
	at := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(at, old, old); err != nil {
		t.Fatal(err)
	}
}

// inspected is the corpus as inspect sees it.
func inspected(t *testing.T, out string) show.Inspection {
	t.Helper()
	e := execute(t, nil, "inspect", out, "--json", "--examples", "100")
	var in show.Inspection
	if err := json.Unmarshal([]byte(e.stdout), &in); err != nil || e.code != exitDone {
		t.Fatalf("inspect: exit %d, %v\n%s", e.code, err, e.stderr)
	}
	return in
}

// wantTotals checks the sums over all live versions, and that the reasons and their examples agree with them.
func wantTotals(t *testing.T, out string, kept, rejected, filesLost int64) {
	t.Helper()
	in := inspected(t, out)
	d := in.Totals.Documents
	if d.Kept != kept || d.Rejected != rejected || in.Totals.Files.Rejected+in.Totals.Files.InPart != filesLost ||
		d.Read != d.Kept+d.ExactDuplicates+d.SameKeyDuplicates+d.NearDuplicates+d.Filtered+d.Rejected {
		t.Errorf("totals %+v, want %d kept, %d rejected, %d files not read", in.Totals, kept, rejected, filesLost)
	}
	sum := int64(0)
	for _, g := range in.Rejects {
		sum += g.Count
		if int64(len(g.Examples)) != g.Count {
			t.Errorf("%d examples of %d %s", len(g.Examples), g.Count, g.Reason)
		}
	}
	if sum != rejected+filesLost {
		t.Errorf("the reasons count %d, want %d", sum, rejected+filesLost)
	}
	verified(t, out)
}

// TestRetryRejected: after the settings were mended, what was rejected comes in without a touch of its file; nothing is kept twice, no reject
// counts twice, and without the flag there is a hint.
func TestRetryRejected(t *testing.T) {
	t.Parallel()
	random := newRandom(5)
	var fields, large strings.Builder
	for i := range 12 {
		field := []string{"text", "body", "words"}[i%3]
		fmt.Fprintf(&fields, `{%q:%q}`+"\n", field, article(random, 100))
		fmt.Fprintf(&large, `{"text":%q}`+"\n", article(random, 100+2000*(i%2)))
	}
	t.Run("fields", func(t *testing.T) {
		in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
		oldFile(t, in, "a.jsonl", fields.String())
		oldFile(t, in, "good.jsonl", fmt.Sprintf(`{"text":%q}`+"\n", article(random, 100)))
		if err := os.Chmod(filepath.Join(in, "a.jsonl"), 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(in, 0o500); err != nil {
			t.Fatal(err)
		}
		mended := func(fields string) string { return settingsFile(t, out, in, "parse: {text_field: ["+fields+"]}") }
		runs(t, exitRejected, "--config", mended("text"))
		wantTotals(t, out, 5, 8, 0)
		if e := runs(t, exitDone, "--config", mended("text")); strings.Contains(e.stderr, "--retry-rejected") {
			t.Errorf("a hint where nothing was mended:\n%s", e.stderr)
		}
		e := runs(t, exitDone, "--config", mended("text, body"))
		if !strings.Contains(e.stderr, "8 rejects") || !strings.Contains(e.stderr, "text_field") || !strings.Contains(e.stderr, "--retry-rejected") || e.result.Standing != 8 {
			t.Errorf("no hint:\n%s%s", e.stdout, e.stderr)
		}
		e = runs(t, exitRejected, "--config", mended("text, body"), "--retry-rejected")
		if d := e.result.Documents; e.result.Version != 2 || e.result.Files.Read != 1 || d.Read != 8 || d.Kept != 4 || d.Rejected != 4 {
			t.Errorf("%+v, want the 4 of the other field", e.result)
		}
		wantTotals(t, out, 9, 4, 0)
		// Nothing is better: nothing is committed.
		if e := runs(t, exitRejected, "--config", mended("text, body"), "--retry-rejected"); e.result.Version != 0 || !e.result.Barren {
			t.Errorf("%+v, want no version", e.result)
		}
		runs(t, exitDone, "--config", mended("text, body, words"), "--retry-rejected")
		wantTotals(t, out, 13, 0, 0)
		if e := runs(t, exitDone, "--config", mended("text, body, words"), "--retry-rejected"); e.result.Version != 0 || e.result.Barren {
			t.Errorf("%+v, want nothing new", e.result)
		}
		distinct(t, out, 13)
		if e := execute(t, nil, "drop", out, "3"); e.code != exitDone {
			t.Fatalf("drop: %s", e.stderr)
		}
		wantTotals(t, out, 9, 4, 0)
	})
	for name, tt := range map[string]struct {
		file, text     string
		was, is        string // settings
		before, after  int64  // documents kept
		rejected, lost int64  // before
	}{
		"sizes":        {"a.jsonl", large.String(), "{max_document_bytes: 2KiB}", "{max_document_bytes: 1MiB}", 6, 12, 6, 0},
		"a whole file": {"b.txt", "\x81\x8d\x90 \xe9t\xe9 \xff\xfe\x81\x8d un deux trois \x8f\x9d\n", "{}", "{encoding: windows-1252, max_replacement_share: 1}", 0, 1, 0, 1},
		"another format, which would read all otherwise": {
			"c.jsonl", `{"text":"the first line of text is fine"}` + "\n" + `{"text":"the second is not` + "\n" + `{"text":"and the third of them is here"}` + "\n",
			"{format: jsonl}", "{format: text, document: line}", 2, 3, 1, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
			oldFile(t, in, tt.file, tt.text)
			oldFile(t, in, "good.jsonl", `{"text":"a document that is good at any time, and stands beside the others"}`+"\n")
			settings := func(parse string) string { return settingsFile(t, out, in, "parse: "+parse) }
			runs(t, exitRejected, "--config", settings(tt.was))
			wantTotals(t, out, tt.before+1, tt.rejected, tt.lost)
			runs(t, exitDone, "--config", settings(tt.is), "--retry-rejected")
			wantTotals(t, out, tt.after+1, 0, 0)
			distinct(t, out, int(tt.after)+1)
		})
	}
}

// distinct checks that as many documents are live, and no two under one id.
func distinct(t *testing.T, out string, want int) {
	t.Helper()
	e := execute(t, nil, "inspect", out, "--json", "--documents", "1000")
	var in show.Inspection
	if err := json.Unmarshal([]byte(e.stdout), &in); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, d := range in.Documents {
		ids[d.ID] = true
	}
	if len(ids) != want || len(in.Documents) != want {
		t.Errorf("%d documents with %d ids, want %d", len(in.Documents), len(ids), want)
	}
}
