package filter

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/rule"
)

// written is the list that the user writes as `filter: [min_chars: 50, min_han_share: 0.3]`, without the brackets.
func written(t testing.TB, entries string) (list List) {
	t.Helper()
	if err := yaml.Unmarshal([]byte("["+entries+"]"), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name string
		list List
		want []string // one a problem
	}{
		{name: "empty"},
		{name: "good", list: written(t, "min_chars: 50, max_chars: 100_000, min_han_share: 0.3, max_duplicate_line_share: 0")},
		{
			name: "all problems at once",
			list: List{
				{},
				{Name: "min_chars", Number: 0},
				{Name: "max_chars", Number: -rule.One},
				{Name: "min_han_share", Number: 0},
				{Name: "max_duplicate_line_share", Number: rule.One},
				{Name: "min_words", Number: rule.One},
			},
			want: []string{
				"filter[0]: 0 filters", "filter[1].min_chars: 0",
				"filter[2].max_chars: -1", "filter[3].min_han_share: 0", "filter[4].max_duplicate_line_share: 1",
				`filter[5]: unknown filter "min_words": known are min_chars, max_chars, min_han_share, `,
			},
		},
		{
			name: "nothing passes", list: written(t, "max_chars: 10, min_chars: 5, min_chars: 11, max_chars: 20"),
			want: []string{"filter: min_chars 11 is above max_chars 10"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			if err := c.list.Validate(); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], c.want[i]) {
					t.Errorf("problem %d: %q, want %q…", i, got[i], c.want[i])
				}
			}
			if s, err := made(c.list); (err == nil) != (len(c.want) == 0) || len(c.list) == 0 && s != nil {
				t.Errorf("New: %v, %v", s, err)
			}
		})
	}
}

// The plan holds the list as JSON.
func TestListAsJSON(t *testing.T) {
	list := written(t, "min_chars: 50, min_han_share: 0.3, max_duplicate_line_share: 0")
	data, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`[{"min_chars":50},{"min_han_share":"0.3"},{"max_duplicate_line_share":"0"}]`, string(data)); diff != "" {
		t.Error(diff)
	}
	var back List
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list, back); diff != "" {
		t.Error(diff)
	}
}

// The user writes the list as YAML, and it is shown so.
func TestListAsYAML(t *testing.T) {
	list := written(t, "min_chars: 1_000, max_chars: 1e6, min_han_share: 0.30, max_duplicate_line_share: 0")
	want := List{
		{Name: "min_chars", Number: 1000 * rule.One}, {Name: "max_chars", Number: 1_000_000 * rule.One}, {Name: "min_han_share", Number: 300_000}, {Name: "max_duplicate_line_share", Number: 0},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	data, err := yaml.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	shown := "- min_chars: 1000\n- max_chars: 1000000\n- min_han_share: \"0.3\"\n- max_duplicate_line_share: \"0\"\n"
	if diff := cmp.Diff(shown, string(data)); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"- {}", "- {min_chars: 50, max_chars: 70}", "- [chars]", "- min_han_share: [1]"} {
		if err := yaml.Unmarshal([]byte(bad), &list); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func TestUnknownFilterIsNotStored(t *testing.T) {
	if data, err := json.Marshal(List{{Name: "min_words", Number: rule.One}}); err == nil {
		t.Errorf("%s", data)
	}
}

// Every filter says what its numbers are before they are read.
func TestCheckKey(t *testing.T) {
	for _, c := range []struct{ name, number, want string }{
		{"min_chars", "50", ""},
		{"min_chars", "50.5", `"50.5" is not a whole number in range`},
		{"min_han_share", "0.3", ""},
		{"min_han_share", "1.5", `"1.5" is no number from 0 to 1`},
		{"min_words", "1", `unknown filter "min_words": known are ` + strings.Join(Entry{}.Keys(), ", ")},
	} {
		got := ""
		if err := (Entry{}).CheckKey(c.name, c.number); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s: %q, want %q", c.name, c.number, got, c.want)
		}
	}
}

// Rules, presets and rules with a name are written as they are read, in YAML and in what is stored.
func TestRulesAreStored(t *testing.T) {
	list := written(t, `zh, "chars >= 50", stubs: "han_share >= 0.3 and not (source == 'a')", min_chars: 3, mine: gopher`)
	want := List{
		{Rule: "zh"},
		{Rule: "chars >= 50"},
		{Name: "stubs", Rule: "han_share >= 0.3 and not (source == 'a')"},
		{Name: "min_chars", Number: 3 * rule.One},
		{Name: "mine", Rule: "gopher"},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	var fromYAML, fromJSON List
	data, err := yaml.Marshal(list)
	if err == nil {
		err = yaml.Unmarshal(data, &fromYAML)
	}
	if diff := cmp.Diff(want, fromYAML); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if data, err = json.Marshal(list); err == nil {
		err = json.Unmarshal(data, &fromJSON)
	}
	if diff := cmp.Diff(want, fromJSON); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if err := (List{{Name: "A b", Rule: "chars > 1"}}).Validate(); err == nil || err.Error() != "filter[0].A b: a name has small letters, digits, _, - and ., at most 64" {
		t.Error(err)
	}
}
