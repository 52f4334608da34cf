package strict

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline/rule"
)

// suggest adds what the user may have meant, or else all there is.
func suggest(key string, known []Field) string {
	names := keys(known)
	if name := Nearest(key, names); name != "" {
		return fmt.Sprintf(" (did you mean %s?)", name)
	}
	return fmt.Sprintf(" (known are %s)", strings.Join(names, ", "))
}

// near says whether a key may be meant for one that is known.
func near(key string, known []Field) bool { return Nearest(key, keys(known)) != "" }

func keys(known []Field) (names []string) {
	for _, f := range known {
		if !f.rest {
			names = append(names, f.Key)
		}
	}
	return names
}

// Nearest is the name that needs the fewest changes to become key, "" if none is near.
func Nearest(key string, names []string) string {
	best, name := 3, ""
	for _, n := range names {
		if d := rule.Changes(key, n); d < best {
			best, name = d, n
		}
	}
	return name
}
