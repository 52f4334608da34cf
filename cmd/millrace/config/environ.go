package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/strict"
)

// envPrefix begins the name of every variable that sets a setting.
const envPrefix = "MILLRACE_"

// LogFormatVariable is the one variable with the prefix that is no setting: how stderr is written where --log-format does not say it.
const LogFormatVariable = envPrefix + "LOG_FORMAT"

// envName is the variable of a setting: MILLRACE_DEDUPE_THRESHOLD for dedupe.threshold.
func envName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// readEnviron sets what the MILLRACE_ variables say. A text is taken as it is; a list of texts is separated by commas;
// everything else is written as in YAML. An empty variable is as good as none. An unknown one is a problem, as an unknown
// key is. over gets the variable of every setting that one has set.
func (c *Config) readEnviron(environ []string, over map[string]string) (problems []error) {
	vars := map[string]strict.Leaf{}
	for _, l := range strict.Leaves(reflect.TypeFor[Config]()) {
		vars[envName(l.Path)] = l
	}
	set := map[string]string{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, envPrefix) && name != LogFormatVariable {
			set[name] = value // the last of several equal variables counts, as in a shell
		}
	}
	for _, name := range slices.Sorted(maps.Keys(set)) { // so that messages have one order
		if set[name] == "" {
			continue
		}
		l, ok := vars[name]
		if !ok {
			problems = append(problems, fmt.Errorf("%s: unknown variable%s", name, suggestVariable(name, vars)))
			continue
		}
		over[l.Path] = name
		problems = append(problems, c.setLeaf(name, l, set[name])...)
	}
	return problems
}

// readSet sets single settings by their paths: dedupe.threshold=0.8. Values are written as in variables. over gets the paths, too.
func (c *Config) readSet(set []string, over map[string]string) (problems []error) {
	known := map[string]strict.Leaf{}
	for _, l := range strict.Leaves(reflect.TypeFor[Config]()) {
		known[l.Path] = l
	}
	for _, kv := range set {
		path, value, found := strings.Cut(kv, "=")
		l, ok := known[path]
		switch {
		case !ok:
			hint := ""
			if n := strict.Nearest(path, slices.Sorted(maps.Keys(known))); n != "" {
				hint = fmt.Sprintf(" (did you mean %s?)", n)
			}
			problems = append(problems, fmt.Errorf("--set %s: unknown setting%s", path, hint))
		case !found || value == "":
			problems = append(problems, fmt.Errorf("--set %s: it has no value: %s=VALUE", path, path))
		default:
			over[path] = "--set"
			problems = append(problems, c.setLeaf("--set", l, value)...)
		}
	}
	return problems
}

func (c *Config) setLeaf(name string, l strict.Leaf, value string) []error {
	var node yaml.Node
	switch {
	case l.Type.Kind() == reflect.String:
		node.SetString(value)
	case l.Type.ConvertibleTo(reflect.TypeFor[[]string]()) && !strings.HasPrefix(value, "["):
		node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		for item := range strings.SplitSeq(value, ",") {
			var n yaml.Node
			n.SetString(strings.TrimSpace(item))
			node.Content = append(node.Content, &n)
		}
	default:
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(value), &doc); err != nil || len(doc.Content) == 0 {
			return []error{fmt.Errorf("%s: %s: %q is not a value", name, l.Path, value)}
		}
		node = *doc.Content[0]
	}
	if problems := strict.Check(&node, l.Type, l.Path, func(*yaml.Node) string { return name }); len(problems) > 0 {
		return problems
	}
	if err := node.Decode(reflect.ValueOf(c).Elem().FieldByIndex(l.Index).Addr().Interface()); err != nil {
		return []error{fmt.Errorf("%s: %s: %w", name, l.Path, err)}
	}
	return nil
}

func suggestVariable(name string, vars map[string]strict.Leaf) string {
	if n := strict.Nearest(name, slices.Sorted(maps.Keys(vars))); n != "" {
		return fmt.Sprintf(" (did you mean %s?)", n)
	}
	return ""
}
