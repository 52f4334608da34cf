package recipe

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/contamination"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/rule"
)

func read(t *testing.T, file string) *Recipe {
	t.Helper()
	r, err := Read([]byte(file), "a.yaml")
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

const whole = `
name: news-2026
license: cc-by-4.0
corpus: ../news@17
select:
  - fineweb2-cmn_Hani
  - taught: "edu >= 0.3"
  - drop_lines: {site_share: 0.4, least: 6, within: all}
decontaminate:
  sets:
    - ceval.jsonl
    - {path: x/gsm8k.test.jsonl, question: [question], choices: [A, B], answer: [answer], passage: [context], id: n, answer_alone: true}
  ngram: 10
  least_overlap: 0.7
  most_documents: 100
  least_short: 6
  allow_short: true
mix:
  by: metadata.lang
  tokens: 20e9
  shares: {zh: 0.333333, en: 0.666666}
  repeat_at_most: 4
  by_copies: fineweb2
  cap: {by: site, documents: 1000}
  seed: 3
split: {validation: 0.005, test: 0.001, by: site, frozen: ../release-16}
order: {by: edu, descending: true}
encode:
  tokenizer: qwen.tiktoken
  pattern: qwen2
  eos: "<|endoftext|>"
  bos: "<s>"
  special: allowed
  longest: 4096
  too_long: leave_out
  pack: {length: 8192, how: best_fit}
write:
  - {format: megatron}
  - {format: parquet, columns: [text, id]}
shards: {number: 16}
`

func TestRead(t *testing.T) {
	want := &Recipe{
		Name: "news-2026", License: "cc-by-4.0", Corpus: "../news", Version: 17,
		Select: []Rule{
			{Rule: "fineweb2-cmn_Hani"}, {Name: "taught", Rule: "edu >= 0.3"}, {DropLines: &DropLines{400_000, 6, WithinAll}},
		},
		Decontaminate: &Decontaminate{
			Sets: []Set{
				{Path: "ceval.jsonl", Name: "ceval"},
				{Path: "x/gsm8k.test.jsonl", Name: "gsm8k", Question: []string{"question"}, Choices: []string{"A", "B"}, Answer: []string{"answer"}, Passage: []string{"context"}, ID: "n", AnswerAlone: true},
			},
			Ngram: 10, LeastOverlap: 700_000, MostDocuments: 100, LeastShort: 6, AllowShort: true,
		},
		Mix: &Mix{
			By: By{Field: "metadata.lang"}, Unit: UnitTokens, Tokens: 20e9, Shares: map[string]rule.Number{"zh": 333_333, "en": 666_666},
			RepeatAtMost: 4 * rule.One, ByCopies: FineWeb2, Cap: &Cap{FieldSite, 1000}, Seed: 3,
		},
		Split: &Split{Shares: map[string]rule.Number{"validation": 5000, "test": 1000}, By: FieldSite, Frozen: "../release-16"},
		Order: Order{How: OrderSignal, Signal: "edu", Descending: true},
		Encode: &Encode{
			Tokenizer: "qwen.tiktoken", Pattern: "qwen2", EOS: "<|endoftext|>", BOS: "<s>", Special: SpecialAllowed, Longest: 4096,
			TooLong: TooLongLeaveOut, Pack: Pack{8192, PackBestFit},
		},
		Write:  []Write{{Format: "megatron"}, {Format: "parquet", Columns: []string{"text", "id"}}},
		Shards: Shards{Number: 16},
	}
	got := read(t, whole)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recipe (-want +got):\n%s", diff)
	}
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var back Recipe
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &back); diff != "" {
		t.Errorf("from the plan (-want +got):\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	got := read(t, `{select: [drop_lines: {}], decontaminate: {sets: [a.jsonl]}, mix: {}, split: {test: 0.1}, encode: {tokenizer: chars, pack: {length: 10}}, write: [format: jsonl]}`)
	want := &Recipe{
		Select:        []Rule{{DropLines: &DropLines{DefaultSiteShare, DefaultLeast, WithinEdges}}},
		Decontaminate: &Decontaminate{Sets: []Set{{Path: "a.jsonl", Name: "a"}}, Ngram: DefaultNgram, LeastOverlap: DefaultLeastOverlap, MostDocuments: 1000, LeastShort: 8},
		Mix:           &Mix{By: By{Field: FieldSource}, Unit: UnitTokens, RepeatAtMost: rule.One},
		Split:         &Split{Shares: map[string]rule.Number{"test": 100_000}, By: FieldID},
		Order:         Order{How: OrderShuffle},
		Encode:        &Encode{Tokenizer: TokenizerChars, Special: SpecialText, TooLong: TooLongSplit, Pack: Pack{10, PackConcat}},
		Write:         []Write{{Format: "jsonl", Columns: DefaultColumns}},
		Shards:        Shards{Bytes: 1 << 30},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recipe (-want +got):\n%s", diff)
	}
	if DefaultLeast != lines.LeastDocuments {
		t.Errorf("lines are counted from %d documents on, not %d", lines.LeastDocuments, DefaultLeast)
	}
	if unit := read(t, "{mix: {}, write: [format: jsonl]}").Mix.Unit; unit != UnitChars {
		t.Errorf("without a tokenizer amounts are of %s", unit)
	}
	if unit := read(t, "{mix: {documents: 5}, encode: {tokenizer: chars}, write: [format: jsonl]}").Mix.Unit; unit != UnitDocuments {
		t.Errorf("with a budget in documents amounts are of %s", unit)
	}
}

// Recipes say of the search what package contamination does: the same defaults and bounds.
func TestSearchIsThatOfContamination(t *testing.T) {
	decontaminate := func(more string) (*Recipe, error) {
		return Read([]byte("{decontaminate: {sets: [a/b.c.jsonl]"+more+"}, write: [format: jsonl]}"), "a.yaml")
	}
	r, err := decontaminate("")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contamination.Default(), r.Decontaminate.Options()); diff != "" {
		t.Errorf("defaults (-contamination +recipe):\n%s", diff)
	}
	for _, bad := range []string{"ngram: 4", "ngram: 65", "least_overlap: 0", "least_overlap: 1.000001", "most_documents: 0", "least_short: 0"} {
		if _, err := decontaminate(", " + bad); err == nil {
			t.Errorf("%s is not refused", bad)
		}
		var d Decontaminate
		if err := yaml.Unmarshal([]byte("{ngram: 5, least_overlap: 1, most_documents: 1, least_short: 1}"), &d); err != nil || d.Options().Validate() != nil {
			t.Fatalf("%v, %v", err, d.Options().Validate())
		}
		if err := yaml.Unmarshal([]byte(bad), &d); err != nil || d.Options().Validate() == nil {
			t.Errorf("%s: %v, and the search takes it", bad, err)
		}
	}
	for _, good := range []string{"ngram: 5", "ngram: 64", "least_overlap: 0.000001", "least_overlap: 1", "most_documents: 1", "least_short: 1"} {
		r, err := decontaminate(", " + good)
		if err == nil {
			err = r.Decontaminate.Options().Validate()
		}
		if err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	set := read(t, whole).Decontaminate.Sets[1]
	want := contamination.SetConfig{Path: "/x", Name: "gsm8k", AnswerAlone: true, Fields: contamination.Fields{
		Question: []string{"question"}, Choices: []string{"A", "B"}, Answer: []string{"answer"}, Passage: []string{"context"}, ID: "n",
	}}
	if diff := cmp.Diff(want, set.Config("/x")); diff != "" {
		t.Errorf("a set (-want +got):\n%s", diff)
	}
}

func TestForms(t *testing.T) {
	for file, want := range map[string]Order{
		"order: corpus":                  {How: OrderCorpus},
		"order: shuffle":                 {How: OrderShuffle},
		"order: {shuffle: 7}":            {How: OrderShuffle, Seed: 7},
		"order: {by: edu}":               {How: OrderSignal, Signal: "edu"},
		"order:":                         {How: OrderShuffle},
		"order: {descending: no, by: a}": {How: OrderSignal, Signal: "a"},
	} {
		if got := read(t, file+"\nwrite: [format: jsonl]").Order; got != want {
			t.Errorf("%s is %+v", file, got)
		}
	}
	for file, want := range map[string]By{
		"by: site":                             {Field: FieldSite},
		"by: {signal: edu, buckets: 4}":        {Signal: "edu", Buckets: 4},
		"by: {signal: edu, borders: [0.1, 2]}": {Signal: "edu", Borders: []rule.Number{100_000, 2 * rule.One}},
	} {
		if got := read(t, "mix: {"+file+"}\nwrite: [format: jsonl]").Mix.By; !cmp.Equal(got, want) {
			t.Errorf("%s is %+v", file, got)
		}
	}
	want := Copies{{1, 1}, {2, 2}, {4, 3}, {99, 5}, {999, 8}, {0, 1}}
	for _, file := range []string{"fineweb2", "[[1, 1], [2, 2], [4, 3], [99, 5], [999, 8], [more, 1]]"} {
		if got := read(t, "mix: {by_copies: "+file+"}\nwrite: [format: jsonl]").Mix.ByCopies; !cmp.Equal(got, want) {
			t.Errorf("%s is %v", file, got)
		}
	}
	for copies, weight := range map[int64]int64{0: 1, 1: 1, 2: 2, 3: 3, 4: 3, 5: 5, 99: 5, 100: 8, 999: 8, 1000: 1, 1e12: 1} {
		if got := FineWeb2.Weight(copies); got != weight {
			t.Errorf("%d copies weigh %d, not %d", copies, got, weight)
		}
	}
}

func TestReadNamesEveryProblem(t *testing.T) {
	tests := []struct{ file, want string }{
		{
			`corpus: news@latest
select:
  - 7
  - "": x
  - drop_line: {site_share: 0.5}
  - drop_lines: {site_shares: 0.5}
mix:
  tokens: 1.5
  shares: {a: few, a: 0.5}
  by_copies: fineweb3
split: {validaton: 1e-7, bye: id}
order: {shufle: 1}
encode: {longest: -}
write:
  - {format: megatron, column: []}
  - parquet
shards: {bytes: 3 parsecs}
mixture: {}
`, `a.yaml:3: select[0]: a rule is expected here, a preset, or drop_lines: "edu >= 0.3"
a.yaml:4: select[1]: a rule is expected here, a preset, or drop_lines: "edu >= 0.3"
a.yaml:5: select[2].drop_line: unknown key (did you mean drop_lines?)
a.yaml:6: select[3].drop_lines.site_shares: unknown key (did you mean site_share?)
a.yaml:8: mix.tokens: "1.5" is no whole number
a.yaml:9: mix.shares.a: "few" is no number
a.yaml:9: mix.shares.a: is set twice
a.yaml:10: mix.by_copies: unknown weights "fineweb3": known are fineweb2, or give pairs: [[1, 1], [4, 2], [more, 3]]
a.yaml:11: split.validaton: "1e-7" has more than six decimals
a.yaml:11: split.bye: unknown key (did you mean by?)
a.yaml:12: order.shufle: unknown key (did you mean shuffle?)
a.yaml:13: encode.longest: "-" is not a whole number in range
a.yaml:15: write[0].column: unknown key (did you mean columns?)
a.yaml:16: write[1]: keys are expected here, not a value
a.yaml:17: shards.bytes: "3 parsecs" is not a size: the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB
a.yaml:18: mixture: unknown key (known are name, license, corpus, select, decontaminate, mix, split, order, encode, write, shards)
a.yaml:1: corpus: "news@latest" is not PATH@VERSION, as in news@17; behind a path that has an @ itself put a slash`,
		},
		{ // values are looked at beside a key that is misspelt; what would be missing for that is not said to be
			`corpus: news
mix: {tokns: 5, chars: 0}
decontaminate: {sets: [a.jsonl], ngram: 99, least_overlp: 1}
writes: [{format: parquet}]
`, `a.yaml:2: mix.tokns: unknown key (did you mean tokens?)
a.yaml:3: decontaminate.least_overlp: unknown key (did you mean least_overlap?)
a.yaml:4: writes: unknown key (did you mean write?)
a.yaml:2: mix.chars: 0 is nothing: leave it out for all there is
a.yaml:3: decontaminate.ngram: 99 is not from 5 to 64`,
		},
		{
			`corpus: news@latest
select:
  - budget: "edu > 1"
  - Taught: "edu > 1"
  - drop_lines: {site_share: 0, least: 4, within: head}
  - drop_lines: {}
decontaminate:
  sets: [a/x.jsonl, b/x.json, {path: c, answer: [a]}]
  ngram: 1
  least_overlap: 1.1
mix:
  by: sites
  tokens: 5
  chars: 5
  unit: documents
  shares: {a: 0.5, b: 0.4}
  repeat_at_most: 0.5
  by_copies: [[4, 2], [3, 1]]
  cap: {by: id, documents: 0}
split:
  train: 0.5
  test: 0.7
  by: metadata.
order: {descending: true}
encode: {pattern: qwen, special: texts, too_long: leave_out, pack: {how: concatenate}}
write:
  - {format: megatron, columns: [id]}
  - {format: webdataset}
  - {format: megatron}
  - {format: csv}
  - {}
  - {format: jsonl, columns: [id, id, txt]}
  - {format: parquet, columns: []}
shards: {bytes: 1GiB, number: 4}
`, `a.yaml:1: corpus: "news@latest" is not PATH@VERSION, as in news@17; behind a path that has an @ itself put a slash
a.yaml:3: select[0].budget: this name is for documents that are left out for another reason: contaminated, budget, cap, too_long, empty
a.yaml:4: select[1].Taught: a name has small letters, digits, _, - and ., at most 64
a.yaml:5: select[2].drop_lines.site_share: 0 is not above 0, and at most 1
a.yaml:5: select[2].drop_lines.least: 4 is less than 5: lines in fewer documents of a site are not counted
a.yaml:5: select[2].drop_lines.within: unknown value "head": known are edges, all
a.yaml:6: select[3].drop_lines: is there twice
a.yaml:8: decontaminate.sets[1]: x is the name of an earlier set: give it a name
a.yaml:8: decontaminate.sets[2].question: is missing, and other fields are named: documents are found by the question
a.yaml:9: decontaminate.ngram: 1 is not from 5 to 64
a.yaml:10: decontaminate.least_overlap: 1.1 is not above 0, and at most 1
a.yaml:12: mix.by: unknown value "sites": did you mean site?
a.yaml:15: mix.unit: is documents, and the budget is in tokens
a.yaml:15: mix.unit: is documents, and the budget is in chars
a.yaml:14: mix.chars: tokens is said as well: one of tokens, chars, documents, budgets
a.yaml:16: mix.shares: they add up to 0.9: as shares of the release they add up to 1
a.yaml:17: mix.repeat_at_most: 0.5 is not from 1 to 1000
a.yaml:18: mix.by_copies[1]: 3 is not above 4: pairs are in order of copies
a.yaml:19: mix.cap.by: unknown value "id": known are source, site, metadata.KEY
a.yaml:19: mix.cap.documents: 0 is less than 1
a.yaml:21: split.train: train is what the other splits leave
a.yaml:20: split: the shares add up to 1.2, and 1 is all there is
a.yaml:23: split.by: unknown value "metadata.": known are id, source, site, metadata.KEY
a.yaml:24: order.descending: by is missing: the signal that documents are sorted by
a.yaml:25: encode.tokenizer: is missing: name a file, or chars for the characters of the corpus
a.yaml:25: encode.pattern: unknown value "qwen": did you mean qwen2?
a.yaml:25: encode.special: unknown value "texts": did you mean text?
a.yaml:25: encode.too_long: longest is missing: how many tokens a document may have
a.yaml:25: encode.pack.how: unknown value "concatenate": known are none, concat, best_fit
a.yaml:25: encode.pack.length: is missing: how many tokens a sequence has
a.yaml:27: write[0].columns: megatron has none to choose
a.yaml:29: write[2].format: megatron is there twice
a.yaml:30: write[3].format: unknown value "csv": known are datatrove, jsonl, litdata, mds, megatron, npy, parquet, webdataset
a.yaml:31: write[4].format: is missing: known are datatrove, jsonl, litdata, mds, megatron, npy, parquet, webdataset
a.yaml:32: write[5].columns[1]: id is there twice
a.yaml:32: write[5].columns[2]: unknown value "txt": did you mean text?
a.yaml:33: write[6].columns: there is none: known are id, text, source, path, offset, chars, bytes, metadata, version, copies, stratum, repeat, token_count, tokens
a.yaml:34: shards: number and bytes: one of the two`,
		},
		{
			`mix:
  by: {signal: edu, buckets: 3}
  tokens: 20B
  shares: {1: 0.5, 4: 0.5}
  by_copies: [[1, 1], [more, 2000], [4, 2]]
write:
  - {format: npy}
  - {format: parquet, columns: [text, tokens]}
split: {}
order: {shuffle: 1, by: edu}
shards: {bytes: 1kB}
`, `a.yaml:3: mix.tokens: tokens are counted by a tokenizer: say under encode which, or take chars
a.yaml:4: mix.shares.4: is no bucket of edu: these are 1 (lowest values) to 3
a.yaml:5: mix.by_copies[1]: more has to be the last pair
a.yaml:9: split: nothing is held back: name a split with its share, as in validation: 0.005
a.yaml:10: order: shuffle and by: one of the two
a.yaml:7: write[0].format: npy has tokens: say under encode by which tokenizer
a.yaml:8: write[1].columns[1]: tokens needs a tokenizer: say under encode which
a.yaml:11: shards.bytes: 1000 is less than 1MiB, which only makes files`,
		},
		{
			`mix: {by: {buckets: 3}, tokens: 0, budgets: {a: 5}, shares: {a: 1}, repeat_at_most: 1001}
encode: {tokenizer: chars, pack: {length: 8, how: none}}
write: [{format: webdataset}]
shards: {number: 0}
`, `a.yaml:1: mix.tokens: 0 is nothing: leave it out for all there is
a.yaml:1: mix.by: signal is missing: the one that the buckets are of
a.yaml:1: mix.shares: budgets say already how much of each stratum there is
a.yaml:1: mix.repeat_at_most: 1001 is not from 1 to 1000
a.yaml:3: write[0].format: webdataset has sequences of one length: say under encode how they are packed, as in pack: {length: 8192, how: concat}
a.yaml:4: shards.number: 0 is not from 1 to 4096`,
		},
		{
			`mix: {by: {signal: edu, buckets: 2, borders: [1]}, cap: {by: site, documents: 1}}`, `a.yaml:1: mix.by: buckets and borders: one of the two
a.yaml: write: nothing would be written: name a format, as in {format: parquet}; known are datatrove, jsonl, litdata, mds, megatron, npy, parquet, webdataset`,
		},
		{
			"mix: {by: {signal: edu}}\ndecontaminate: {}\nwrite: [format: jsonl]", `a.yaml:2: decontaminate.sets: there is none: name a file of evaluation items
a.yaml:1: mix.by: buckets or borders is missing: into what the values of edu are cut`,
		},
		{
			"mix: {by: {signal: edu, borders: [0.5, 0.5]}, by_copies: [[1, 1]]}\nwrite: [format: jsonl]", `a.yaml:1: mix.by.borders[1]: 0.5 is not above 0.5: borders rise
a.yaml:1: mix.by_copies[0]: documents with more than 1 copies have no weight: end with [more, 1]`,
		},
		{"write: [{format: jsonl}]\n---\n", "a.yaml: more than one YAML document"},
	}
	for _, tt := range tests {
		_, err := Read([]byte(tt.file), "a.yaml")
		if err == nil {
			t.Fatal("no error")
		}
		if diff := cmp.Diff(strings.Split(tt.want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("problems (-want +got):\n%s", diff)
		}
	}
}

// What a release is made of is digested; where it lies is not.
func TestDigestable(t *testing.T) {
	digest := func(r *Recipe) string {
		data, err := r.Digestable()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	one, other := read(t, whole), read(t, strings.ReplaceAll(whole, "../news@17", "/else/news@18"))
	if digest(one) != digest(other) {
		t.Error("where the corpus lies is digested")
	}
	if other := read(t, strings.ReplaceAll(whole, "ceval.jsonl", "x/ceval.jsonl")); digest(one) == digest(other) {
		t.Error("a path without a digest is not digested")
	}
	known := digest(one)
	for _, r := range []*Recipe{one, other} {
		r.Decontaminate.Sets[0].Digest, r.Decontaminate.Sets[1].Digest, r.Split.FrozenDigest, r.Encode.Digest = "a", "b", "c", "d"
	}
	other.Decontaminate.Sets[0].Path, other.Split.Frozen, other.Encode.Tokenizer = "x", "y", "z"
	if digest(one) != digest(other) || digest(one) == known {
		t.Errorf("%s\n%s", digest(one), digest(other))
	}
	if one.Decontaminate.Sets[0].Path != "ceval.jsonl" || one.Encode.Tokenizer != "qwen.tiktoken" || one.Corpus != "../news" {
		t.Error("the recipe was changed")
	}
	const want = `{"order":{"how":"shuffle"},"shards":{"number":3},"write":[{"columns":["text"],"format":"jsonl"}]}`
	if got := digest(read(t, "{corpus: a@1, shards: {number: 3}, write: [{format: jsonl, columns: [text]}]}")); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestResolve(t *testing.T) {
	for _, tt := range [][3]string{
		{"r/a.yaml", "x.jsonl", filepath.Join("r", "x.jsonl")},
		{"a.yaml", "../x", filepath.Join("..", "x")},
		{"r/a.yaml", "/x", "/x"},
		{"r/a.yaml", "s3://b/x", "s3://b/x"},
		{"s3://b/r/a.yaml", "../x", "s3://b/x"},
		{"r/a.yaml", "", ""},
	} {
		if got := Resolve(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s of %s is %s", tt[1], tt[0], got)
		}
	}
	for text, want := range map[string]string{"news": "news", "a@b/news": "a@b/news", "a@b/": "a@b/", "s3://b/x@3": "s3://b/x", "x@@12": "x@"} {
		if place, _, err := ParseCorpus(text); place != want || err != nil {
			t.Errorf("%s lies in %s, %v", text, place, err)
		}
	}
}

// JSON Lines have no room for tokens, and that is told before anything is made.
func TestTokensInText(t *testing.T) {
	read := func(format string) error {
		_, err := Read([]byte("encode: {tokenizer: chars}\nwrite: [{format: "+format+", columns: [id, tokens]}]\n"), "a.yaml")
		return err
	}
	if err := read("jsonl"); err == nil || !strings.Contains(err.Error(), "write[0].columns[1]: tokens are bytes, and jsonl has text") {
		t.Error(err)
	}
	if err := read("parquet"); err != nil {
		t.Error(err)
	}
}
