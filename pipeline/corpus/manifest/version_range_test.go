package manifest

import "testing"

// TestVersionRange: numbers of versions are written as commands take them.
func TestVersionRange(t *testing.T) {
	for want, list := range map[string][]int{
		"": nil, "7": {7}, "1, 2": {1, 2}, "1 to 3, 5": {1, 2, 3, 5}, "998 to 1001, 2000": {998, 999, 1000, 1001, 2000},
	} {
		if got := VersionRange(list); got != want {
			t.Errorf("%v: %q, want %q", list, got, want)
		}
	}
}
