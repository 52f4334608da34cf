package filter

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

func share(t *testing.T, text string) *Share {
	t.Helper()
	var s Share
	if err := s.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return &s
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Share
		bad  string
	}{
		{in: "0", want: 0},
		{in: "1", want: 1_000_000},
		{in: "0.3", want: 300_000},
		{in: ".287", want: 287_000},
		{in: "3e-1", want: 300_000},
		{in: "0.000001", want: 1},
		{in: "0.0000001", bad: "more than six decimals"},
		{in: "0.3333333", bad: "more than six decimals"},
		{in: "1.1", bad: "no number from 0 to 1"},
		{in: "-0.1", bad: "no number from 0 to 1"},
		{in: "NaN", bad: "no number from 0 to 1"},
		{in: "30%", bad: "no number from 0 to 1"},
		{in: "", bad: "no number from 0 to 1"},
	} {
		var got Share
		err := got.UnmarshalText([]byte(c.in))
		if (err == nil) != (c.bad == "") || err != nil && !strings.Contains(err.Error(), c.bad) {
			t.Errorf("%q: error %v, want %q", c.in, err, c.bad)
		}
		if got != c.want {
			t.Errorf("%q: %d, want %d", c.in, got, c.want)
		}
	}
}

func TestShareRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Share(rapid.Int64Range(0, whole).Draw(t, "share"))
		var got Share
		if err := got.UnmarshalText([]byte(s.String())); err != nil || got != s {
			t.Fatalf("%v: %v, %v", s, got, err)
		}
	})
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name string
		list List
		want []string // one a problem
	}{
		{name: "empty"},
		{name: "good", list: List{
			{MinChars: new(50)}, {MaxChars: new(100_000)}, {MinHanShare: share(t, "0.3")}, {MaxDuplicateLineShare: share(t, "0")},
		}},
		{
			name: "all problems at once",
			list: List{
				{},
				{MinChars: new(50), MaxChars: new(70)},
				{MinChars: new(0)},
				{MaxChars: new(-1)},
				{MinHanShare: share(t, "0")},
				{MaxDuplicateLineShare: share(t, "1")},
			},
			want: []string{
				"filter[0]: 0 filters", "filter[1]: 2 filters in one entry (min_chars, max_chars)", "filter[2].min_chars: 0",
				"filter[3].max_chars: -1", "filter[4].min_han_share: 0", "filter[5].max_duplicate_line_share: 1",
			},
		},
		{
			name: "nothing passes", list: List{{MaxChars: new(10)}, {MinChars: new(5)}, {MinChars: new(11)}, {MaxChars: new(20)}},
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
			if s, err := New(c.list); (err == nil) != (len(c.want) == 0) || (s != nil) != (len(c.want) == 0 && len(c.list) > 0) {
				t.Errorf("New: %v, %v", s, err)
			}
		})
	}
}

// The plan holds the list as JSON.
func TestListAsJSON(t *testing.T) {
	list := List{{MinChars: new(50)}, {MinHanShare: share(t, "0.3")}, {MaxDuplicateLineShare: share(t, "0")}}
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

// The user writes the list as YAML.
func TestListFromYAML(t *testing.T) {
	var list List
	in := "- min_chars: 50\n- min_han_share: 0.30\n- max_duplicate_line_share: 0\n"
	if err := yaml.Unmarshal([]byte(in), &list); err != nil {
		t.Fatal(err)
	}
	want := List{{MinChars: new(50)}, {MinHanShare: share(t, "0.3")}, {MaxDuplicateLineShare: share(t, "0")}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if err := yaml.Unmarshal([]byte("- min_han_share: 30%\n"), &list); err == nil {
		t.Error("30% is a share")
	}
}
