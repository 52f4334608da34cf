package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
)

// TestSourcePriority: of two equal documents the one of the source with the higher priority is kept, and within a source the
// first in its order.
func TestSourcePriority(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	text := article(newRandom(11), 400)
	for _, name := range []string{"dirty/a.txt", "laws/2019.txt", "laws/2024.txt"} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		sources []config.Source
		want    string
	}{
		{nil, "dirty/a.txt"},
		{[]config.Source{{Name: "laws", Priority: 1}}, "laws/2019.txt"},
		{[]config.Source{{Name: "laws", Priority: 1, Order: config.OrderPathDescending}}, "laws/2024.txt"},
		{[]config.Source{{Name: "dirty", Priority: -1}, {Name: "laws", Order: config.OrderPathDescending}}, "laws/2024.txt"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		o := jobOptions(t, out, filepath.Join(root, "laws"), filepath.Join(root, "dirty"))
		o.Sources = config.Config{Sources: c.sources}.SourceOrders()
		job(t, o)
		verified(t, out)
		rows := readRows[row](t, filepath.Join(out, "data", "*", "*.parquet"))
		if len(rows) != 1 || rows[0].Source+"/"+rows[0].Path != c.want {
			t.Errorf("with %+v kept %+v, want only %s", c.sources, rows, c.want)
		}
	}
}
