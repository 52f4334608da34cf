package config

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/stages/filter"
	"github.com/millrace/millrace/stages/parse"
)

func TestLoadLayers(t *testing.T) {
	const file = `
dedupe:
  threshold: 0.8
  group_cap: 5
parse:
  max_document_bytes: 2 MiB
vocab:
  special: [<PAD>, <UNK>]
plan:
`
	c, err := Load("a.yaml", []byte(file), []string{
		"HOME=/root", "MILLRACE_DEDUPE_THRESHOLD=0.7", "MILLRACE_DEDUPE_THRESHOLD=0.9", "MILLRACE_WORKERS=3",
		"MILLRACE_PLAN_SHARD_BYTES=1GiB", "MILLRACE_FILTER=[{min_chars: 20}]", "MILLRACE_VOCAB_SPECIAL=", "MILLRACE_SINKS_USE=parquet, arrow", "MILLRACE_PARSE_TEXT_FIELD=12",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Dedupe.Threshold = 0.9 // the environment over the file, its last word
	want.Dedupe.GroupCap = 5    // the file over the default
	want.Parse.MaxDocumentBytes = 2 << 20
	want.Parse.TextField = parse.Fields{"12"} // a text is taken as it is
	want.Vocab.Special = []string{"<PAD>", "<UNK>"}
	want.Plan.ShardBytes = 1 << 30
	want.Sinks.Use = []string{"parquet", "arrow"}
	want.Filters = filter.List{{Name: "min_chars", Number: 20 * rule.One}}
	want.Workers = 3
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

// The candidates for the text are a list, or one; in a variable, separated by commas.
func TestLoadTextField(t *testing.T) {
	tests := []struct {
		file string
		env  []string
		want parse.Fields
	}{
		{file: "parse:\n  text_field: body\n", want: parse.Fields{"body"}},
		{file: "parse:\n  text_field: [a, \"b[].c\"]\n", want: parse.Fields{"a", "b[].c"}},
		{env: []string{"MILLRACE_PARSE_TEXT_FIELD=a, b[].c"}, want: parse.Fields{"a", "b[].c"}},
	}
	for _, tt := range tests {
		c, err := Load("a.yaml", []byte(tt.file), tt.env)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, c.Parse.TextField); diff != "" {
			t.Errorf("%q, %v: %s", tt.file, tt.env, diff)
		}
	}
	for _, bad := range []string{"parse:\n  text_field: {a: b}\n", "parse:\n  text_field: []\n", "parse:\n  text_field: [\"[].a\"]\n"} {
		if _, err := Load("a.yaml", []byte(bad), nil); err == nil || !strings.Contains(err.Error(), "text_field") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLoadNothing(t *testing.T) {
	for _, data := range []string{"", "# only a comment\n", "---\n"} {
		c, err := Load("a.yaml", []byte(data), nil)
		if err != nil {
			t.Errorf("%q: %v", data, err)
		}
		if diff := cmp.Diff(Default(), c); diff != "" {
			t.Errorf("%q (-want +got):\n%s", data, diff)
		}
	}
}

func TestLoadNamesEveryProblem(t *testing.T) {
	const file = `dedupe:
  treshold: 0.8
  min_shingles: many
  group_cap: 3
  group_cap: 4
normalise: {profile: nfkc}
plan:
  shard_bytes: 3 parsecs
  split_bytes: -1
vocab: 17
filter:
  - min_chars: few
  - min_hun_share: 0.3
  - min_han_share: 1.5
  - 7
  - min_chars: [1]
  - min_chars: 50.7
`
	_, err := Load("a.yaml", []byte(file), []string{"MILLRACE_DEDUPE_THRESHOLD=high", "MILLRACE_DEDUPE_TRESHOLD=0.8", "MILLRACE_ZZZ=1"})
	want := []string{
		"a.yaml:2: dedupe.treshold: unknown key (did you mean threshold?)",
		`a.yaml:3: dedupe.min_shingles: "many" is not a whole number in range`,
		"a.yaml:5: dedupe.group_cap: is set twice",
		"a.yaml:6: normalise: unknown key (did you mean normalize?)",
		`a.yaml:8: plan.shard_bytes: "3 parsecs" is not a size: the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB`,
		`a.yaml:9: plan.split_bytes: "-1" is not a size such as 64MiB`,
		"a.yaml:10: vocab: keys are expected here, not a value",
		`a.yaml:12: filter[0].min_chars: "few" is not a whole number in range`,
		"a.yaml:13: filter[1].min_hun_share: unknown key (did you mean min_han_share?)",
		`a.yaml:14: filter[2].min_han_share: "1.5" is no number from 0 to 1`,
		`a.yaml:15: filter[3]: a filter is expected here, a preset or a rule: min_chars: 50, or "chars >= 50"`,
		"a.yaml:16: filter[4].min_chars: a single value is expected here",
		`a.yaml:17: filter[5].min_chars: "50.7" is not a whole number in range`,
		`MILLRACE_DEDUPE_THRESHOLD: dedupe.threshold: "high" is not a number`,
		"MILLRACE_DEDUPE_TRESHOLD: unknown variable (did you mean MILLRACE_DEDUPE_THRESHOLD?)",
		"MILLRACE_ZZZ: unknown variable",
	}
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestLoadDamagedYAML(t *testing.T) {
	for data, want := range map[string]string{
		"a: [1":             "a.yaml: line 1: did not find expected",
		"workers: 1\n---\n": "a.yaml: more than one YAML document",
		"- 1\n":             "a.yaml:1: the file: keys are expected here, not a value",
		"<<: *x\n":          "a.yaml: unknown anchor 'x' referenced",
	} {
		if _, err := Load("a.yaml", []byte(data), nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s…", data, err, want)
		}
	}
}

func TestValidateNamesEveryPath(t *testing.T) {
	c := Default()
	c.Dedupe.Threshold, c.Dedupe.GroupCap = 1.5, 0
	c.Normalize.Profile = "nfd"
	c.Parse.Format = "docx"
	c.Vocab.Special = []string{"a", "a"}
	c.Filters = filter.List{{Name: "min_chars", Number: 0}}
	c.Sinks.Use = []string{"parquet", "csv", "parquet"}
	c.Sinks.Parquet.Level = 30
	c.Sinks.Arrow.BatchBytes = 1
	c.Plan.ShardBytes, c.Plan.SplitBytes = 1, 1
	c.Workers = -1
	err := c.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	var paths []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		path, _, _ := strings.Cut(line, ":")
		paths = append(paths, path)
	}
	want := []string{
		"parse.format", "normalize.profile", "filter[0].min_chars", "dedupe.threshold", "dedupe.group_cap", "vocab.special", "vocab.special", "vocab.special",
		"sinks.use", "sinks.use", "sinks.parquet.level", "sinks.arrow.batch_bytes", "plan.split_bytes", "plan.shard_bytes", "workers",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s\n%v", diff, err)
	}
}

func TestVariablesAreDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, p := range allPaths() {
		if other, twice := seen[envName(p)]; twice {
			t.Errorf("%s and %s have one variable", p, other)
		}
		seen[envName(p)] = p
	}
	if seen["MILLRACE_DEDUPE_THRESHOLD"] != "dedupe.threshold" {
		t.Errorf("variables: %v", seen)
	}
}

func TestYAMLReadsBack(t *testing.T) {
	c := Default()
	c.Dedupe.Threshold = 0.83
	c.Plan.ShardBytes = 48 << 20
	c.Plan.SplitBytes = 70000
	c.Workers = 5
	c.Filters = filter.List{{Name: "min_han_share", Number: 300_000}}
	data, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), "shard_bytes: 48MiB\n") || !strings.Contains(string(data), "split_bytes: 70000\n") {
		t.Errorf("no sizes with units in\n%s", data)
	}
	back, err := Load("shown.yaml", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestSettings(t *testing.T) {
	c := Default()
	one, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	c.Workers = 7
	two, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(two) {
		t.Error("the number of workers is in the settings")
	}
	c.Dedupe.Threshold = 0.9
	three, err := c.Settings()
	if err != nil {
		t.Fatal(err)
	}
	if string(one) == string(three) {
		t.Error("the threshold is not in the settings")
	}
	back := Default()
	if err := json.Unmarshal(three, &back); err != nil {
		t.Fatal(err)
	}
	c.Workers = 0
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	var tree map[string]any
	if err := json.Unmarshal(three, &tree); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	if string(sorted) != string(three) {
		t.Errorf("not canonical:\n%s\n%s", three, sorted)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("dedupe: {threshold: 0.8}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("filter:\n  - {min_chars: 3}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Load("f.yaml", data, nil)
		if err != nil {
			return
		}
		out, err := c.YAML()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Load("f.yaml", out, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if diff := cmp.Diff(c, back); diff != "" {
			t.Error(diff)
		}
	})
}

// TestProblemsInOrder: the same mistakes are told in the same words every time.
func TestProblemsInOrder(t *testing.T) {
	c := Default()
	c.Limits = Limits{MaxRejectRatio: 2, MaxFileRejectRatio: -1}
	want := "limits.max_reject_ratio: 2 is not between 0 and 1\nlimits.max_file_reject_ratio: -1 is not between 0 and 1"
	for range 20 {
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Fatalf("%v, want %s", err, want)
		}
	}
}
