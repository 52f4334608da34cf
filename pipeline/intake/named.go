package intake

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"github.com/millrace/millrace/pipeline"
)

// NamedPath is a source that somebody gives a name: all below a folder, or one file.
type NamedPath struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// ParseNamed reads NAME=PATH.
func ParseNamed(text string) (n NamedPath, err error) {
	name, at, ok := strings.Cut(text, "=")
	if !ok || at == "" {
		return n, pipeline.WithHint(fmt.Errorf("%w: source %q is not NAME=PATH", pipeline.ErrUsage, text), "such as --source news=/data/2026/news")
	}
	return NamedPath{name, at}, CheckSourceName(name)
}

// CheckSourceName says why something cannot be the name of a source on a command line: it is a path without a beginning, as it stands
// before the paths of files wherever one is named.
func CheckSourceName(name string) error {
	switch {
	case name == filesSource:
		return fmt.Errorf("%w: %s is the source of files that are named one by one, and has no place of its own: choose another name", pipeline.ErrUsage, name)
	case name == ".", !fs.ValidPath(name), strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%w: %q cannot be the name of a source: it is one word, or several with / between them", pipeline.ErrUsage, name)
	}
	return nil
}
