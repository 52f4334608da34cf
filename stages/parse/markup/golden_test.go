package markup

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden: whole pages.
func TestGolden(t *testing.T) {
	for name, read := range map[string]func(src []byte) string{
		"page.html": func(src []byte) string {
			out, title := HTML(nil, src)
			return title + "\n" + Charset(src) + "\n\n" + string(out) + "\n"
		},
		"page.md": func(src []byte) string {
			d := Markdown(nil, src)
			return string(d.Front) + "\n" + string(d.Out) + "\n"
		},
	} {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		got, golden := read(src), filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
