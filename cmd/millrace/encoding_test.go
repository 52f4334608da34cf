package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestFudan runs over raw GB18030 with damage in it: no file is lost, and of files with the same bytes one is kept at most.
// A few of them count as same-key duplicates, where a document before both has the same key.
func TestFudan(t *testing.T) {
	if testing.Short() {
		t.Skip("98 MB")
	}
	t.Parallel()
	folder := shared(t, "fudan.tar.zst")
	stored := map[string][sha256.Size]byte{} // by path
	copies := map[[sha256.Size]byte]int{}
	duplicates := int64(0)
	if err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if filepath.Ext(path) != ".txt" {
			return os.Remove(path) // lists and notes
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		stored[strings.TrimPrefix(path, folder+"/")] = sum
		if copies[sum]++; copies[sum] > 1 {
			duplicates++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	got := execute(t, nil, "run", folder, "--out", out, "--json").result
	if d := got.Documents; d.Read != 9833 || d.Rejected != 0 || duplicates != 1464 || d.ExactDuplicates+d.SameKey < duplicates {
		t.Errorf("%d files are copies, %+v", duplicates, d)
	}
	kept := map[[sha256.Size]byte]string{}
	for _, r := range readRows[struct {
		Path string `parquet:"path"`
	}](t, filepath.Join(out, "data", "*", "*.parquet")) {
		sum, ok := stored[r.Path]
		if first := kept[sum]; first != "" || !ok {
			t.Errorf("%s is kept, and so is its copy %s", r.Path, first)
		}
		kept[sum] = r.Path
	}
	counters := newest(t, out).Counters
	for name, n := range map[string]int64{"decoded_gb18030": 9825, "replaced_files": 103, "replaced": 194} {
		if counters[name] != n {
			t.Errorf("%s: %d, want %d", name, counters[name], n)
		}
	}
}

// TestLateEncoding: what begins behind all that a plan looks at is read by what each record is, plain and compressed, split or
// not: the same text.
func TestLateEncoding(t *testing.T) {
	t.Parallel()
	ascii := strings.Repeat("plain english, line after line\n", 1<<16)
	var chinese, french []string
	for i := range 2000 {
		chinese = append(chinese, fmt.Sprintf("这是后来才有的中文，一行又一行，这是第%d行。", i))
		french = append(french, fmt.Sprintf("L'été dernier, la mairie a rénové l'école numéro %d, et la bibliothèque à côté.", i))
	}
	encoded := func(e encoding.Encoding, lines []string) string {
		out, err := e.NewEncoder().String(strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		return ascii + out
	}
	late := map[string]string{"gbk.txt": encoded(simplifiedchinese.GBK, chinese), "cp1252.txt": encoded(charmap.Windows1252, french)}
	want := append(append([]string{strings.TrimSpace(ascii[:31])}, chinese...), french...)
	slices.Sort(want)
	for name, tc := range map[string]struct {
		split string
		gzip  bool
	}{"plain": {split: "128MiB"}, "split": {split: "64KiB"}, "gzip": {split: "128MiB", gzip: true}} {
		folder := t.TempDir()
		for file, data := range late {
			if tc.gzip {
				var out bytes.Buffer
				w := gzip.NewWriter(&out)
				if _, err := w.Write([]byte(data)); err != nil || w.Close() != nil {
					t.Fatal(err)
				}
				file, data = file+".gz", out.String()
			}
			if err := os.WriteFile(filepath.Join(folder, file), []byte(data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		settings := filepath.Join(t.TempDir(), "millrace.yaml")
		if err := os.WriteFile(settings, []byte("parse: {document: line}\nplan: {split_bytes: "+tc.split+"}\ndedupe: {threshold: 1}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		got := execute(t, nil, "run", folder, "--config", settings, "--out", out, "--json")
		var texts []string
		for _, r := range readRows[struct {
			Text string `parquet:"text"`
		}](t, filepath.Join(out, "data", "*", "*.parquet")) {
			texts = append(texts, r.Text)
		}
		slices.Sort(texts)
		if got.code != 0 || !slices.Equal(texts, want) || newest(t, out).Counters["other_encoding"] != 4000 {
			t.Errorf("%s: exit %d, %d texts, want %d; %+v, %v, %s", name, got.code, len(texts), len(want), got.result, newest(t, out).Counters, got.stderr)
		}
	}
}
