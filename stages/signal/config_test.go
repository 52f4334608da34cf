package signal

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The list reads and writes the form that people write, in YAML and in what is stored.
func TestListForms(t *testing.T) {
	const written = "- text\n- language:\n    model: lid.176.ftz\n- words:\n    allow:\n      - 性\n    list: adult.txt\n    name: adult\n"
	var list List
	if err := yaml.Unmarshal([]byte(written), &list); err != nil {
		t.Fatal(err)
	}
	want := List{
		{Kind: "text"},
		{Kind: "language", Options: map[string]any{"model": "lid.176.ftz"}},
		{Kind: "words", Options: map[string]any{"name": "adult", "list": "adult.txt", "allow": []any{"性"}}},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	again, err := yaml.Marshal(list)
	if diff := cmp.Diff("- text\n- language:\n    model: lid.176.ftz\n- words:\n    allow:\n        - 性\n    list: adult.txt\n    name: adult\n", string(again)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	data, err := json.Marshal(list)
	const stored = `["text",{"language":{"model":"lid.176.ftz"}},{"words":{"allow":["性"],"list":"adult.txt","name":"adult"}}]`
	if err != nil || string(data) != stored {
		t.Errorf("%s, %v", data, err)
	}
	var back List
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"- 3", "- {}", "- {a: {}, b: {}}", "- {language: lid.176.ftz}", "- [text]"} {
		if err := yaml.Unmarshal([]byte(bad), &list); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// Options are read strictly, and all that is wrong with them is told.
func TestDecode(t *testing.T) {
	type config struct {
		Name  string   `json:"name"`
		Allow []string `json:"allow"`
		N     int      `json:"n"`
		On    bool     `json:"on"`
	}
	var c config
	e := Entry{Kind: "words", Options: map[string]any{"name": "adult", "allow": []any{"性"}, "n": 3, "on": true}}
	if err := e.Decode(&c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config{"adult", []string{"性"}, 3, true}, c); diff != "" {
		t.Error(diff)
	}
	e = Entry{Kind: "words", Options: map[string]any{"name": 3, "allow": "性", "n": "x", "on": 1, "lst": "a"}}
	err := e.Decode(&c)
	want := "allow: \"性\" is not a list\nlst: unknown key (known are allow, n, name, on)\nn: \"x\" is not a number in range\nname: 3 is not text\non: 1 is not true or false"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
