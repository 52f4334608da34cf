package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"millrace/pipeline/engine"
)

// kept runs over a file of this content and returns texts and metadata of what is in the corpus.
func kept(t *testing.T, name, content string, args ...string) (texts, meta []string, result engine.Result) {
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
