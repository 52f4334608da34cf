package strict

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSizes(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "17": 17, "64MiB": 64 << 20, "64 mib": 64 << 20, "1.5GB": 15e8, "2kB": 2000, "512B": 512, " 3 TiB ": 3 << 40,
	} {
		if got, err := ParseSize(s); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "MiB", "-1", "1e30", "12 XB", "9999999999TiB", "NaN", "1.2.3"} {
		if got, err := ParseSize(s); err == nil {
			t.Errorf("ParseSize(%q) = %d", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Min(0).Draw(t, "n")
		if got, err := ParseSize(FormatSize(n)); err != nil || got != n {
			t.Fatalf("%d as %s is %d, %v", n, FormatSize(n), got, err)
		}
	})
}
