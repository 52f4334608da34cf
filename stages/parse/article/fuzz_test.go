package article

import (
	"os"
	"path/filepath"
	"testing"
)

func FuzzExtract(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(pages, "*.html"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, c := range hostile {
		f.Add([]byte(c.page(1 << 10)))
	}
	f.Add([]byte("<p>\xff<td>x\xd6<tr><td>\xc3\x28</td><td>&#xd800;<li>\x00"))
	var used Extractor
	f.Fuzz(func(t *testing.T, src []byte) { checkPage(t, &used, src) })
}

// TestCheckedPages: the pages that were written for the project hold what any page does.
func TestCheckedPages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pages, "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	var used Extractor
	for _, file := range files {
		checkPage(t, &used, read(t, file))
	}
}
