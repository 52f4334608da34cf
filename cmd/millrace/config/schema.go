package config

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/millrace/millrace/configs"
	"github.com/millrace/millrace/pipeline/strict"
	"github.com/millrace/millrace/stages/filter"
	"github.com/millrace/millrace/stages/parse/charset"
)

// Schema is the JSON Schema of a file of settings, for editors. Descriptions are the comments of configs/example.yaml, defaults those of Default, and known
// values what a check of the settings itself says that it knows. What it allows and Load refuses is what only the whole of the settings tells: rules that
// cannot be read, keys that need another one, sizes out of bounds.
func Schema() map[string]any {
	docs := strict.Comments(configs.Example)
	for path, doc := range maps.Clone(docs) {
		if key, ok := strings.CutPrefix(path, "parse."); ok && docs["sources[]."+key] == "" {
			docs["sources[]."+key] = doc
		}
	}
	defaults := strict.Flat(reflect.TypeFor[Config](), reflect.ValueOf(Default()))
	for _, path := range []string{"normalize.pii", "signals", "filter", "sources"} { // what the example says of these is all there is to see
		delete(defaults, path)
	}
	return strict.Schema(reflect.TypeFor[Config](), strict.SchemaOptions{Docs: docs, Defaults: defaults, More: keywords()})
}

// Setting is one of the settings that a value can be given to.
type Setting struct {
	Path  string
	About string // what it is for: the comment of configs/example.yaml, "" for none

	kind reflect.Type
}

// Settings are all of them, in the order of the file.
func Settings() (list []Setting) {
	docs := strict.Comments(configs.Example)
	for _, l := range strict.Leaves(reflect.TypeFor[Config]()) {
		list = append(list, Setting{l.Path, docs[l.Path], l.Type})
	}
	return list
}

// Known are the values that are known of a setting, nil if it takes others. Of a list they are its entries.
func (s *Setting) Known() []string {
	switch s.kind.Kind() {
	case reflect.Bool:
		return []string{"true", "false"}
	case reflect.Slice:
		return knownOf(s.Path + "[]")
	case reflect.String:
		return knownOf(s.Path)
	}
	return nil
}

// bounds are those of settings that are numbers, by path: the least and the greatest value, nil for none.
var bounds = map[string][2]any{
	"alarms.versions": {2, nil}, "alarms.documents": {0, nil}, "alarms.kept_share": {0, 1}, "alarms.duplicates_share": {0, 1},
	"alarms.rejects_share": {0, 1}, "alarms.uncommon_share": {0, 1}, "alarms.replacement_share": {0, 1}, "alarms.withdrawn_share": {0, 1},
	"dedupe.threshold": {0.5, 1}, "dedupe.min_shingles": {1, nil}, "dedupe.group_cap": {1, nil}, "dedupe.max_comparisons": {1, nil},
	"limits.max_reject_ratio": {0, 1}, "limits.max_file_reject_ratio": {0, 1},
	"parse.max_replacement_share": {0, 1}, "parse.max_expansion": {1, nil},
	"sinks.parquet.level": {1, 22}, "sinks.jsonl.level": {1, 22},
	"vocab.least": {1, nil}, "vocab.growth": {0, 100}, "vocab.ngrams[]": {2, 5}, "workers": {0, nil}, "serve.work_here": {0, nil},
}

// keywords are what types do not say, by path.
func keywords() map[string]map[string]any {
	more := map[string]map[string]any{}
	for path, b := range bounds {
		more[path] = map[string]any{}
		if b[0] != nil {
			more[path]["minimum"] = b[0]
		}
		if b[1] != nil {
			more[path]["maximum"] = b[1]
		}
	}
	for _, path := range texts(reflect.TypeFor[Config](), "") {
		if known := knownOf(path); len(known) > 0 {
			more[path] = map[string]any{"enum": anyOf(known)}
		}
	}
	encoding := map[string]any{"anyOf": []any{
		map[string]any{"enum": append([]any{"auto"}, anyOf(charset.Names())...)},
		map[string]any{"enum": anyOf(charset.Aliases())},
		map[string]any{"pattern": "[A-Z_]"}, // letter case counts as little as _ for -
	}}
	numbers := map[string]any{}
	for _, key := range (filter.Entry{}).Keys() {
		numbers[key] = map[string]any{"type": []any{"number", "string"}}
	}
	one := func(properties map[string]any, others any) map[string]any {
		return map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "properties": properties, "additionalProperties": others}
	}
	text := map[string]any{"type": "string"}
	pii := knownOf("normalize.pii")
	maps.Copy(more, map[string]map[string]any{
		"parse.encoding":     encoding,
		"sources[].encoding": encoding,
		"parse.html":         {"enum": anyOf(knownOf("parse.html"))},
		"dedupe.same_key":    {"enum": []any{true, false, "on", "off"}},
		"dedupe.winner":      {"type": "string", "pattern": "^(first|longest|newest|field:.+)$"},
		"removed":            {"enum": []any{"none", "sample", "all"}},
		"normalize.pii": {"anyOf": []any{
			map[string]any{"enum": anyOf(pii)}, map[string]any{"type": "object", "additionalProperties": map[string]any{"enum": anyOf(pii)}},
		}},
		"nats.replicas": {"enum": []any{1, 3, 5}},
		"filter[]":      {"anyOf": []any{text, one(numbers, text)}},
		"signals[]":     {"anyOf": []any{text, one(map[string]any{}, map[string]any{"type": []any{"object", "null"}})}},
	})
	return more
}

func anyOf(names []string) (list []any) {
	for _, n := range names {
		list = append(list, n)
	}
	return list
}

// texts are the paths of settings that are texts, or lists of texts.
func texts(t reflect.Type, path string) (list []string) {
	for _, f := range strict.Fields(t) {
		at := strict.Join(path, f.Key)
		switch {
		case strict.Section(f.Type):
			list = append(list, texts(f.Type, at)...)
		case f.Type.Kind() == reflect.String:
			list = append(list, at)
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.String:
			list = append(list, at+"[]")
		case f.Type == reflect.TypeFor[[]Source]():
			list = append(list, texts(f.Type.Elem(), at+"[]")...)
		}
	}
	return list
}

// nothingKnown is a value that no setting has.
const nothingKnown = "no-such-value"

var knownAre = regexp.MustCompile(`"` + nothingKnown + `": known are (.+)`)

// knownOf asks a check what it would know in place of a value that it does not; nil if it minds no value.
func knownOf(path string) []string {
	_, err := Load("", []byte(fileOf(path, nothingKnown)), nil)
	if err == nil {
		return nil
	}
	m := knownAre.FindStringSubmatch(err.Error())
	if m == nil {
		return nil
	}
	return slices.Compact(strings.Split(m[1], ", "))
}

// fileOf is a file that has one setting, with nothing else but what that needs.
func fileOf(path, value string) string {
	if entry, ok := strings.CutSuffix(path, "[]"); ok && !strings.Contains(entry, "[]") {
		path, value = entry, "["+value+"]"
	}
	file := value
	parts := strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
	for _, part := range slices.Backward(parts) {
		if part == "[]" {
			file = "[{name: x, " + strings.TrimPrefix(file, "{") + "]"
		} else {
			file = "{" + part + ": " + file + "}"
		}
	}
	return file
}
