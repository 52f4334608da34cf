package config

import (
	"fmt"
	"strings"

	"millrace/pipeline/rule"
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
		if d := rule.Changes(key, n); d < best {
			best, name = d, n
		}
	}
	return name
}
