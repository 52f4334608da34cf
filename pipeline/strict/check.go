package strict

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// ProblemError is one thing that is wrong, with the path of what it is about.
type ProblemError struct {
	Path string
	Err  error
}

func (p *ProblemError) Error() string { return p.Path + ": " + p.Err.Error() }

func (p *ProblemError) Unwrap() error { return p.Err }

// Check holds a YAML tree against the type that it is for, path being that of the tree. It returns every problem, each behind where, and gives
// sizes their number.
func Check(n *yaml.Node, t reflect.Type, path string, where func(*yaml.Node) string) []error {
	c := &checker{where: where, lines: map[string]int{}, bad: map[*yaml.Node]bool{}}
	c.check(n, t, path)
	return c.problems
}

// checker walks a YAML tree beside the type it is for.
type checker struct {
	where    func(*yaml.Node) string
	problems []error
	lines    map[string]int // of the paths that were met
	bad      map[*yaml.Node]bool
}

func (c *checker) problem(n *yaml.Node, path, format string, args ...any) {
	c.bad[n] = true
	c.problems = append(c.problems, fmt.Errorf("%s: %w", c.where(n), &ProblemError{path, fmt.Errorf(format, args...)}))
}

func (c *checker) check(n *yaml.Node, t reflect.Type, path string) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if c.lines[path] == 0 {
		c.lines[path] = n.Line
	}
	if t.Kind() == reflect.Pointer && (Section(t.Elem()) || twoForms(t.Elem())) {
		t = t.Elem()
	}
	switch {
	case Section(t):
		if c.own(n, t) || n.Kind == yaml.ScalarNode && readsItself(t) {
			c.value(n, t, path)
			return
		}
		c.sectionOf(n, t, path)
	case twoForms(t) && n.Kind == yaml.MappingNode && !c.own(n, t):
		c.sectionOf(n, t, path)
	case twoForms(t) && n.Kind == yaml.SequenceNode:
		c.problem(n, path, "a value or keys are expected here, not a list")
	case t.Kind() == reflect.Slice && (Section(t.Elem()) || readsItself(t.Elem())) && n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			c.check(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case t.Implements(reflect.TypeFor[ItemChecker]()) && n.Kind == yaml.SequenceNode:
		items := reflect.Zero(t).Interface().(ItemChecker)
		for i, item := range n.Content {
			c.text(item, fmt.Sprintf("%s[%d]", path, i), items.CheckItem)
		}
	case t.Kind() == reflect.Map && n.Kind == yaml.MappingNode && !readsItself(t):
		c.table(n, t, path)
	default:
		c.value(n, t, path)
	}
}

// ownKeyed is a section of which a key may be one that the user chose.
type ownKeyed interface{ OwnKey(key, value string) bool }

// own says whether the node is one key of the user's.
func (c *checker) own(n *yaml.Node, t reflect.Type) bool {
	keys, ok := reflect.TypeAssert[ownKeyed](reflect.Zero(t))
	return ok && n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[1].Kind == yaml.ScalarNode &&
		keys.OwnKey(n.Content[0].Value, n.Content[1].Value)
}

// ItemChecker is a list of texts that knows what is wrong with each of them.
type ItemChecker interface{ CheckItem(item string) error }

// text tries a value that is one text, or number, by what knows what is wrong with it.
func (c *checker) text(n *yaml.Node, path string, check func(string) error) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		c.problem(n, path, "a single value is expected here")
	} else if err := check(n.Value); err != nil {
		c.problem(n, path, "%w", err)
	}
}

// sectionOf tries a section, and where nothing is wrong with its keys what the type itself says of it.
func (c *checker) sectionOf(n *yaml.Node, t reflect.Type, path string) {
	before := len(c.problems)
	c.section(n, t, path)
	if readsItself(t) && len(c.problems) == before {
		c.value(n, t, path)
	}
}

func (c *checker) section(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.MappingNode {
		c.problem(n, cmp.Or(path, "the file"), "keys are expected here, not a value")
		return
	}
	known := Fields(t)
	rest := slices.IndexFunc(known, func(f Field) bool { return f.rest })
	seen := map[string]bool{}
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode || value.Tag != "!!null" { // a key without a value leaves the default
			kept = append(kept, key, value)
		}
		at := Join(path, key.Value)
		c.lines[at] = key.Line
		found := slices.IndexFunc(known, func(f Field) bool { return f.Key == key.Value && !f.rest })
		switch {
		case found < 0 && (rest < 0 || near(key.Value, known) && !c.fits(value, known[rest].Type.Elem())):
			c.problem(key, at, "unknown key%s", suggest(key.Value, known))
		case seen[key.Value]:
			c.problem(key, at, "is set twice")
		case found < 0:
			c.check(value, known[rest].Type.Elem(), at)
		case len(kept) == 0 || kept[len(kept)-1] != value: // without a value
		case known[found].check != nil:
			c.text(value, at, known[found].check)
		default:
			c.check(value, known[found].Type, at)
		}
		seen[key.Value] = true
	}
	n.Content = kept
}

// fits says whether a value can be one of a type.
func (c *checker) fits(n *yaml.Node, t reflect.Type) bool {
	try := &checker{where: c.where, lines: map[string]int{}, bad: map[*yaml.Node]bool{}}
	try.check(n, t, "")
	return len(try.problems) == 0
}

// table tries the values of keys that the user chose.
func (c *checker) table(n *yaml.Node, t reflect.Type, path string) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		at := Join(path, key.Value)
		c.lines[at] = key.Line
		switch {
		case key.Kind != yaml.ScalarNode:
			c.problem(key, path, "a single value is expected as a key")
		case seen[key.Value]:
			c.problem(key, at, "is set twice")
		default:
			c.check(n.Content[i+1], t.Elem(), at)
		}
		seen[key.Value] = true
	}
}

// value tries a leaf by itself, so that one bad value does not hide the next.
func (c *checker) value(n *yaml.Node, t reflect.Type, path string) {
	if IsSize(path, t) && n.Kind == yaml.ScalarNode {
		size, err := ParseSize(n.Value)
		if err != nil {
			c.problem(n, path, "%w", err)
			return
		}
		n.Tag, n.Style, n.Value = "!!int", 0, strconv.FormatInt(size, 10)
		return
	}
	if err := n.Decode(reflect.New(t).Interface()); err != nil {
		if kind := kindName(t); kind != "" && n.Kind == yaml.ScalarNode {
			c.problem(n, path, "%q is not %s", n.Value, kind)
			return
		} else if kind != "" && n.Kind == yaml.MappingNode {
			c.problem(n, path, "%s is expected here, not keys", kind)
			return
		}
		c.problem(n, path, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
}

// kindName says what is expected of a value, "" of a type that says so itself.
func kindName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || readsItself(t):
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 5s"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "a number"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "a whole number in range"
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return "a list"
	case t.Kind() == reflect.Map:
		return "keys with values"
	case t.Kind() == reflect.String:
		return "text"
	}
	return ""
}
