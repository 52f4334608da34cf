package pipelinetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
)

// DocumentedColumns compares a schema with the table in a section of a page of docs/formats: a row a column, in order, with name and
// type in the first two cells.
func DocumentedColumns(t testing.TB, page, section string, schema []columnar.Column) {
	t.Helper()
	types := map[columnar.Type]string{columnar.String: "string", columnar.Binary: "binary", columnar.Int32: "int32", columnar.Int64: "int64"}
	var want []string
	for _, c := range schema {
		want = append(want, c.Name+" "+types[c.Type])
	}
	compareDocumented(t, page, section, want)
}

// DocumentedKeys compares the keys of the JSON object that v is encoded as with the table in a section of a page of docs/formats: a
// row a key, in order, with `?` in the second cell where it may be missing. Objects in it are gone into (a.b), and elements of lists
// (a[].b), but for those of the keys that are named as whole.
func DocumentedKeys(t testing.TB, page, section string, v any, whole ...string) {
	t.Helper()
	k := keys{whole: map[string]bool{}}
	for _, key := range whole {
		k.whole[key] = true
	}
	k.add("", reflect.TypeOf(v), false)
	compareDocumented(t, page, section, k.list)
}

// DocumentedWords says that a page of docs/formats names all the words, each in marks of code.
func DocumentedWords(t testing.TB, page string, words ...string) {
	t.Helper()
	text := strings.Join(documented(t, page), "\n")
	for _, w := range words {
		if !strings.Contains(text, "`"+w+"`") {
			t.Errorf("docs/formats/%s does not name `%s`: write a line on it", page, w)
		}
	}
}

// DocumentedReasons says that the page on ledgers names every reason that is declared in a source file, of which there are so many at
// least.
func DocumentedReasons(t testing.TB, file string, least int) {
	t.Helper()
	source, err := os.ReadFile(file)
	Must(t, err)
	reasons := declaredReason.FindAllSubmatch(source, -1)
	if len(reasons) < least {
		t.Fatalf("found %d reasons in %s", len(reasons), file)
	}
	for _, m := range reasons {
		DocumentedWords(t, "ledger.md", string(m[1]))
	}
}

var declaredReason = regexp.MustCompile(`\b[Rr]eason\w+\s*=\s*"(\w+)"`)

func compareDocumented(t testing.TB, page, section string, want []string) {
	t.Helper()
	var got []string
	within := false
	for _, line := range documented(t, page) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			within = strings.TrimSpace(heading) == section
			continue
		}
		cells := strings.Split(line, "|")
		if !within || len(cells) < 4 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		name := strings.Trim(strings.TrimSpace(cells[1]), "`")
		got = append(got, strings.TrimSpace(name+" "+strings.TrimSpace(cells[2])))
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("docs/formats/%s, section %q, is not what the code writes: bring its table up to date (-page +code):\n%s", page, section, diff)
	}
}

// documented returns the lines of a page.
func documented(t testing.TB, page string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root(t), "docs", "formats", page))
	Must(t, err)
	return strings.Split(string(data), "\n")
}

// keys collects the keys of a type as JSON has it.
type keys struct {
	whole map[string]bool
	list  []string
}

func (k *keys) add(prefix string, of reflect.Type, optional bool) {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	for f := range of.Fields() {
		name, more, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" { // its keys are those of what it is in
			k.add(prefix, f.Type, optional)
			continue
		}
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		k.field(prefix+name, f.Type, optional || more != "")
	}
}

func (k *keys) field(key string, of reflect.Type, optional bool) {
	element, suffix := of, ""
	for element.Kind() == reflect.Slice && element != reflect.TypeFor[json.RawMessage]() {
		element, suffix = element.Elem(), suffix+"[]"
	}
	if element.Kind() == reflect.Pointer {
		element = element.Elem()
	}
	if element.Kind() == reflect.Struct && element != reflect.TypeFor[time.Time]() && !k.whole[key] {
		k.add(key+suffix+".", element, optional)
		return
	}
	if optional {
		key += " ?"
	}
	k.list = append(k.list, key)
}
