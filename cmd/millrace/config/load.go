package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"millrace/stages/filter"
)

// Load lays a YAML file, the environment, and single settings, KEY=VALUE each, over the defaults and validates the result. name is the
// file's, for messages; data may be empty. Every problem of every layer is in the error, one a line, each with its place and path.
func Load(name string, data []byte, environ []string, set ...string) (Config, error) {
	c := Default()
	problems := slices.Concat(c.readYAML(name, data), c.readEnviron(environ), c.readSet(set))
	if len(problems) > 0 {
		return c, errors.Join(problems...)
	}
	c.Parse.Sources = c.sourceOverrides()
	return c, c.Validate()
}

func (c *Config) readYAML(name string, data []byte) []error {
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return []error{fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return []error{fmt.Errorf("%s: more than one YAML document", name)}
	}
	root := doc.Content[0]
	if root.Tag == "!!null" {
		return nil
	}
	ch := &checker{where: func(n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }}
	ch.check(root, reflect.TypeFor[Config](), "")
	if len(ch.problems) > 0 {
		return ch.problems
	}
	if err := root.Decode(c); err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	return nil
}

// LoadFilters is Load of a file that has nothing but the list of a config's filter. Problems have the lines of the file.
func LoadFilters(name string, data []byte) (Config, error) {
	c := Default()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return c, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	ch := &checker{where: func(n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }}
	if len(doc.Content) == 0 {
		return c, nil
	}
	if ch.check(doc.Content[0], reflect.TypeFor[filter.List](), "filter"); len(ch.problems) > 0 {
		return c, errors.Join(ch.problems...)
	}
	if err := doc.Decode(&c.Filters); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	return c, c.Validate()
}

// entryPath begins a problem with an entry of a list that is checked as a whole.
var entryPath = regexp.MustCompile(`^(filter|signals)\[(\d+)\]`)

// Located puts the line of the file in front of problems with entries of filter and signals that begin with the path. A file that has nothing but a
// list has that of filter.
func (f File) Located(err error) error {
	var doc yaml.Node
	if err == nil || yaml.Unmarshal(f.Data, &doc) != nil || len(doc.Content) == 0 {
		return err
	}
	lists := map[string]*yaml.Node{}
	if root := doc.Content[0]; root.Kind == yaml.SequenceNode {
		lists["filter"] = root
	} else {
		for i := 0; i+1 < len(root.Content); i += 2 {
			lists[root.Content[i].Value] = root.Content[i+1]
		}
	}
	problems := joined(err)
	for i, problem := range problems {
		m := entryPath.FindStringSubmatch(problem.Error())
		if m == nil || lists[m[1]] == nil {
			continue
		}
		if at, err := strconv.Atoi(m[2]); err == nil && at < len(lists[m[1]].Content) {
			problems[i] = fmt.Errorf("%s:%d: %w", f.Name, lists[m[1]].Content[at].Line, problem)
		}
	}
	return errors.Join(problems...)
}

// joined lists the errors that errors.Join joined, however deep.
func joined(err error) (list []error) {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var text []string
	for _, e := range several.Unwrap() {
		list = append(list, joined(e)...)
		text = append(text, e.Error())
	}
	if strings.Join(text, "\n") != err.Error() { // it says more than they do
		return []error{err}
	}
	return list
}
