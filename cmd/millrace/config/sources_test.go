package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"millrace/stages/parse"
)

// The example shows every key that a source may have, behind a #, and they are valid.
func TestExampleOfSources(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(folder, "example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "\nsources: []")
	if !ok {
		t.Fatal("no sources")
	}
	_, rest, _ = strings.Cut(rest, "\n")
	var file strings.Builder
	file.WriteString("sources:\n")
	var got []string
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		file.WriteString(line[1:])
		key, _, _ := strings.Cut(strings.TrimLeft(line, "#- "), ":")
		got = append(got, key)
	}
	c, err := Load("example.yaml", []byte(file.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 1 {
		t.Errorf("sources: %+v", c.Sources)
	}
	var want []string
	for _, f := range fields(reflect.TypeFor[Source]()) {
		want = append(want, f.key)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of a source (-all +there):\n%s", diff)
	}
}

// What is set for a source is in the settings of the plan, and only that.
func TestSettingsOfSources(t *testing.T) {
	no, yes := false, true
	for _, tt := range []struct {
		file, want string
		override   parse.Override
	}{
		{"{name: a, priority: 2}", `{"priority":2}`, parse.Override{}},
		{"{name: a, encoding: big5}", `{"encoding":"big5"}`, parse.Override{Encoding: "big5"}},
		{
			"{name: a, text_field: body, csv: {header: false}, join_wrapped: true}",
			`{"csv":{"header":false},"join_wrapped":true,"text_field":["body"]}`,
			parse.Override{TextField: parse.Fields{"body"}, CSV: parse.OverrideCSV{Header: &no}, JoinWrapped: &yes},
		},
	} {
		c, err := Load("a.yaml", []byte("sources:\n  - "+tt.file+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := c.Settings()
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"sources":{"a":` + tt.want + `}}`; string(settings) != want {
			t.Errorf("%s gives %s, want %s", tt.file, settings, want)
		}
		if diff := cmp.Diff(map[string]parse.Override{"a": tt.override}, c.Parse.Sources); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.file, diff)
		}
	}
}
