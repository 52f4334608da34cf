package filter

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/rule"
)

// A row has all of its parts, and its name says the side.
func TestTable(t *testing.T) {
	sides := map[rule.Op]string{rule.AtLeast: "min_", rule.AtMost: "max_"}
	seen := map[string]bool{}
	for _, f := range filters {
		if f.of == nil || f.of.take == nil || f.of.counted == "" || f.of.note == "" {
			t.Errorf("%s: the measure lacks something: %+v", f.name, f.of)
		}
		if prefix := sides[f.op]; prefix == "" || !strings.HasPrefix(f.name, prefix) {
			t.Errorf("%s: the name of what is on this side begins with %q", f.name, prefix)
		}
		if seen[f.name] {
			t.Errorf("%s stands twice in the table", f.name)
		}
		seen[f.name] = true
	}
}

// stageCases has of every filter a text that it drops, and one that is exactly at the bound.
func TestEveryFilterHasCases(t *testing.T) {
	dropped, atBound := map[string]bool{}, map[string]bool{}
	for _, c := range stageCases {
		dropped[c.reason] = true
		list := written(t, c.list)
		if len(list) != 1 || c.reason != "" {
			continue
		}
		one, err := list[0].condition()
		if err != nil {
			continue
		}
		b := batchOf(c.text)
		f := one.of.take(&document{text: b.Text.At(0), chars: int(b.Chars[0])})
		low, high := one.bound, one.bound
		low.Op, high.Op = rule.AtLeast, rule.AtMost
		atBound[one.name] = atBound[one.name] || low.Meets(f) && high.Meets(f)
	}
	for _, f := range filters {
		if !dropped[f.name] || !atBound[f.name] {
			t.Errorf("%s: stageCases have a text that it drops: %v, and one that is at the bound: %v", f.name, dropped[f.name], atBound[f.name])
		}
	}
}

// tableExample is what of it are filters of the table.
func tableExample(t testing.TB) List {
	list, _ := example(t)
	return slices.DeleteFunc(list, func(e Entry) bool { return e.Rule != "" })
}

// example is the list in configs/example.yaml, a comment there, and what is said of each entry.
func example(t testing.TB) (list List, notes []string) {
	t.Helper()
	data, err := os.ReadFile("../../configs/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(data), "\nfilter: []")
	lines, _, _ = strings.Cut(lines, "\n\n")
	var entries []string
	for _, line := range strings.Split(lines, "\n")[1:] {
		entry, note, _ := strings.Cut(strings.TrimPrefix(line, "#"), "#")
		entries, notes = append(entries, entry), append(notes, strings.TrimSpace(note))
	}
	if err := yaml.Unmarshal([]byte(strings.Join(entries, "\n")), &list); err != nil {
		t.Fatal(err)
	}
	return list, notes
}

// configs/example.yaml shows every filter, in the order of the table, with a number that is one and what is counted.
func TestExampleShowsEveryFilter(t *testing.T) {
	list, got := example(t)
	if err := list.Validate(); err != nil {
		t.Error(err)
	}
	for i, c := range list {
		got[i] = c.Name + ": " + got[i]
		if c.Rule != "" { // behind those of the table
			got = got[:i]
			break
		}
	}
	var want []string
	for _, f := range filters {
		want = append(want, f.name+": "+f.of.note)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filters of configs/example.yaml (-table +there):\n%s", diff)
	}
}
