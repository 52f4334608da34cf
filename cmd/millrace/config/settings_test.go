package config

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/strict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// defaultsFile has every default that a stored setting may leave out. See TestReferenceNeverChanges.
var defaultsFile = filepath.Join("testdata", "defaults.json")

// TestReferenceNeverChanges: plans and manifests do not name what is at its default, so a default that took another value would
// change what they say. -update adds the settings that are new, and takes out those that are gone; it changes no value.
func TestReferenceNeverChanges(t *testing.T) {
	now, err := reference().tree()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(defaultsFile)
	if err != nil {
		t.Fatal(err)
	}
	was, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	a, b := flat(was), flat(now)
	for _, path := range slices.Sorted(maps.Keys(a)) {
		if v, ok := b[path]; ok && !reflect.DeepEqual(a[path], v) {
			t.Errorf("the default of %s is %v, but what was stored without it meant %v: put that back in reference(), and give "+
				"pipeline.CodeVersion another number", path, v, a[path])
		}
	}
	if t.Failed() {
		return
	}
	if *update {
		data, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(defaultsFile, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(was, now); diff != "" {
		t.Errorf("settings came or went; go test ./cmd/millrace/config -update writes %s anew (-was +now):\n%s", defaultsFile, diff)
	}
}

// flat is the settings that are no sections, by their paths.
func flat(tree map[string]any) map[string]any {
	all := map[string]any{}
	for key, value := range tree {
		if section, ok := value.(map[string]any); ok {
			for path, v := range flat(section) {
				all[strict.Join(key, path)] = v
			}
		} else {
			all[key] = value
		}
	}
	return all
}

// What nobody set is not stored, nor what somebody wrote out at its default. A default that has changed since it came to be is
// stored, and belongs here.
func TestDefaultsAreNotStored(t *testing.T) {
	written, err := Default().YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"", string(written)} {
		if got := stored(t, file); got != changedDefaults {
			t.Errorf("of defaults %s is stored", got)
		}
	}
}

// changedDefaults is what is stored of a config that sets nothing, and sets asReference puts every setting of it back.
const (
	changedDefaults = `{"parse":{"html":"article"}}`
	asReference     = "MILLRACE_PARSE_HTML=page"
)

func stored(t *testing.T, file string, environ ...string) string {
	t.Helper()
	c, err := Load("a.yaml", []byte(file), environ)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	settings, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	return string(settings)
}

// storedSettings is what is stored of files of settings.
var storedSettings = []struct{ name, file, want string }{
	{"one", "dedupe: {threshold: 0.9, group_cap: 16}", `{"dedupe":{"threshold":0.9}}`},
	{"list", "sinks: {use: [parquet, arrow], parquet: {level: 1}}", `{"sinks":{"use":["parquet","arrow"]}}`},
	{"list as default", "sinks: {use: [parquet]}", `{}`},
	{"empty list", "vocab: {special: []}", `{"vocab":{"special":[]}}`},
	{"filters", "filter: [min_chars: 50, min_han_share: 0.25]", `{"filter":[{"min_chars":50},{"min_han_share":"0.25"}]}`},
	{"metadata", "parse: {metadata: {drop: [embedding]}}", `{"parse":{"metadata":{"drop":["embedding"]}}}`},
	{"no part in the result", "workers: 3\nlimits: {max_reject_ratio: 0.5}\nplan: {known_by: digest}", `{}`},
	{"source", "sources: [{name: a, priority: 2, order: path_desc}]", `{"sources":{"a":{"order":"path_desc","priority":2}}}`},
	{"sources in any order", "sources: [{name: b, encoding: big5}, {name: a, begin: <S>}]", `{"sources":{"a":{"begin":"\u003cS\u003e"},"b":{"encoding":"big5"}}}`},
	{"pages", "parse: {comments: keep}\nsources: [{name: a, html: article, no_article: reject, html_text: plain}]", `{"parse":{"comments":"keep"},"sources":{"a":{"html":"article","no_article":"reject"}}}`},
	{"plain source", "sources: [{name: a}]", `{}`},
	{"place of a source", "sources: [{name: a, path: /data/a, scan: true, include: [x]}]", `{}`},
	{"source as all", "sources: [{name: a, priority: 0, order: path, format: auto, csv: {header: true}, join_wrapped: false}]", `{}`},
	{"source as all, its lists too", "sources: [{name: a, order: '', csv: {}, metadata: {keep: []}, text_field: , begin: <BOS>}]", `{}`},
	{
		"source as parse", "parse: {encoding: big5}\nsources: [{name: a, encoding: big5}, {name: b, encoding: auto}]",
		`{"parse":{"encoding":"big5"},"sources":{"b":{"encoding":"auto"}}}`,
	},
	{
		"metadata of a source", "parse: {metadata: {keep: [x], drop: [y]}}\nsources: [{name: a, metadata: {drop: [y]}}, {name: b, metadata: {keep: [x], drop: [y]}}]",
		`{"parse":{"metadata":{"drop":["y"],"keep":["x"]}},"sources":{"a":{"metadata":{"drop":["y"]}}}}`,
	},
}

func TestStoredSettings(t *testing.T) {
	for _, tt := range storedSettings {
		if got := stored(t, tt.file, asReference); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// What is stored means what was set, and so does what code versions up to 7 stored: all of it.
func TestEffective(t *testing.T) {
	for _, tt := range storedSettings {
		c, err := Load("a.yaml", []byte(tt.file), []string{asReference})
		if err != nil {
			t.Fatal(err)
		}
		want, err := c.tree()
		if err != nil {
			t.Fatal(err)
		}
		all, err := c.InEffect()
		if err != nil {
			t.Fatal(err)
		}
		old, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, settings := range []string{tt.want, string(old)} {
			got, err := Effective([]byte(settings))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s means (-want +got):\n%s", tt.name, settings, diff)
			}
		}
	}
}

// A setting that stored ones do not know has its default, and one that only they know is there.
func TestEffectiveOfOtherSettings(t *testing.T) {
	want, err := reference().tree()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Effective([]byte(`{"normalize":{},"dedupe":{"threshold":0.75},"sources":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fewer settings (-want +got):\n%s", diff)
	}
	if got, err = Effective([]byte(`{"normalize":{"later":"x"},"new":3}`)); err != nil {
		t.Fatal(err)
	}
	want["new"], want["normalize"].(map[string]any)["later"] = json.Number("3"), "x"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("more settings (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "[]", `{"sources":["a"]}`} {
		if _, err := Effective([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "decode settings: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestServeHosts: names that the page answers under are names; a token that is guessed at from afar is no short one.
func TestServeHosts(t *testing.T) {
	for host, ok := range map[string]bool{
		"corpus.example.org": true, "localhost:8642": true, "[::1]:80": true, "::1": true, "": false, "http://x": false, "*.example.org": false, "a b": false,
		"x:port": false, "x:70000": false,
	} {
		c := Default()
		c.Serve.Hosts = []string{host}
		if err := c.Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", host, err)
		}
	}
	name := filepath.Join(t.TempDir(), "token")
	for token, ok := range map[string]bool{"short": false, "sixteen letters.\n": true} {
		if err := os.WriteFile(name, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Serve{ControlTokenFile: name}.ControlToken()
		if (err == nil) != ok || ok && got != strings.TrimSpace(token) {
			t.Errorf("%q: %q, %v", token, got, err)
		}
	}
	if token, err := (Serve{}).ControlToken(); token != "" || err != nil {
		t.Errorf("no file: %q, %v", token, err)
	}
}
