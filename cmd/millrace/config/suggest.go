package config

import (
	"fmt"
	"strings"
)

// suggest adds what the user may have meant, or else all there is.
func suggest(key string, known []field) string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.key
	}
	if name := nearest(key, names); name != "" {
		return fmt.Sprintf(" (did you mean %s?)", name)
	}
	return fmt.Sprintf(" (known are %s)", strings.Join(names, ", "))
}

// nearest is the name that needs the fewest changes to become key, "" if none is near.
func nearest(key string, names []string) string {
	best, name := 3, ""
	for _, n := range names {
		if d := distance(key, n); d < best {
			best, name = d, n
		}
	}
	return name
}

// distance is the Levenshtein distance of two short names, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
