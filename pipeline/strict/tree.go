package strict

import (
	"encoding"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Field is one key of a section.
type Field struct {
	Key   string
	Index []int
	Type  reflect.Type
	check func(value string) error // of a key of a table
	rest  bool                     // it has all keys that no other field has
}

// keyed is a section whose keys stand in a table, and not as fields of a struct. CheckKey says what is wrong with a value.
type keyed interface {
	Keys() []string
	CheckKey(key, value string) error
}

// Fields lists the keys that a section has in YAML, in order. Those of an embedded struct, which is inline, are its own.
func Fields(t reflect.Type) (list []Field) {
	if table, ok := reflect.TypeAssert[keyed](reflect.Zero(t)); ok {
		for _, key := range table.Keys() {
			list = append(list, Field{Key: key, Type: t, check: func(value string) error { return table.CheckKey(key, value) }})
		}
		return list
	}
	for _, f := range reflect.VisibleFields(t) {
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || key == "-" || f.Anonymous {
			continue
		}
		if key == "" {
			key = strings.ToLower(f.Name)
		}
		list = append(list, Field{Key: key, Index: f.Index, Type: f.Type, rest: option == "inline" && f.Type.Kind() == reflect.Map})
	}
	return list
}

// Section says whether a type is written as keys of its own, and not as one value.
func Section(t reflect.Type) bool {
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

// twoForms says whether a type is one value or a section, as it is written: it reads itself, and its fields have keys.
func twoForms(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || !readsItself(t) {
		return false
	}
	for f := range t.Fields() {
		if key := f.Tag.Get("yaml"); key != "" && key != "-" {
			return true
		}
	}
	return false
}

// Join is the path of a key in a section.
func Join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// Leaf is a setting that stands for itself, with its path: dedupe.threshold.
type Leaf struct {
	Path  string
	Index []int // from the root struct
	Type  reflect.Type
}

// Leaves lists every setting, in the order of the struct.
func Leaves(t reflect.Type) []Leaf { return leaves(t, "", nil) }

func leaves(t reflect.Type, path string, index []int) (list []Leaf) {
	for _, f := range Fields(t) {
		at := slices.Concat(index, f.Index)
		if Section(f.Type) {
			list = append(list, leaves(f.Type, Join(path, f.Key), at)...)
		} else {
			list = append(list, Leaf{Join(path, f.Key), at, f.Type})
		}
	}
	return list
}
