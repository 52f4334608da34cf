package contamination

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// object is an item as it stands in a file. Its numbers are json.Number.
type object map[string]any

// names are its members, sorted.
func (o object) names() []string { return slices.Sorted(maps.Keys(o)) }

// find is the member that a name leads to: one of just that name, or else one inside of objects.
func (o object) find(name string) (v any, ok bool) {
	if v, ok = o[name]; ok {
		return v, v != nil
	}
	outer, inner, found := strings.Cut(name, ".")
	if !found {
		return nil, false
	}
	within, ok := o[outer].(map[string]any)
	if !ok {
		return nil, false
	}
	return object(within).find(inner)
}

func (o object) has(name string) bool {
	_, ok := o.find(name)
	return ok
}

// id is the value of a member that names the item.
func (o object) id(name string) string {
	list := ids
	if name != "" {
		list = []string{name}
	}
	for _, name := range list {
		switch v, _ := o.find(name); v := v.(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return ""
}

// joined is what some members say, each in a line. One that is missing says nothing.
func (o object) joined(names []string) (string, error) {
	list, err := o.list(names)
	return strings.Join(list, "\n"), err
}

// list is what some members say.
func (o object) list(names []string) (list []string, err error) {
	for _, name := range names {
		if v, ok := o.find(name); ok {
			if list, err = said(list, v); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return list, nil
}

// said appends the texts of a value.
func said(list []string, v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return list, nil
	case string:
		return append(list, v), nil
	case json.Number:
		return append(list, v.String()), nil
	case bool:
		return append(list, strconv.FormatBool(v)), nil
	case []any:
		for _, e := range v {
			var err error
			if list, err = said(list, e); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("it is an object: name a member of it")
}
