package publish

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// Asked is what a command line asks for.
type Asked struct {
	Sources []string // NAME=PATH: where sources lie
	Into    string   // the source that files are copied into; "" for none
	Paths   []string
}

// Ask reads a command line: sources, each as NAME=PATH, or as NAME if it is the one to upload into, and paths. Without paths all of the
// sources that are given with theirs are meant.
func Ask(sources, paths []string, upload bool) (a Asked, err error) {
	a.Paths = paths
	var names, places []string
	for _, s := range sources {
		name, place, found := strings.Cut(s, "=")
		if found {
			a.Sources, places = append(a.Sources, s), append(places, place)
		} else if !upload {
			return a, usage("--source NAME=PATH says where a source lies", "without --upload a file's path says which source it is of, and --source %s is for --upload only", s)
		}
		names = append(names, name)
	}
	switch {
	case upload && len(names) == 0:
		return a, usage("name a source by --source", "--upload has no place to copy to")
	case upload && len(names) > 1:
		return a, usage("name one source by --source", "--upload has %d sources to copy to: %s", len(names), strings.Join(names, ", "))
	case upload:
		a.Into = names[0]
	case len(paths) == 0:
		a.Paths = places
	}
	if len(a.Paths) == 0 {
		return a, usage("", "PATH is missing")
	}
	return a, nil
}

func usage(hint, format string, args ...any) error {
	err := fmt.Errorf("%w: %w", pipeline.ErrUsage, fmt.Errorf(format, args...))
	if hint == "" {
		return err
	}
	return pipeline.WithHint(err, hint)
}
