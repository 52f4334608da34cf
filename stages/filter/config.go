package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/rule"
)

// Entry is one entry of the list, in one of three forms:
//
//   - min_chars: 50             a filter of the table, with its number
//   - "chars >= 50"             a rule of package rule, or the name of a preset
//   - stubs: "chars >= 50"      a rule, and the name that somebody gave it
type Entry struct {
	// Name is that of a filter of the table, or the one that somebody gave the rule; "" if nobody did.
	Name string
	// Number is that of a filter of the table.
	Number rule.Number
	// Rule is a rule or the name of a preset; "" of a filter of the table.
	Rule string
}

// List is the section filter of the settings: the entries in the order in which they are tried. All of it decides what
// comes out.
type List []Entry

// Keys are the names of all filters of the table, in its order.
func (Entry) Keys() []string {
	names := make([]string, len(filters))
	for i := range filters {
		names[i] = filters[i].name
	}
	return names
}

// CheckKey says what is wrong with the number of a filter of the table, as it is written.
func (Entry) CheckKey(name, text string) error {
	f, err := find(name)
	if err == nil {
		_, err = f.of.unit.Parse(text)
	}
	return err
}

// OwnKey says whether an entry of one key is a rule with a name of its own.
func (e Entry) OwnKey(key, text string) bool {
	if slices.Contains(e.Keys(), key) {
		return false
	}
	_, err := rule.ParseNumber(text)
	return err != nil && text != ""
}

// UnmarshalYAML reads an entry. It is the interface of package yaml that does not need it.
func (e *Entry) UnmarshalYAML(unmarshal func(any) error) error {
	*e = Entry{}
	var keys map[string]string
	if err := unmarshal(&keys); err == nil {
		return e.read(keys)
	}
	err := unmarshal(&e.Rule)
	if _, number := rule.ParseNumber(e.Rule); err != nil || number == nil || e.Rule == "" {
		return errors.New("a filter is expected here, a preset or a rule: min_chars: 50, or \"chars >= 50\"")
	}
	return nil
}

// UnmarshalJSON is the same for what is stored.
func (e *Entry) UnmarshalJSON(data []byte) error {
	*e = Entry{}
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &e.Rule)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	keys := map[string]string{}
	for name, value := range raw {
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			text = string(value) // a number
		}
		keys[name] = text
	}
	return e.read(keys)
}

func (e *Entry) read(keys map[string]string) error {
	if len(keys) != 1 {
		return e.notOne(slices.Sorted(maps.Keys(keys)))
	}
	for name, text := range keys {
		e.Name = name
		if e.OwnKey(name, text) {
			e.Rule = text
			return nil
		}
		return e.Number.UnmarshalText([]byte(text))
	}
	return nil
}

// notOne is the error of an entry that has not exactly one key.
func (e Entry) notOne(keys []string) error {
	return fmt.Errorf("%d filters in one entry (%s): there must be one of %s, a preset or a rule", len(keys), strings.Join(keys, ", "),
		strings.Join(e.Keys(), ", "))
}

// MarshalYAML implements yaml.Marshaler. Plans and manifests hold the same form.
func (e Entry) MarshalYAML() (any, error) {
	switch {
	case e.Rule != "" && e.Name == "":
		return e.Rule, nil
	case e.Rule != "":
		return map[string]any{e.Name: e.Rule}, nil
	}
	f, err := find(e.Name)
	if err != nil {
		return nil, err
	}
	return map[string]any{e.Name: f.of.unit.Plain(e.Number)}, nil
}

// MarshalJSON implements json.Marshaler.
func (e Entry) MarshalJSON() ([]byte, error) {
	form, err := e.MarshalYAML()
	if err != nil {
		return nil, err
	}
	return json.Marshal(form)
}

// Validate returns every problem of the list that shows without knowing the signals, joined, each with its path.
func (l List) Validate() error {
	var problems []error
	var list []condition
	for i, e := range l {
		if e.Rule != "" {
			if e.Name != "" && !names.MatchString(e.Name) {
				problems = append(problems, fmt.Errorf("filter[%d].%s: a name has small letters, digits, _, - and ., at most 64", i, e.Name))
			}
			continue
		}
		one, err := e.condition()
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
	return errors.Join(problems...)
}

var names = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,63}$`)

// condition is what an entry of the table asks for. Errors begin with what belongs to the path.
func (e Entry) condition() (one condition, err error) {
	if e.Name == "" {
		return one, fmt.Errorf(": %w", e.notOne(nil))
	}
	f, err := find(e.Name)
	if err != nil {
		return one, fmt.Errorf(": %w", err)
	}
	one = condition{f, rule.Bound{Unit: f.of.unit, Op: f.op, Number: e.Number}}
	if err := one.bound.Check(); err != nil {
		return one, fmt.Errorf(".%s: %w", e.Name, err)
	}
	return one, nil
}
