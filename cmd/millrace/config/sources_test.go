package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/strict"
	"github.com/millrace/millrace/stages/parse"
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
	for _, f := range strict.Fields(reflect.TypeFor[Source]()) {
		want = append(want, f.Key)
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
			"{name: a, html: article, no_article: reject, comments: keep, html_text: markdown}",
			`{"comments":"keep","html":"article","html_text":"markdown","no_article":"reject"}`,
			parse.Override{HTML: "article", NoArticle: "reject", Comments: "keep", HTMLText: "markdown"},
		},
		{
			"{name: a, text_field: body, csv: {header: false}, join_wrapped: true}",
			`{"csv":{"header":false},"join_wrapped":true,"text_field":["body"]}`,
			parse.Override{TextField: parse.Fields{"body"}, CSV: parse.OverrideCSV{Header: &no}, JoinWrapped: &yes},
		},
	} {
		c, err := Load("a.yaml", []byte("sources:\n  - "+tt.file+"\n"), []string{asReference})
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

// TestWithSources: a source of the command line has its place there, whatever the config says, and no part in the result; one that the
// config does not name is scanned.
func TestWithSources(t *testing.T) {
	c, err := Load("a.yaml", []byte("sources: [{name: laws, path: /data/laws, priority: 2, exclude: [x]}, {name: b/c}]"), nil)
	if err != nil {
		t.Fatal(err)
	}
	before, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	with, err := c.WithSources([]string{"laws=/mnt/laws", "news=s3://b/news", "b/c=d=e", "news=s3://b/news"})
	if err != nil {
		t.Fatal(err)
	}
	want := []intake.Root{
		{Name: "laws", Root: "/mnt/laws", Exclude: []string{"x"}}, {Name: "b/c", Root: "d=e"}, {Name: "news", Root: "s3://b/news", Scan: true},
	}
	if diff := cmp.Diff(want, with.Roots()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if after, err := with.Settings(); string(after) != string(before) || err != nil {
		t.Errorf("settings are %s, %v; they were %s", after, err, before)
	}
	if len(c.Sources) != 2 || c.Sources[0].Path != "/data/laws" {
		t.Errorf("the config was changed: %+v", c.Sources)
	}
	for _, flags := range [][]string{{"news"}, {"a=x", "a=y"}, {"files=x"}} {
		if _, err := c.WithSources(flags); !errors.Is(err, pipeline.ErrUsage) {
			t.Errorf("%q: %v", flags, err)
		}
	}
}
