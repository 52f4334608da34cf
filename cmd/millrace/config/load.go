package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/strict"
	"github.com/millrace/millrace/stages/filter"
)

// Load lays a YAML file, the environment, and single settings, KEY=VALUE each, over the defaults and validates the result. name is the
// file's, for messages; data may be empty. Every problem of every layer is in the error, one a line, each with its place and path.
func Load(name string, data []byte, environ []string, set ...string) (Config, error) {
	c := Default()
	_, problems := strict.Read(name, data, &c)
	problems = slices.Concat(problems, c.readEnviron(environ), c.readSet(set))
	if len(problems) > 0 {
		return c, errors.Join(problems...)
	}
	c.Parse.Sources = c.sourceOverrides()
	return c, c.Validate()
}

// LoadFilters is Load of a file that has nothing but the list of a config's filter. Problems have the lines of the file.
func LoadFilters(name string, data []byte) (Config, error) {
	c := Default()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return c, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return c, nil
	}
	where := func(n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }
	if problems := strict.Check(doc.Content[0], reflect.TypeFor[filter.List](), "filter", where); len(problems) > 0 {
		return c, errors.Join(problems...)
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
