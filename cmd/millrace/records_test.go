package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/jobs/ingest"

	"github.com/google/go-cmp/cmp"
)

// kept runs over a file of this content and returns texts and metadata of what is in the corpus.
func kept(t *testing.T, name, content string, args ...string) (texts, meta []string, result ingest.Result) {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(folder, "out")
	e := execute(t, nil, append([]string{"run", file, "--out", out, "--json"}, args...)...)
	if e.code != 0 && e.code != 4 {
		t.Fatalf("exit code %d\n%s", e.code, e.stderr)
	}
	for _, r := range readRows[struct {
		Text     string `parquet:"text"`
		Metadata string `parquet:"metadata"`
	}](t, filepath.Join(out, "data", "*", "*.parquet")) {
		texts, meta = append(texts, r.Text), append(meta, r.Metadata)
	}
	return texts, meta, e.result
}

// TestMetadataIsJSON: every reader can look into the metadata of every document, whatever came.
func TestMetadataIsJSON(t *testing.T) {
	lines := []string{
		`{"text":"第一条，元数据里有半个代理项。","s":"\ud83d","k\udc00":1,"deep":[{"\ude00":["\udfff"]}]}`,
		`{"text":"第二条，元数据是好的。","s":"x"}`,
		`{"text":"第三条，元数据里有 NaN，来自 Python 的 json.dumps。","score":NaN,"s":[Infinity,-Infinity,1e999]}`,
		`{"text":"第四条，同一个名字来了两次。","s":"first","s":"last","in":{"s":1,"s":2}}`,
	}
	texts, meta, result := kept(t, "a.jsonl", strings.Join(lines, "\n"))
	if len(texts) != 4 || result.Documents.Rejected != 0 {
		t.Fatalf("%d documents, %+v", len(texts), result.Documents)
	}
	for _, m := range meta {
		if !json.Valid([]byte(m)) || !utf8.ValidString(m) {
			t.Errorf("metadata %s", m)
		}
		for _, half := range []string{`\ud8`, `\udb`, `\udc`, `\ude`, `\udf`, `\ud83d`} {
			if strings.Contains(m, half) {
				t.Errorf("half a character in %s", m)
			}
		}
	}
	want := []string{
		"{\"s\":\"\uFFFD\",\"k\uFFFD\":1,\"deep\":[{\"\uFFFD\":[\"\uFFFD\"]}]}", `{"s":"x"}`, `{"score":null,"s":[null,null,null]}`, `{"s":"last","in":{"s":2}}`,
	}
	if diff := cmp.Diff(want, meta); diff != "" {
		t.Error(diff)
	}
}

// TestBytesOfRejects: the bytes of rejected documents count in the limits, however the file is stored.
func TestBytesOfRejects(t *testing.T) {
	t.Parallel()
	large := `{"body":"` + strings.Repeat("城南的老书店昨天重新开门。", 200) + "\"}\n"
	var small strings.Builder
	for i := range 30 {
		fmt.Fprintf(&small, "{\"text\":\"第%d条，水务局提醒居民。\"}\n", i)
	}
	content := large + small.String() // one document of 31, and most of the bytes
	for name, data := range map[string]string{"a.jsonl": content, "a.jsonl.gz": gzipText(t, content)} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, limit := range []string{"max_reject_ratio", "max_file_reject_ratio"} {
			settings := filepath.Join(t.TempDir(), "settings.yaml")
			if err := os.WriteFile(settings, []byte("limits: {"+limit+": 0.5}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			e := execute(t, nil, "run", file, "--out", filepath.Join(t.TempDir(), "out"), "--config", settings)
			if e.code == 0 || e.code == 4 || !strings.Contains(e.stderr, "in rejected documents, mostly as field_missing") {
				t.Errorf("%s, %s: exit code %d, %s", name, limit, e.code, e.stderr)
			}
		}
	}
}

// TestNothingButRejects: a file of which nothing came is not counted as read without a word.
func TestNothingButRejects(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "in")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"bad.jsonl": "{\"title\":\"a\"}\n{\"title\":\"b\"}\n", "good.jsonl": "{\"text\":\"水务局提醒居民，今天停水。\"}\n{\"x\":1}\n", "empty.jsonl": "",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "out")
	if e := execute(t, nil, "run", folder, "--out", out, "--json"); e.code != 4 || e.result.Files.Read != 3 || e.result.Files.OnlyRejects != 1 {
		t.Errorf("exit code %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	if e := execute(t, nil, "inspect", out); !strings.Contains(e.stdout, "1 of those read gave nothing but rejects") {
		t.Errorf("%s", e.stdout)
	}
}

func gzipText(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
