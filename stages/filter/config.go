package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline/rule"
)

// Config is one entry of the list, as in `- min_chars: 50`: a number by the name of its filter. It has exactly one.
type Config map[string]rule.Number

// List is the section filter of the settings: the entries in the order in which they are tried. All of it decides what
// comes out.
type List []Config

// Keys are the names of all filters, in the order of the table.
func (Config) Keys() []string {
	names := make([]string, len(filters))
	for i := range filters {
		names[i] = filters[i].name
	}
	return names
}

// CheckKey says what is wrong with the number of a filter, as it is written.
func (Config) CheckKey(name, text string) error {
	f, err := find(name)
	if err == nil {
		_, err = f.of.unit.Parse(text)
	}
	return err
}

// MarshalYAML implements yaml.Marshaler. Plans and manifests hold the same form.
func (c Config) MarshalYAML() (any, error) {
	entry := map[string]any{}
	for name, n := range c {
		f, err := find(name)
		if err != nil {
			return nil, err
		}
		entry[name] = f.of.unit.Plain(n)
	}
	return entry, nil
}

// MarshalJSON implements json.Marshaler.
func (c Config) MarshalJSON() ([]byte, error) {
	entry, err := c.MarshalYAML()
	if err != nil {
		return nil, err
	}
	return json.Marshal(entry)
}

// Validate returns every problem of the list, joined, each with its path.
func (l List) Validate() error {
	_, err := l.conditions()
	return err
}

func (l List) conditions() (list []condition, err error) {
	var problems []error
	for i, c := range l {
		one, err := c.condition()
		if err != nil {
			problems = append(problems, fmt.Errorf("filter[%d]%w", i, err))
			continue
		}
		list = append(list, one)
	}
	for i := range list {
		for k := range list {
			if a, b := &list[i], &list[k]; a.contradicts(b) {
				problems = append(problems, fmt.Errorf("filter: %s %v is above %s %v: no document passes",
					a.name, a.bound.Number, b.name, b.bound.Number))
			}
		}
	}
	return list, errors.Join(problems...)
}

// condition is what the entry asks for. Errors begin with what belongs to the path.
func (c Config) condition() (one condition, err error) {
	if len(c) != 1 {
		set := slices.DeleteFunc(c.Keys(), func(name string) bool { _, ok := c[name]; return !ok })
		return one, fmt.Errorf(": %d filters in one entry (%s): there must be one of %s", len(c), strings.Join(set, ", "),
			strings.Join(c.Keys(), ", "))
	}
	for name, n := range c {
		f, err := find(name)
		if err != nil {
			return one, fmt.Errorf(": %w", err)
		}
		one = condition{f, rule.Bound{Unit: f.of.unit, Op: f.op, Number: n}}
		if err := one.bound.Check(); err != nil {
			return one, fmt.Errorf(".%s: %w", name, err)
		}
	}
	return one, nil
}
