package recipe

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/strict"
)

var exampleFile = filepath.Join("..", "..", "..", "..", "configs", "release.yaml")

// The example, and the page, have every key. The example is read as it is. With what is commented out nothing but the keys that exclude each other is wrong.
func TestExampleIsWhole(t *testing.T) {
	data, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(data, "release.yaml"); err != nil {
		t.Error(err)
	}
	all := regexp.MustCompile(`(?m)^#(\w|  )`).ReplaceAll(data, []byte("$1"))
	r := &Recipe{}
	if _, problems := strict.Read("release.yaml", all, r); len(problems) > 0 {
		t.Errorf("with all keys: %v", problems)
	}
	r.fill(func(string) bool { return false })
	var wrong []string
	for _, p := range r.problems() {
		wrong = append(wrong, p.Path)
	}
	if got, want := strings.Join(wrong, " "), "mix.unit mix.unit mix.chars mix.shares shards"; got != want {
		t.Errorf("with all keys these are wrong: %s, not %s", got, want)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "releases.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	section := ""
	for line := range strings.Lines(string(all)) {
		if key, _, found := strings.Cut(line, ":"); found && regexp.MustCompile(`^\w+$`).MatchString(key) {
			section = key
		}
		sections[section] += line
	}
	for _, name := range append(Formats(), Columns...) {
		if !strings.Contains(string(page), name) || !strings.Contains(string(data), name) {
			t.Errorf("docs/releases.md or the example do not name %s", name)
		}
	}
	for _, f := range strict.Fields(reflect.TypeFor[Recipe]()) {
		text, there := sections[f.Key]
		if !there {
			t.Errorf("%s is missing", f.Key)
		}
		for _, key := range append(keysOf(f.Type), f.Key) {
			if !strings.Contains(string(page), "`"+key+"`") && !strings.Contains(string(page), key+": ") {
				t.Errorf("docs/releases.md does not name %s of %s", key, f.Key)
			}
			if !regexp.MustCompile(`\b` + key + `:`).MatchString(text) {
				t.Errorf("%s of %s is missing", key, f.Key)
			}
		}
	}
}

// keysOf are the keys that a type has, at any depth.
func keysOf(t reflect.Type) (keys []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" || option != "" {
			continue
		}
		keys = append(append(keys, key), keysOf(f.Type)...)
	}
	return keys
}
