package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"millrace/cmd/millrace/config"
	"millrace/pipeline/engine"
)

// TestFudan runs over raw GB18030 with damage in it: no file is lost, and of files with the same bytes one is kept at most.
// A few of them count as same-key duplicates, where a document before both has the same key.
func TestFudan(t *testing.T) {
	if testing.Short() {
		t.Skip("98 MB")
	}
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

// TestLateEncoding: of a file that begins in ASCII the plan looks further on.
func TestLateEncoding(t *testing.T) {
	ascii := strings.Repeat("plain english, line after line\n", 1<<16)
	chinese, err := simplifiedchinese.GBK.NewEncoder().String(strings.Repeat("这是后来才有的中文，一行又一行。\n", 1<<15))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, data := range map[string]string{"late.txt": ascii + chinese, "never.txt": ascii, "utf-8.txt": ascii + strings.Repeat("中文", 1<<18)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := config.Default()
	c.Parse.Document = "line"
	o, err := engineOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Paths = []string{folder}
	want := map[string]string{"late.txt": "gb18030", "never.txt": "", "utf-8.txt": ""}
	err = engine.Detect(t.Context(), o, func(d engine.Detected) error {
		if d.Encoding != want[d.Path] || d.Reject != "" || (want[d.Path] != "") != strings.Contains(d.Why, "; gb18030, at byte ") {
			t.Errorf("%s: %q, %s, %s", d.Path, d.Encoding, d.Why, d.Reject)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
