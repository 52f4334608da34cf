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
	"github.com/millrace/millrace/stages/parse/charset"
)

// Load lays a YAML file, the environment, and single settings, KEY=VALUE each, over the defaults and validates the result. name is the
// file's, for messages; data may be empty. Every problem of every layer is in the error, one a line, each with its place and path.
func Load(name string, data []byte, environ []string, set ...string) (Config, error) {
	c := Default()
	over := map[string]string{}
	_, problems := strict.Read(name, data, &c)
	problems = slices.Concat(problems, c.readEnviron(environ, over), c.readSet(set, over))
	c.canonical()
	c.Parse.Sources = c.sourceOverrides()
	// What could not be read is not there, and the rest is looked at nevertheless.
	return c, errors.Join(errors.Join(problems...), File{name, data}.located(c.Validate(), over))
}

// canonical gives encodings the names that the program knows them by, so that utf8 is utf-8 and the same setting.
func (c *Config) canonical() {
	for _, encoding := range c.encodings() {
		if name, ok := charset.Canonical(*encoding); ok {
			*encoding = name
		}
	}
}

func (c *Config) encodings() []*string {
	list := []*string{&c.Parse.Encoding}
	for i := range c.Sources {
		list = append(list, &c.Sources[i].Encoding)
	}
	return list
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

// settingPath begins a problem with a setting.
var settingPath = regexp.MustCompile(`^([a-z0-9_]+(?:\[\d+\])*(?:\.[A-Za-z0-9_]+(?:\[\d+\])*)*): `)

// Located puts the line of the file in front of problems that begin with the path of a setting that stands there. A file that has nothing but a list
// has that of filter.
func (f File) Located(err error) error { return f.located(err, nil) }

// located is Located, but that the variable or flag is named which set a setting, if one did: over has these by path.
func (f File) located(err error, over map[string]string) error {
	if err == nil {
		return nil
	}
	var doc yaml.Node
	root := &yaml.Node{}
	if yaml.Unmarshal(f.Data, &doc) == nil && len(doc.Content) > 0 {
		root = doc.Content[0]
	}
	problems := joined(err)
	for i, problem := range problems {
		m := settingPath.FindStringSubmatch(problem.Error())
		if m == nil {
			continue
		}
		path := m[1]
		leaf := leafOf(path)
		if by := over[leaf]; by != "" {
			problems[i] = fmt.Errorf("%s: %w", by, problem)
		} else if line := lineOf(root, path, leaf); line > 0 && f.Name != "" {
			problems[i] = fmt.Errorf("%s:%d: %w", f.Name, line, problem)
		}
	}
	return errors.Join(problems...)
}

// leafOf is the setting that a path leads into: sources of sources[1].path, and the path itself where it is a section or a setting.
func leafOf(path string) string {
	for _, l := range strict.Leaves(reflect.TypeFor[Config]()) {
		if strings.HasPrefix(path, l.Path+"[") || strings.HasPrefix(path, l.Path+".") {
			return l.Path
		}
	}
	return path
}

// lineOf is the line on which a path stands, or as much of it as there is from leaf on; 0 if there is nothing of it.
func lineOf(n *yaml.Node, path, leaf string) (line int) {
	if n.Kind == yaml.SequenceNode {
		n = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Value: "filter", Line: n.Line}, n}}
	}
	done := ""
	for _, part := range pathPart.FindAllString(path, -1) {
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		at := -1
		if index, ok := strings.CutPrefix(part, "["); ok {
			if k, err := strconv.Atoi(index); err == nil && n.Kind == yaml.SequenceNode && k < len(n.Content) {
				at, line = k, n.Content[k].Line
			}
			done += part + "]"
		} else {
			for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == part {
					at, line = i+1, n.Content[i].Line
				}
			}
			done = strict.Join(done, part)
		}
		if at < 0 {
			if len(done) <= len(leaf) {
				return 0 // the setting does not stand here
			}
			return line
		}
		n = n.Content[at]
	}
	return line
}

var pathPart = regexp.MustCompile(`[^.\[\]]+|\[\d+`)

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
