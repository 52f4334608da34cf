package parse

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/stages/parse/jsonscan"
)

// Fields are the places where the text of an object may be, in the order in which they are tried: names of members, or
// paths such as data.text and 段落[].内容. Written as a list; one name alone is read, too.
type Fields []string

// maxFields bounds the candidates.
const maxFields = 64

// UnmarshalYAML takes a list, or one text.
func (f *Fields) UnmarshalYAML(unmarshal func(any) error) error { return f.read(unmarshal) }

// UnmarshalJSON takes a list, or one text.
func (f *Fields) UnmarshalJSON(data []byte) error {
	return f.read(func(v any) error { return json.Unmarshal(data, v) })
}

func (f *Fields) read(unmarshal func(any) error) error {
	var list []string
	err := unmarshal(&list)
	if err != nil {
		var one string
		if unmarshal(&one) != nil {
			return fmt.Errorf("not a list of names: %w", err)
		}
		list = []string{one}
	}
	*f = list
	return nil
}

func (f Fields) validate() error {
	if len(f) == 0 {
		return errors.New("names no field")
	}
	if len(f) > maxFields {
		return fmt.Errorf("%d fields are more than %d", len(f), maxFields)
	}
	for _, name := range f {
		if err := jsonscan.CheckCandidate(name); err != nil {
			return err
		}
	}
	return nil
}
