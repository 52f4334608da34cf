package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is a YAML file that was read.
type File struct {
	name  string
	lines map[string]int
	bad   []string // paths of what could not be read
}

// Read reads a YAML file into a struct, over what stands in it. name is for messages; data may be empty. Every problem is in the list, each with
// its line and path; what has none was read all the same, so that it can be looked at as well.
func Read(name string, data []byte, into any) (*File, []error) {
	f := &File{name: name, lines: map[string]int{}}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return f, nil
	} else if err != nil {
		return f, []error{fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f, []error{fmt.Errorf("%s: more than one YAML document", name)}
	}
	root := doc.Content[0]
	if root.Tag == "!!null" {
		return f, nil
	}
	c := &checker{where: func(n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }, lines: f.lines, bad: map[*yaml.Node]bool{}}
	if c.check(root, reflect.TypeOf(into).Elem(), ""); len(c.problems) > 0 {
		if !c.prune(root) {
			_ = root.Decode(into) // the problems are what counts
		}
		for _, err := range c.problems {
			if p, ok := errors.AsType[*ProblemError](err); ok {
				f.bad = append(f.bad, p.Path)
			}
		}
		return f, c.problems
	}
	if err := root.Decode(into); err != nil {
		return f, []error{fmt.Errorf("%s: %w", name, err)}
	}
	return f, nil
}

// Has says whether something is said of a path.
func (f *File) Has(path string) bool { return f.lines[path] > 0 }

// Whole says whether all that is said of a path could be read, and something is. What is found wrong elsewhere may follow from what could not.
func (f *File) Whole(path string) bool {
	return f.Has(path) && !slices.ContainsFunc(f.bad, func(bad string) bool {
		rest, below := strings.CutPrefix(bad, path)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// Locate puts file and line in front of a problem: those of its path, or else of the next section around it that stands in the file.
func (f *File) Locate(p *ProblemError) error {
	for path := p.Path; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if line := f.lines[path]; line > 0 {
			return fmt.Errorf("%s:%d: %w", f.name, line, p)
		}
	}
	return fmt.Errorf("%s: %w", f.name, p)
}

// prune takes out what has a problem, with its key: a list as a whole, for the places of its entries would become others. It says whether n itself has
// to go.
func (c *checker) prune(n *yaml.Node) bool {
	switch {
	case c.bad[n]:
		return true
	case n.Kind == yaml.SequenceNode:
		return slices.ContainsFunc(n.Content, c.prune)
	case n.Kind == yaml.MappingNode:
		var kept []*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !c.bad[n.Content[i]] && !c.prune(n.Content[i+1]) {
				kept = append(kept, n.Content[i], n.Content[i+1])
			}
		}
		n.Content = kept
	}
	return false
}
