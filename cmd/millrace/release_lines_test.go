package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Lines that pages of a site have in common, and those of one of which too few pages are there.
const (
	siteHead, siteFoot   = "首页 | 新闻 | 关于我们", "版权所有 2001 示例网站"
	smallHead, smallFoot = "小站的第一行总是这样", "小站的最后一行也总是这样"
	wholePages           = 20
)

// articleOf is what a page has of its own.
func articleOf(i int) (first, second string) {
	random := newRandom(uint64(i))
	line := func() string {
		runes := make([]rune, 60)
		for i := range runes {
			runes[i] = rune(0x4E00 + random.IntN(3000))
		}
		return string(runes)
	}
	return line(), line()
}

// writePages writes pages of a site, one of which has the head in its article, too, and one nothing else; and those of a small one.
func writePages(t *testing.T, in string) {
	t.Helper()
	var b bytes.Buffer
	page := func(text, url string) {
		data, err := json.Marshal(map[string]string{"text": text, "url": url})
		pipelinetest.Must(t, err)
		b.Write(append(data, '\n'))
	}
	for i := range wholePages {
		first, second := articleOf(i)
		if i == 3 {
			first += "\n" + siteHead
		}
		page(siteHead+"\n\n"+first+"\n"+second+"\n\n"+siteFoot, fmt.Sprintf("https://www.example.com/%d", i))
	}
	page(siteHead+"\n"+siteFoot, "https://example.com/empty")
	for i := range 4 {
		first, _ := articleOf(100 + i)
		page(smallHead+"\n"+first+"\n"+smallFoot, fmt.Sprintf("https://small.org/%d", i))
	}
	writeTree(t, in, map[string]string{"pages.jsonl": b.String()})
}

// textsOf are the texts of a release with their columns chars and bytes, in the order of the corpus.
func textsOf(t *testing.T, at string) (list []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(at, "jsonl", "*"))
	pipelinetest.Must(t, err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		pipelinetest.Must(t, err)
		z, err := zstd.NewReader(bytes.NewReader(data))
		pipelinetest.Must(t, err)
		for s := bufio.NewScanner(z); s.Scan(); {
			var d struct {
				Text         string
				Chars, Bytes int
			}
			pipelinetest.Must(t, json.Unmarshal(s.Bytes(), &d))
			if d.Chars != utf8.RuneCountInString(d.Text) || d.Bytes != len(d.Text) {
				t.Errorf("%q has %d characters and %d bytes by its columns", d.Text, d.Chars, d.Bytes)
			}
			list = append(list, d.Text)
		}
		z.Close()
	}
	return list
}

// cutRelease makes a release by the command.
func cutRelease(t *testing.T, corpus, at, recipe string, flags ...string) (r release.Result, stderr string, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "r.yaml")
	pipelinetest.Must(t, os.WriteFile(file, []byte(recipe), 0o600))
	var stdout, errors bytes.Buffer
	code = run(t.Context(), append([]string{"release", "--recipe", file, "--corpus", corpus, "--out", at, "--json"}, flags...), stdio{out: &stdout, err: &errors})
	if code == exitDone {
		pipelinetest.Must(t, json.Unmarshal(stdout.Bytes(), &r))
	}
	return r, errors.String(), code
}

// TestReleaseDropsLines: lines that pages of a site have in common are cut from its pages and from no other ones, by what all documents of a version have.
func TestReleaseDropsLines(t *testing.T) {
	inTurn(t)
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	writePages(t, filepath.Join(dir, "in"))
	do := func(args ...string) {
		t.Helper()
		if code := run(t.Context(), args, stdio{out: t.Output(), err: t.Output()}); code != exitDone {
			t.Fatalf("%v: exit %d", args, code)
		}
	}
	do("run", filepath.Join(dir, "in"), "--out", out)

	recipe := func(keys, more string) string {
		return "select: [drop_lines: {" + keys + "}]\norder: corpus\nwrite: [{format: jsonl, columns: [id, text, chars, bytes]}]\n" + more
	}
	refused := func(corpus string) {
		t.Helper()
		at := filepath.Join(dir, "refused")
		_, stderr, code := cutRelease(t, corpus, at, recipe("", ""))
		if code != exitUsage || !strings.Contains(stderr, "are not counted") || !strings.Contains(stderr, `"hint":"millrace signals OUT --add lines`) {
			t.Errorf("exit %d: %s", code, stderr)
		}
		if _, err := os.Stat(at); err == nil {
			t.Error("a release was made")
		}
	}
	refused(out)
	do("signals", out, "--add=lines")

	made := func(corpus, name, text string, flags ...string) (release.Result, []string) {
		t.Helper()
		at := filepath.Join(dir, name)
		r, stderr, code := cutRelease(t, corpus, at, text, flags...)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		releaseSound(t, at)
		return r, textsOf(t, at)
	}
	want := func(anywhere bool) (list []string) {
		for i := range wholePages {
			first, second := articleOf(i)
			if i == 3 && !anywhere {
				first += "\n" + siteHead
			}
			list = append(list, first+"\n"+second)
		}
		for i := range 4 {
			first, _ := articleOf(100 + i)
			list = append(list, smallHead+"\n"+first+"\n"+smallFoot)
		}
		return list
	}
	line := int64(utf8.RuneCountInString(siteHead) + utf8.RuneCountInString(siteFoot) + 4) // with the line feeds
	edges, texts := made(out, "edges", recipe("", ""))
	if d := cmp.Diff(want(false), texts); d != "" {
		t.Errorf("at the edges (-want +got): %s", d)
	}
	if d := cmp.Diff(&release.CutTotals{Documents: wholePages, Lines: 2 * wholePages, Chars: wholePages * line}, edges.Cut); d != "" {
		t.Errorf("cut at the edges (-want +got): %s", d)
	}
	if d := cmp.Diff(map[string]int64{"empty": 1}, edges.LeftOut); d != "" {
		t.Errorf("left out (-want +got): %s", d)
	}
	all, texts := made(out, "all", recipe("within: all", ""))
	if d := cmp.Diff(want(true), texts); d != "" {
		t.Errorf("anywhere (-want +got): %s", d)
	}
	if all.Cut.Lines != 2*wholePages+1 {
		t.Errorf("%d lines are cut", all.Cut.Lines)
	}
	none, texts := made(out, "none", recipe("least: 22", "")) // than there are pages
	if len(texts) != wholePages+5 || none.Cut.Lines != 0 || !strings.HasPrefix(texts[0], siteHead) {
		t.Errorf("%d texts, %d lines are cut of them", len(texts), none.Cut.Lines)
	}

	// The characters of a mixture are those of what is left, and the bytes are the same for any number of workers.
	mixed := recipe("", "mix: {by: site, chars: 700}\nencode: {tokenizer: chars}\n")
	mix, texts := made(out, "mix1", mixed, "--workers", "1")
	sum := int64(0)
	for _, text := range texts {
		sum += int64(utf8.RuneCountInString(text))
	}
	taken := int64(0)
	for _, s := range mix.Strata {
		taken += s.Taken
	}
	if sum != taken || sum == 0 || sum > 700 {
		t.Errorf("%d characters are there, %d were taken of 700", sum, taken)
	}
	if again, _ := made(out, "mix4", mixed, "--workers", "4"); again.Digest != mix.Digest || mix.Digest == "" {
		t.Errorf("4 workers make %s, one %s", again.Digest, mix.Digest)
	}
	// Items of evaluation sets are looked for in what is left.
	sets := filepath.Join(dir, "set.jsonl")
	pipelinetest.Must(t, os.WriteFile(sets, []byte(`{"question": "`+siteFoot+`"}`+"\n"), 0o600))
	clean := recipe("", "decontaminate: {sets: ["+sets+"], ngram: 8}\n")
	if r, _ := made(out, "clean", clean); r.LeftOut["contaminated"] != 0 || r.Released != int64(wholePages+4) {
		t.Errorf("left out of cut texts: %v", r.LeftOut)
	}
	if r, _ := made(out, "unclean", strings.Replace(clean, "{}", "{least: 22}", 1)); r.LeftOut["contaminated"] != wholePages+1 {
		t.Errorf("left out of whole texts: %v", r.LeftOut)
	}

	// A night whose lines nobody has counted: the version before is what it was, also when they are.
	writeTree(t, filepath.Join(dir, "night"), map[string]string{"pages.jsonl": `{"text": "` + siteHead + `\n夜里来了一篇没有人数过的文章\n` + siteFoot + `", "url": "https://example.com/night"}` + "\n"})
	do("run", filepath.Join(dir, "night"), "--out", out)
	refused(out)
	if r, _ := made(out+"@2", "before", recipe("", "")); r.Digest != edges.Digest {
		t.Errorf("version 2 makes %s, it made %s", r.Digest, edges.Digest)
	}
	do("signals", out, "--add=lines")
	if r, _ := made(out+"@2", "still", recipe("", "")); r.Digest != edges.Digest {
		t.Errorf("version 2 makes %s, it made %s", r.Digest, edges.Digest)
	}
	if r, texts := made(out, "after", recipe("", "")); r.Cut.Documents != wholePages+1 || len(texts) != wholePages+5 {
		t.Errorf("%d texts, lines are cut of %d", len(texts), r.Cut.Documents)
	}
}

// releaseSound holds a release against its manifest.
func releaseSound(t *testing.T, at string) {
	t.Helper()
	if code := run(t.Context(), []string{"release", "verify", at}, stdio{out: t.Output(), err: t.Output()}); code != exitDone {
		t.Errorf("release verify %s: exit %d", at, code)
	}
}
