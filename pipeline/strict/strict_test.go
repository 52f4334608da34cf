package strict

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// place is one text, or keys.
type place struct {
	Name string `yaml:"-"`
	Path string `yaml:"path"`
	Size int64  `yaml:"bytes"`
}

func (p *place) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&p.Name) == nil {
		return nil
	}
	type plain place
	return unmarshal((*plain)(p))
}

type tree struct {
	One     *place         `yaml:"one"`
	Several []place        `yaml:"several"`
	Table   map[string]int `yaml:"table"`
	Shares  *shares        `yaml:"shares"`
}

type shares struct {
	Of map[string]int `yaml:",inline"`
	By string         `yaml:"by"`
}

func TestRead(t *testing.T) {
	const file = `
one: {path: a, bytes: 2KiB}
several: [b, {path: c}]
table: {x: 1, y.z: 2}
shares: {by: id, validation: 3}
`
	var got tree
	f, problems := Read("a.yaml", []byte(file), &got)
	want := tree{
		One: &place{Path: "a", Size: 2048}, Several: []place{{Name: "b"}, {Path: "c"}}, Table: map[string]int{"x": 1, "y.z": 2},
		Shares: &shares{map[string]int{"validation": 3}, "id"},
	}
	if diff := cmp.Diff(want, got); diff != "" || problems != nil {
		t.Errorf("%v (-want +got):\n%s", problems, diff)
	}
	for path, line := range map[string]string{
		"one.path": "a.yaml:2: ", "several[1].path": "a.yaml:3: ", "several[1].bytes": "a.yaml:3: ", "table.y.z": "a.yaml:4: ", "shares.test": "a.yaml:5: ", "else": "a.yaml: ",
	} {
		if err := f.Locate(&ProblemError{path, errors.New("wrong")}); err.Error() != line+path+": wrong" {
			t.Errorf("%v, want %s", err, line)
		}
	}
	if !f.Has("one.path") || f.Has("one.size") {
		t.Error("one.path is there, and one.size is not")
	}
}

func TestReadNamesEveryProblem(t *testing.T) {
	const file = `one: {path: a, bites: 2}
several:
  - b
  - {pth: c}
  - [1]
table: {x: one, x: 2, y: 1}
shares: {b: id, test: 1, test: 2, valid: x}
`
	_, problems := Read("a.yaml", []byte(file), &tree{})
	want := []string{
		"a.yaml:1: one.bites: unknown key (did you mean bytes?)",
		"a.yaml:4: several[1].pth: unknown key (did you mean path?)",
		"a.yaml:5: several[2]: a value or keys are expected here, not a list",
		`a.yaml:6: table.x: "one" is not a whole number in range`,
		"a.yaml:6: table.x: is set twice",
		"a.yaml:7: shares.b: unknown key (did you mean by?)",
		"a.yaml:7: shares.test: is set twice",
		`a.yaml:7: shares.valid: "x" is not a whole number in range`,
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
