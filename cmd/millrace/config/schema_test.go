package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/configs"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/strict"
)

// schemas are the schemas of the repository and what makes them.
var schemas = map[string]func() map[string]any{
	"schema.json":         Schema,
	"release.schema.json": func() map[string]any { return recipe.Schema(configs.Release) },
}

// The schemas in configs/ are those that the program prints. -update writes them anew.
func TestSchemasAreThose(t *testing.T) {
	for name, make := range schemas {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(make()); err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(folder, name)
		if *update {
			if err := os.WriteFile(at, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(at)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is another one (%v): go test ./cmd/millrace/config -update writes it", at, err)
		}
	}
}

// compiled is a schema as a validator of others reads it.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := json.Marshal(schemas[name]())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid says what a schema has against a file.
func valid(t *testing.T, s *jsonschema.Schema, file string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(file), &value); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if value == nil {
		return nil
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// Every file of configs/ is valid by the schema of its kind, and says so to editors.
func TestConfigsAreValidBySchema(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(names) < 5 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		of := "schema.json"
		if filepath.Base(name) == "release.yaml" {
			of = "release.schema.json"
		}
		if err := valid(t, compiled(t, of), string(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if head := "# yaml-language-server: $schema=" + of + "\n"; !strings.HasPrefix(string(data), head) {
			t.Errorf("%s does not begin with %s", name, head)
		}
	}
}

// What settings are written as is valid, and so is what a person begins with.
func TestWrittenSettingsAreValidBySchema(t *testing.T) {
	s := compiled(t, "schema.json")
	all, err := Default().YAML()
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"all": string(all), "starter": string(Starter())} {
		if err := valid(t, s, file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := Load("starter.yaml", Starter(), nil)
	if err != nil || !reflect.DeepEqual(c, func() Config { d := Default(); d.Parse.Sources = c.Parse.Sources; return d }()) {
		t.Errorf("the starter is not the defaults: %v\n%s", err, Starter())
	}
	for _, l := range starters {
		key := l[strings.LastIndexByte(l, '.')+1:]
		if !strings.Contains(string(Starter()), key+":") {
			t.Errorf("%s is not in\n%s", l, Starter())
		}
	}
}

// What a check refuses for its keys, kinds, words and bounds, the schema refuses, and the other way round.
func TestSchemaAgreesWithLoad(t *testing.T) {
	s := compiled(t, "schema.json")
	for _, file := range []string{
		"dedup: {threshold: 0.9}", "dedupe: {treshold: 0.9}", "dedupe: {threshold: 0.4}", "dedupe: {threshold: high}", "dedupe: 3", "parse: {encoding: klingon}",
		"parse: {format: pdf}", "sources: [{naem: a}]", "sources: [{name: a, order: up}]", "sources: [{name: a, html: whole}]", "sources: {name: a}", "sinks: {use: [csv]}",
		"sinks: {parquet: {codec: gzip}}", "vocab: {count: [chars, syllables]}", "vocab: {ngrams: [9]}", "plan: {shard_bytes: large}", "plan: {known_by: name}", "removed: some", "normalize: {profile: x}",
		"normalize: {pii: hide}", "normalize: {pii: {email: hide}}", "nats: {replicas: 2}", "nats: {ack_wait: 5 parsecs}", "nats: {sync: never}", "filter: [{min_chars: 3, max_chars: 5}]",
		"dedupe: {winner: best}", "dedupe: {same_key: maybe}", "workers: -1", "limits: {max_reject_ratio: 2}", "serve: {show_text: 3}",
	} {
		if _, err := Load("a.yaml", []byte(file), nil); err == nil {
			t.Errorf("Load takes %s", file)
		}
		if valid(t, s, file) == nil {
			t.Errorf("the schema allows %s", file)
		}
	}
	for _, file := range []string{
		"dedupe: {threshold: 0.9, same_key: off, winner: 'field:date'}", "parse: {encoding: utf8, text_field: body}", "parse: {encoding: GBK}", "parse: {max_document_bytes: 1.5 MB}",
		"parse: {max_document_bytes: 5000000}", "normalize: {pii: {email: mask, all: keep}}", "filter: [min_chars: 50, 'chars > 3', {odd: 'chars < 9'}]",
		"signals: [text, {language: {model: x}}]", "nats: {ack_wait: 1m30s}", "sources: [{name: a, csv: {header: false, delimiter: ';'}, metadata: {drop: [x]}, join_wrapped: true}]",
	} {
		if _, err := Load("a.yaml", []byte(file), nil); err != nil {
			t.Errorf("Load refuses %s: %v", file, err)
		}
		if err := valid(t, s, file); err != nil {
			t.Errorf("the schema refuses %s: %v", file, err)
		}
	}
}

// Every bound is where a check has it, and no number has one that the schema does not know.
func TestBounds(t *testing.T) {
	accepts := func(path string, value any) bool {
		_, err := Load("", []byte(fileOf(path, fmt.Sprint(value))), nil)
		return err == nil
	}
	number := func(v any) float64 { return reflect.ValueOf(v).Convert(reflect.TypeFor[float64]()).Float() }
	for path, b := range bounds {
		step := 1.0
		if strings.Contains(path, "share") || strings.Contains(path, "ratio") || path == "alarms.documents" || path == "dedupe.threshold" {
			step = 0.001
		}
		for i, sign := range []float64{-1, 1} {
			if b[i] == nil {
				continue
			}
			if at := number(b[i]); !accepts(path, at) || accepts(path, at+sign*step) {
				t.Errorf("%s: %v is not the bound of Load", path, b[i])
			}
		}
	}
	for _, l := range strict.Leaves(reflect.TypeFor[Config]()) {
		kind := l.Type.Kind()
		if kind != reflect.Int && kind != reflect.Float64 && (kind != reflect.Int64 || strict.IsSize(l.Path, l.Type)) || l.Type.Name() == "Duration" || l.Path == "nats.replicas" {
			continue
		}
		for i, far := range []any{-1000000, math.MaxInt32} {
			if !accepts(l.Path, far) && bounds[l.Path][i] == nil {
				t.Errorf("%s: Load refuses %v, and bounds does not know it", l.Path, far)
			}
		}
	}
}

// Each known word of the schema is one that a check takes; descriptions are there for every setting that the example explains.
func TestKnownWords(t *testing.T) {
	docs := strict.Comments(configs.Example)
	n := 0
	for _, path := range texts(reflect.TypeFor[Config](), "") {
		known := knownOf(path)
		n += len(known)
		for _, word := range known {
			if word == "none" && path == "sinks.parquet.codec" || path == "vocab.count[]" && word != "chars" {
				continue // which need another setting, or another entry
			}
			if _, err := Load("", []byte(fileOf(path, word)), nil); err != nil {
				t.Errorf("%s: %s: %v", path, word, err)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d words are known", n)
	}
	for _, path := range []string{"dedupe.threshold", "sources[].path", "alarms.documents", "store.s3.part_bytes"} {
		if docs[path] == "" {
			t.Errorf("%s has no description", path)
		}
	}
	if !slices.Contains(knownOf("plan.known_by"), KnownByDigest) {
		t.Error(knownOf("plan.known_by"))
	}
}

// The schema of recipes agrees with their reading.
func TestRecipeSchemaAgreesWithRead(t *testing.T) {
	s := compiled(t, "release.schema.json")
	const write = "\nwrite: [{format: parquet}]"
	for _, file := range []string{
		"selct: [zh]" + write, "select: [{drop_line: {}, zh: x}]" + write, "select: [{drop_lines: {lest: 5}}]" + write, "mix: {unit: pages}" + write, "order: random" + write,
		"write: [{format: csv}]", "write: [{format: parquet, columns: [txt]}]", "shards: {bytes: big}" + write, "encode: {tokenizer: chars, too_long: drop}\nwrite: [{format: megatron}]",
		"decontaminate: {ngrams: 3}" + write,
	} {
		if _, err := recipe.Read([]byte(file), "a.yaml"); err == nil {
			t.Errorf("Read takes %s", file)
		}
		if valid(t, s, file) == nil {
			t.Errorf("the schema allows %s", file)
		}
	}
	for _, file := range []string{
		"select: [zh, 'chars > 3', {a: 'edu >= 0.3'}, {drop_lines: {site_share: 0.25, least: 5, within: all}}]" + write,
		"mix: {by: {signal: edu, buckets: 4}, shares: {'1': 0.5, '2': 0.25, '3': 0.125, '4': 0.125}}" + write, "mix: {documents: 1_000, by_copies: fineweb2}" + write,
		"split: {validation: 0.05, test: 0.01, by: id}\norder: {shuffle: 3}" + write, "order: {by: edu, descending: true}" + write,
		"decontaminate: {sets: [a.jsonl, {path: b.jsonl, question: [q]}]}" + write, "shards: {bytes: 512MiB}" + write,
	} {
		if _, err := recipe.Read([]byte(file), "a.yaml"); err != nil {
			t.Errorf("Read refuses %s: %v", file, err)
		}
		if err := valid(t, s, file); err != nil {
			t.Errorf("the schema refuses %s: %v", file, err)
		}
	}
}
