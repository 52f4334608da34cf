package store

import (
	"path"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestLasting compares what is known of folders with a model that keeps, of every folder, whether its entry is new.
func TestLasting(t *testing.T) {
	folders := []string{"a", "a/b", "a/b/c", "a/bc", "d"}
	rapid.Check(t, func(t *rapid.T) {
		var l lasting
		var lasts []string // the model
		above := func(folder string) (list []string) {
			for ; folder != "."; folder = path.Dir(folder) {
				list = append(list, folder)
			}
			return list
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			f := rapid.SampledFrom(folders).Draw(t, "folder")
			switch rapid.SampledFrom([]string{"sync", "overtaken", "gone"}).Draw(t, "step") {
			case "sync":
				l.end(f, l.begin())
				lasts = append(lasts, above(f)...)
			case "overtaken": // somebody makes a folder while this one is being synced: nothing is known of it
				changes := l.begin()
				l.gone("elsewhere")
				l.end(f, changes)
			case "gone":
				l.gone(f)
				lasts = slices.DeleteFunc(lasts, func(s string) bool { return slices.Contains(above(s), f) })
			}
			for _, f := range folders {
				if got, want := l.has(f), slices.Contains(lasts, f); got != want {
					t.Fatalf("%s lasts: %t, want %t", f, got, want)
				}
			}
		}
	})
}
