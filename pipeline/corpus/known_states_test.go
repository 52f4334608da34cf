package corpus

import (
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
)

// TestKnownStates: what is known of a file by what was made of it last, and of what it held before.
func TestKnownStates(t *testing.T) {
	key, _ := ingest.FileKey(nil, "news", "a")
	plain := knownFile{bytes: 5, modTime: 7, source: "news", version: 3, part: true, holds: true}
	for name, c := range map[string]struct {
		change             func(*knownFile)
		bytes              int64
		has, changed, repl bool
		lost               int
	}{
		"as it was":                    {func(*knownFile) {}, 5, true, false, false, 0},
		"changed":                      {func(*knownFile) {}, 6, false, true, true, 0},
		"changed, and held nothing":    {func(f *knownFile) { f.holds = false }, 6, false, true, false, 0},
		"never read to its end since":  {func(f *knownFile) { f.stale, f.again = true, true }, 5, false, false, true, 0},
		"a part rejected for good":     {func(f *knownFile) { f.stale = true }, 5, true, false, true, 0},
		"vanished":                     {func(f *knownFile) { f.gone, f.holds = true, false }, 5, false, false, false, 0},
		"vanished, back and another":   {func(f *knownFile) { f.gone, f.holds = true, false }, 6, false, false, false, 0},
		"has losers":                   {func(f *knownFile) { f.lost = true }, 5, false, false, false, 3},
		"has losers, and changed":      {func(f *knownFile) { f.lost = true }, 6, false, true, true, 0},
		"has losers, is read as whole": {func(f *knownFile) { f.lost, f.again = true, true }, 5, false, false, false, 0},
	} {
		f := plain
		c.change(&f)
		k := &Known{files: map[[16]byte]knownFile{key: f}, digests: map[[16]byte][16]byte{key: {1}}}
		if got := k.Has("news", "a", c.bytes, 7); got != c.has {
			t.Errorf("%s: has %v", name, got)
		}
		if got := k.Holds("news", "a", c.bytes, [16]byte{1}); got != c.has {
			t.Errorf("%s: holds %v", name, got)
		}
		if got := k.Changed("news", "a", c.bytes, 7); got != c.changed {
			t.Errorf("%s: changed %v", name, got)
		}
		if got := k.Replaces("news", "a", c.bytes, 7); got != c.repl {
			t.Errorf("%s: replaces %v", name, got)
		}
		if got := k.Lost("news", "a", c.bytes, 7); got != c.lost {
			t.Errorf("%s: lost %d", name, got)
		}
	}
}
