package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/normalize"
	"github.com/millrace/millrace/stages/vocab"
)

// countWords are settings that count words.
func countWords() config.Config {
	c := config.Default()
	c.Vocab.Count = []string{vocab.CountChars, vocab.CountWords}
	return c
}

// wordRows are the words of a version, by their token.
func wordRows(t *testing.T, out string, version int) map[string]tokenRow {
	t.Helper()
	rows := map[string]tokenRow{}
	for _, r := range readRows[tokenRow](t, filepath.Join(out, "vocab", fmt.Sprintf("%06d", version), "words.parquet")) {
		rows[r.Token] = r
	}
	return rows
}

// Documents that came in words are counted by these, whatever jieba would find, in the run that reads them and in the removal of them. Without words in
// vocab.count their metadata has none.
func TestWordsOfTheFormat(t *testing.T) {
	folder := t.TempDir()
	write := func(name, data string) {
		t.Helper()
		pipelinetest.Must(t, os.WriteFile(filepath.Join(folder, name), []byte(data), 0o666))
	}
	write("a.seg", "新闻 联播  １９９８ 年 。\n大 地回春 ok go\n")
	write("b.seg", "新闻 联播 开 播\n")
	write("c.txt", "新闻联播今天开播，大地回春。")
	out := filepath.Join(t.TempDir(), "out")
	job(t, jobOptionsOf(t, countWords(), out, folder))
	verified(t, out)
	want := map[string]int64{"新闻": 2, "联播": 2, "1998": 1, "年": 1, "。": 1, "大": 1, "地回春": 1, "ok": 1, "go": 1, "开": 1, "播": 1}
	check := func(version int) {
		t.Helper()
		rows := wordRows(t, out, version)
		for token, n := range want {
			if rows[token].Count != n {
				t.Errorf("version %d: %s %d times, want %d", version, token, rows[token].Count, n)
			}
		}
		if rows["新闻联播"].Count != 1 {
			t.Errorf("version %d: what came as text is not cut by jieba: %v", version, rows)
		}
	}
	check(1)
	if e := execute(t, nil, "remove", out, "--where", `path == "a.seg"`, "--reason", "x"); e.code != exitDone {
		t.Fatal(e.stderr)
	}
	verified(t, out)
	want = map[string]int64{"新闻": 1, "联播": 1, "1998": 0, "。": 0, "地回春": 0, "开": 1, "播": 1}
	check(2)

	plain := filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, plain, folder))
	for out, has := range map[string]bool{out: true, plain: false} {
		found := false
		for _, shard := range liveFiles(t, out) {
			if strings.HasPrefix(shard.Path, "data/") {
				type row struct {
					Metadata string `parquet:"metadata"`
				}
				found = found || slices.ContainsFunc(readRows[row](t, filepath.Join(out, shard.Path)), func(r row) bool { return strings.Contains(r.Metadata, `"words":[`) })
			}
		}
		if found != has {
			t.Errorf("%s: words in metadata: %v, want %v", out, found, has)
		}
	}
}

// The gold files of the SIGHAN bakeoff of 2005 are as many words as is published, of as many types.
func TestWordsOfSighan(t *testing.T) {
	for name, want := range map[string][2]int64{"pku_test_gold.utf8": {104372, 13148}, "msr_test_gold.utf8": {106873, 12923}, "as_testing_gold.utf8": {122610, 18811}} {
		folder, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
		pipelinetest.EachShared(t, "formats.tar.zst", func(path string, data []byte) {
			if strings.HasSuffix(path, "/"+name) {
				pipelinetest.Must(t, os.WriteFile(filepath.Join(folder, name), data, 0o666))
			}
		})
		c := countWords()
		c.Normalize.Profile = normalize.None // full-width digits would become the others
		job(t, jobOptionsOf(t, c, out, folder))
		tokens, rows := int64(0), wordRows(t, out, 1)
		for _, r := range rows {
			tokens += r.Count
		}
		if tokens != want[0] || int64(len(rows)) != want[1] {
			t.Errorf("%s: %d words of %d types, want %v", name, tokens, len(rows), want)
		}
		verified(t, out)
	}
}
