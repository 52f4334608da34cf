package config

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

// sizeSuffix marks the keys whose values are numbers of bytes and may be written with a unit.
const sizeSuffix = "_bytes"

// field is one key of a section.
type field struct {
	key   string
	index []int
	typ   reflect.Type
	check func(value string) error // of a key of a table
}

// keyed is a section whose keys stand in a table, and not as fields of a struct. CheckKey says what is wrong with a value.
type keyed interface {
	Keys() []string
	CheckKey(key, value string) error
}

// fields lists the keys that a section has in YAML, in order. Those of an embedded struct, which is inline, are its own.
func fields(t reflect.Type) (list []field) {
	if table, ok := reflect.TypeAssert[keyed](reflect.Zero(t)); ok {
		for _, key := range table.Keys() {
			list = append(list, field{key: key, typ: t, check: func(value string) error { return table.CheckKey(key, value) }})
		}
		return list
	}
	for _, f := range reflect.VisibleFields(t) {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || key == "-" || f.Anonymous {
			continue
		}
		if key == "" {
			key = strings.ToLower(f.Name)
		}
		list = append(list, field{key: key, index: f.Index, typ: f.Type})
	}
	return list
}

// section says whether a type is written as keys of its own, and not as one value.
func section(t reflect.Type) bool {
	if t.Implements(reflect.TypeFor[keyed]()) {
		return true
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	p := reflect.PointerTo(t)
	return !p.Implements(reflect.TypeFor[yaml.Unmarshaler]()) && !p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) && !readsItself(t)
}

// readsItself says whether a type has the method by which package yaml lets those read themselves that do not know the package.
func readsItself(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalYAML(func(any) error) error }]())
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// A leaf is a setting that stands for itself, with its path: dedupe.threshold.
type leaf struct {
	path  string
	index []int // from the root struct
	typ   reflect.Type
}

// leaves lists every setting, in the order of the struct.
func leaves(t reflect.Type, path string, index []int) (list []leaf) {
	for _, f := range fields(t) {
		at := slices.Concat(index, f.index)
		if section(f.typ) {
			list = append(list, leaves(f.typ, join(path, f.key), at)...)
		} else {
			list = append(list, leaf{join(path, f.key), at, f.typ})
		}
	}
	return list
}

// problem is one thing that is wrong with a config. where is file and line, or the variable.
func problem(where, path, format string, args ...any) error {
	return fmt.Errorf("%s: %s: %s", where, path, fmt.Sprintf(format, args...))
}

// checker walks a YAML tree beside the type it is for. It finds every problem, and gives sizes their number.
type checker struct {
	where    func(*yaml.Node) string
	problems []error
}

func (c *checker) problem(n *yaml.Node, path, format string, args ...any) {
	c.problems = append(c.problems, problem(c.where(n), path, format, args...))
}

func (c *checker) check(n *yaml.Node, t reflect.Type, path string) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case section(t):
		if keys, ok := reflect.TypeAssert[ownKeyed](reflect.Zero(t)); ok && ownKey(keys, n) || n.Kind == yaml.ScalarNode && readsItself(t) {
			c.value(n, t, path)
			return
		}
		before := len(c.problems)
		c.section(n, t, path)
		if readsItself(t) && len(c.problems) == before {
			c.value(n, t, path)
		}
	case t.Kind() == reflect.Slice && (section(t.Elem()) || readsItself(t.Elem())) && n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			c.check(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case t.Implements(reflect.TypeFor[itemChecker]()) && n.Kind == yaml.SequenceNode:
		items := reflect.Zero(t).Interface().(itemChecker)
		for i, item := range n.Content {
			c.text(item, fmt.Sprintf("%s[%d]", path, i), items.checkItem)
		}
	default:
		c.value(n, t, path)
	}
}

// ownKeyed is a section of which a key may be one that the user chose.
type ownKeyed interface{ OwnKey(key, value string) bool }

// ownKey says whether the node is one key of the user's.
func ownKey(keys ownKeyed, n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[1].Kind == yaml.ScalarNode &&
		keys.OwnKey(n.Content[0].Value, n.Content[1].Value)
}

// itemChecker is a list of texts that knows what is wrong with each of them.
type itemChecker interface{ checkItem(item string) error }

// text tries a value that is one text, or number, by what knows what is wrong with it.
func (c *checker) text(n *yaml.Node, path string, check func(string) error) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		c.problem(n, path, "a single value is expected here")
	} else if err := check(n.Value); err != nil {
		c.problem(n, path, "%v", err)
	}
}

func (c *checker) section(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.MappingNode {
		c.problem(n, cmp.Or(path, "the file"), "keys are expected here, not a value")
		return
	}
	known := fields(t)
	seen := map[string]bool{}
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode || value.Tag != "!!null" { // a key without a value leaves the default
			kept = append(kept, key, value)
		}
		at := join(path, key.Value)
		found := slices.IndexFunc(known, func(f field) bool { return f.key == key.Value })
		switch {
		case found < 0:
			c.problem(key, at, "unknown key%s", suggest(key.Value, known))
		case seen[key.Value]:
			c.problem(key, at, "is set twice")
		case len(kept) == 0 || kept[len(kept)-1] != value: // without a value
		case known[found].check != nil:
			c.text(value, at, known[found].check)
		default:
			c.check(value, known[found].typ, at)
		}
		seen[key.Value] = true
	}
	n.Content = kept
}

// value tries a leaf by itself, so that one bad value does not hide the next.
func (c *checker) value(n *yaml.Node, t reflect.Type, path string) {
	if strings.HasSuffix(path, sizeSuffix) && t.Kind() == reflect.Int64 && n.Kind == yaml.ScalarNode {
		size, err := parseSize(n.Value)
		if err != nil {
			c.problem(n, path, "%v", err)
			return
		}
		n.Tag, n.Style, n.Value = "!!int", 0, strconv.FormatInt(size, 10)
		return
	}
	if err := n.Decode(reflect.New(t).Interface()); err != nil {
		if kind := kindName(t); kind != "" && n.Kind == yaml.ScalarNode {
			c.problem(n, path, "%q is not %s", n.Value, kind)
			return
		}
		c.problem(n, path, "%v", strings.TrimPrefix(err.Error(), "yaml: "))
	}
}

func kindName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()): // says so itself
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
	case t.Kind() == reflect.String:
		return "text"
	}
	return ""
}
