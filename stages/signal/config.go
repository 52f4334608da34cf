package signal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// List is the section signals of the settings: the families of signals that are measured. All of it decides what comes out.
type List []Entry

// Entry is one family: its kind by itself, as in `- text`, or with options, as in `- language: {model: lid.176.ftz}`.
type Entry struct {
	Kind string
	// Options are nil where the kind stands by itself.
	Options map[string]any
	// Digests are the SHA-256, in hexadecimal, of the files that options name, by the option. They are what is stored of them.
	Digests map[string]string
}

// UnmarshalYAML reads either form. It is the interface of package yaml that does not need it.
func (e *Entry) UnmarshalYAML(unmarshal func(any) error) error {
	var written any
	if err := unmarshal(&written); err != nil {
		return err
	}
	return e.read(written)
}

// UnmarshalJSON is the same of what is stored.
func (e *Entry) UnmarshalJSON(data []byte) error {
	var written any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&written); err != nil {
		return err
	}
	return e.read(written)
}

func (e *Entry) read(written any) error {
	switch v := written.(type) {
	case string:
		*e = Entry{Kind: v}
		return nil
	case map[string]any:
		for kind, options := range v {
			o, ok := options.(map[string]any)
			if len(v) != 1 || !ok && options != nil {
				break
			}
			if o == nil {
				o = map[string]any{}
			}
			*e = Entry{Kind: kind, Options: o}
			return nil
		}
	}
	return errors.New("a family of signals is expected here, by its name or as one key with options: text, or language: {model: FILE}")
}

// MarshalYAML writes the form that is read.
func (e Entry) MarshalYAML() (any, error) {
	if e.Options == nil {
		return e.Kind, nil
	}
	return map[string]any{e.Kind: e.Options}, nil
}

// MarshalJSON is the same for what is stored: of a file what it holds, and not where it lies.
func (e Entry) MarshalJSON() ([]byte, error) {
	if len(e.Digests) > 0 {
		e.Options = maps.Clone(e.Options)
		for option, digest := range e.Digests {
			e.Options[option] = "sha256:" + digest
		}
	}
	form, err := e.MarshalYAML()
	if err != nil {
		return nil, err
	}
	return json.Marshal(form)
}

// Decode puts the options into the struct that into points to, by the json names of its fields. The error has every problem, joined:
// each begins with the key that it is about.
func (e Entry) Decode(into any) error {
	to := reflect.ValueOf(into).Elem()
	fields := map[string]reflect.Value{}
	for i := range to.NumField() {
		if name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = to.Field(i)
		}
	}
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(e.Options)) {
		field, ok := fields[key]
		if !ok {
			known := strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
			if known == "" {
				known = "none"
			}
			problems = append(problems, fmt.Errorf("%s: unknown key (known are %s)", key, known))
			continue
		}
		data, err := json.Marshal(e.Options[key])
		if err == nil {
			dec := json.NewDecoder(bytes.NewReader(data))
			dec.DisallowUnknownFields()
			err = dec.Decode(field.Addr().Interface())
		}
		if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			err = fmt.Errorf("%s is not %s", data, kindName(other.Type))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s", key, strings.TrimPrefix(err.Error(), "json: ")))
		}
	}
	return errors.Join(problems...)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "keys with values"
	}
	return "a number in range"
}
