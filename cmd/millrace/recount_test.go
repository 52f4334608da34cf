package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// shared is a folder of the real text, unpacked; the test is skipped where there is none.
func shared(t testing.TB, archive string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), strings.TrimSuffix(archive, ".tar.zst"))
	pipelinetest.EachShared(t, archive, func(name string, data []byte) {
		if !filepath.IsLocal(name) {
			t.Fatalf("%s: %s leaves the archive", archive, name)
		}
		name = filepath.Join(folder, name)
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil {
			err = os.WriteFile(name, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	return folder
}

// row is a document as a reader of the corpus gets it, by a library that had no part in writing it.
type row struct {
	ID     string `parquet:"id"`
	Text   string `parquet:"text"`
	Source string `parquet:"source"`
	Path   string `parquet:"path"`
	Offset int64  `parquet:"offset"`
	Chars  int32  `parquet:"chars"`
	Bytes  int32  `parquet:"bytes"`
}

func readRows[T any](t testing.TB, pattern string) (rows []T) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		part, err := parquet.ReadFile[T](f)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		rows = append(rows, part...)
	}
	return rows
}

// TestRecount reads whole folders of real text the slow and plain way and compares documents, texts, characters and counts.
func TestRecount(t *testing.T) {
	for _, archive := range []string{"tvnews.tar.zst", "laws.tar.zst"} {
		t.Run(archive, func(t *testing.T) { recount(t, shared(t, archive)) })
	}
}

// TestRecountSample does so for the text files of the bundled sample.
func TestRecountSample(t *testing.T) {
	recount(t, filepath.Join(sampleFolder, "text"))
}

func recount(t *testing.T, folder string) {
	out := filepath.Join(t.TempDir(), "out")
	// Every file is read as text, whatever its name: that is what the recount reads.
	t.Setenv("MILLRACE_PARSE_FORMAT", "text")
	t.Setenv("MILLRACE_PLAN_SPLIT_BYTES", "1MiB")
	t.Setenv("MILLRACE_PLAN_SHARD_BYTES", "8MiB")
	e := execute(t, nil, "run", folder, "--out", out, "--json")
	if e.code != 0 {
		t.Fatalf("exit code %d\n%s", e.code, e.stderr)
	}
	got := e.result
	verified(t, out)

	texts, empty := slowTexts(t, folder)
	kept := map[string]int{} // how often each text is in the corpus
	var chars, bytes int64
	counted := map[rune]*[3]int64{} // how often, in how many documents, the last of them
	rows := readRows[row](t, filepath.Join(out, "data", "*", "*.parquet"))
	for i, r := range rows {
		want, ok := texts[r.Path]
		if !ok || r.Text != want {
			t.Fatalf("row %d, %s:\n%s", i, r.Path, cmp.Diff(want, r.Text))
		}
		if n := utf8.RuneCountInString(r.Text); int(r.Chars) != n || int(r.Bytes) != len(r.Text) || r.Offset != 0 {
			t.Errorf("row %d, %s: %d chars, %d bytes at offset %d, want %d, %d at 0", i, r.Path, r.Chars, r.Bytes, r.Offset, n, len(r.Text))
		}
		if i > 0 && rows[i-1].Path >= r.Path {
			t.Errorf("row %d, %s, comes after %s", i, r.Path, rows[i-1].Path)
		}
		kept[r.Text]++
		chars += int64(r.Chars)
		bytes += int64(r.Bytes)
		for _, c := range r.Text {
			n := counted[c]
			if n == nil {
				n = &[3]int64{}
				counted[c] = n
			}
			n[0]++
			if n[2] != int64(i+1) {
				n[1]++
				n[2] = int64(i + 1)
			}
		}
	}
	counts := map[string][2]int64{}
	for c, n := range counted {
		counts[string(c)] = [2]int64{n[0], n[1]}
	}
	for text, n := range kept {
		if n > 1 {
			t.Errorf("a text of %d bytes is in the corpus %d times", len(text), n)
		}
	}
	wantExact := int64(len(texts) - len(maps.Collect(values(texts)))) // texts equal to an earlier one
	want := ingest.DocumentCounts{
		Read: int64(len(texts)) + empty, Kept: int64(len(rows)), Filtered: empty,
		ExactDuplicates: got.Documents.ExactDuplicates, NearDuplicates: got.Documents.NearDuplicates, SameKey: got.Documents.SameKey,
	}
	if d := cmp.Diff(want, got.Documents); d != "" {
		t.Errorf("documents (-recounted +run):\n%s", d)
	}
	// A text whose equal was itself removed as a near duplicate may be counted as near.
	if got.Documents.ExactDuplicates > wantExact || got.Documents.ExactDuplicates+got.Documents.NearDuplicates < wantExact {
		t.Errorf("%d exact and %d near duplicates, but %d texts equal an earlier one", got.Documents.ExactDuplicates,
			got.Documents.NearDuplicates, wantExact)
	}
	if n := got.Documents; n.Kept+n.ExactDuplicates+n.NearDuplicates+n.Filtered+n.Rejected != n.Read {
		t.Errorf("%+v does not add up", n)
	}
	m := newest(t, out)
	if m.Totals.Chars != chars || m.Totals.KeptBytes != bytes {
		t.Errorf("manifest: %d chars, %d bytes; recounted %d, %d", m.Totals.Chars, m.Totals.KeptBytes, chars, bytes)
	}
	table := map[string][2]int64{}
	for _, r := range readRows[struct {
		Token     string `parquet:"token"`
		Type      string `parquet:"type"`
		Count     int64  `parquet:"count"`
		Documents int64  `parquet:"documents"`
	}](t, filepath.Join(out, "vocab", "*", "chars.parquet")) {
		if r.Type != "special" {
			table[r.Token] = [2]int64{r.Count, r.Documents}
		}
	}
	if d := cmp.Diff(counts, table); d != "" {
		t.Errorf("vocabulary (-recounted +table):\n%s", d)
	}
}

func values(m map[string]string) func(yield func(string, bool) bool) {
	return func(yield func(string, bool) bool) {
		for _, v := range m {
			if !yield(v, true) {
				return
			}
		}
	}
}

// slowTexts reads every file below the folder and normalises it, by path; empty ones are only counted.
func slowTexts(t *testing.T, folder string) (texts map[string]string, empty int64) {
	texts = map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if text := slowNormalize(string(data)); text != "" {
			texts[filepath.ToSlash(rel)] = text
		} else {
			empty++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts, empty
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// slowNormalize is the profile zh-safe as its description reads, and nothing of its code. It knows nothing of emoji.
func slowNormalize(text string) string {
	text = lineEnds.Replace(strings.TrimPrefix(text, "\uFEFF"))
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c > ' ' && c < 0x7F || c >= 0x4E00 && c < 0xA000:
			return c
		case c >= '０' && c <= '９', c >= 'Ａ' && c <= 'Ｚ', c >= 'ａ' && c <= 'ｚ':
			return c - 0xFEE0
		case unicode.Is(unicode.Zs, c):
			return ' '
		case unicode.Is(unicode.Cc, c), strings.ContainsRune("\uFEFF\u200B\u2060\uFFFC", c):
			return -1
		case c >= 0x2F00 && c <= 0x2FD5:
			r, _ := utf8.DecodeRuneInString(norm.NFKC.String(string(c)))
			return r
		case c >= 0xFE00 && c <= 0xFE0F:
			return -1
		}
		return c
	}, text)
	text = norm.NFC.String(text)
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		for strings.Contains(line, "  ") {
			line = strings.ReplaceAll(line, "  ", " ")
		}
		lines = append(lines, strings.Trim(line, " \t"))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// TestCharsSample: the first user's format comes back as text, with ASCII digits.
func TestCharsSample(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, filepath.Join(sampleFolder, "chars")))
	rows := readRows[row](t, filepath.Join(out, "data", "*", "*.parquet"))
	if len(rows) == 0 {
		t.Fatal("no documents")
	}
	digits := regexp.MustCompile(`[0-9]`)
	for _, r := range rows {
		if strings.Contains(r.Text, "<BOS>") || strings.Contains(r.Text, "<EOS>") || strings.Contains(r.Text, "  ") {
			t.Errorf("%s still has markers or separators: %.200s", r.Path, r.Text)
		}
		if strings.ContainsAny(r.Text, "０１２３４５６７８９[") {
			t.Errorf("%s has full-width digits or leftovers of annotation: %.200s", r.Path, r.Text)
		}
		if !digits.MatchString(r.Text) && strings.ContainsAny(slowRead(t, r.Path), "０１２３４５６７８９") {
			t.Errorf("%s lost its digits", r.Path)
		}
	}
}

func slowRead(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sampleFolder, "chars", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestFirstUsersFile reads the very file that the first user sent.
func TestFirstUsersFile(t *testing.T) {
	name := pipelinetest.Shared(t, "000_22e8a7d0134ae671.txt")
	out := filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, name))
	rows := readRows[row](t, filepath.Join(out, "data", "*", "*.parquet"))
	if len(rows) != 1 {
		t.Fatalf("%d documents, want 1", len(rows))
	}
	text := rows[0].Text
	lines := strings.Split(text, "\n")
	if len(lines) != 19 || lines[0] != "荆楚大地涌动『温暖』潮" {
		t.Errorf("%d lines, the first is %q", len(lines), lines[0])
	}
	for _, want := range []string{"董友斌／文周立群／摄", "1994年以来", "湖北省总工会大楼会议室里"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the text:\n%s", want, text)
		}
	}
	if strings.ContainsAny(text, "０１２３４５６７８９[") {
		t.Errorf("full-width digits or a stray bracket are left:\n%s", text)
	}
}
