package contamination

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func readSet(t testing.TB, c SetConfig, data string) (*Set, error) {
	t.Helper()
	if c.Path == "" {
		c.Path = "some/set.jsonl"
	}
	return ReadSet(t.Context(), c, strings.NewReader(data))
}

// Files of the shapes that evaluation sets have are known by their fields.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		shape, line string
		want        Item
	}{
		{"gsm8k", `{"question": "How many?", "answer": "Two and two.\n#### 4"}`, Item{Question: "How many?", Answer: "Two and two.\n#### 4"}},
		{"ceval", `{"id": 7, "question": "哪一个？", "A": "甲", "B": "乙", "C": "丙", "D": "丁", "answer": "C", "explanation": ""}`, Item{ID: "7", Question: "哪一个？", Choices: []string{"甲", "乙", "丙", "丁"}, Answer: "丙"}},
		{"cmmlu", `{"Question": "哪一个？", "A": "甲", "B": "乙", "C": "丙", "D": "丁", "Answer": "A"}`, Item{Question: "哪一个？", Choices: []string{"甲", "乙", "丙", "丁"}, Answer: "甲"}},
		{"mmlu", `{"question": "Which?", "subject": "law", "choices": ["one", "two", "three", "four"], "answer": 1}`, Item{Question: "Which?", Choices: []string{"one", "two", "three", "four"}, Answer: "two"}},
		{"arc", `{"id": "A_1", "question": "Which?", "choices": {"text": ["one", "two"], "label": ["A", "B"]}, "answerKey": "B"}`, Item{ID: "A_1", Question: "Which?", Choices: []string{"one", "two"}, Answer: "two"}},
		{"hellaswag", `{"ctx": "He then", "endings": ["sat", "ran"], "label": "1"}`, Item{Question: "He then", Choices: []string{"sat", "ran"}, Answer: "ran"}},
		{"squad", `{"id": "5", "context": "Long ago.", "question": "When?", "answers": {"text": ["long ago"], "answer_start": [0]}}`, Item{ID: "5", Question: "When?", Answer: "long ago", Passage: "Long ago."}},
		{"boolq", `{"question": "is it", "passage": "It is.", "answer": true}`, Item{Question: "is it", Passage: "It is.", Answer: "true"}},
		{"math", `{"problem": "Find x.", "solution": "x = 1", "answer": "1"}`, Item{Question: "Find x.", Answer: "x = 1"}},
		{"humaneval", `{"task_id": "E/0", "prompt": "def f():", "canonical_solution": "  pass", "test": ""}`, Item{ID: "E/0", Question: "def f():", Answer: "  pass"}},
		{"completions", `{"prompt": "Say", "completion": "so"}`, Item{Question: "Say", Answer: "so"}},
		{"instructions", `{"instruction": "Add", "input": "1, 2", "output": "3"}`, Item{Question: "Add\n1, 2", Answer: "3"}},
		{"texts", `{"text": "It is so."}`, Item{Question: "It is so."}},
	} {
		s, err := readSet(t, SetConfig{}, c.line+"\n")
		if err != nil {
			t.Errorf("%s: %v", c.shape, err)
			continue
		}
		c.want.Line = 1
		if c.want.ID == "" {
			c.want.ID = "1"
		}
		if s.Shape != c.shape || s.Name != "set" || len(s.Items) != 1 || !reflect.DeepEqual(s.Items[0], c.want) {
			t.Errorf("%s: %s %+v, want %+v", c.shape, s.Shape, s.Items, c.want)
		}
	}
}

// The page of the documentation has every shape, with the names of its members.
func TestDocumentedShapes(t *testing.T) {
	page, err := os.ReadFile("../../docs/decontamination.md")
	pipelinetest.Must(t, err)
	for _, s := range shapes() {
		for _, word := range append([]string{s.name}, s.fields.Question...) {
			if !strings.Contains(string(page), "`"+word+"`") {
				t.Errorf("docs/decontamination.md does not have %s of %s", word, s.name)
			}
		}
	}
	for _, id := range ids {
		if !strings.Contains(string(page), "`"+id+"`") {
			t.Errorf("docs/decontamination.md does not have %s", id)
		}
	}
}

func TestFieldsAreGiven(t *testing.T) {
	c := SetConfig{Path: "a/b.c.jsonl", Fields: Fields{Question: []string{"q.text", "more"}, Answer: []string{"a"}, ID: "key"}}
	s, err := readSet(t, c, `{"q": {"text": "one"}, "more": ["two", 3], "a": null, "key": "k", "text": "no"}`+"\n\n"+`{"q.text": "four", "key": 5}`)
	pipelinetest.Must(t, err)
	want := []Item{{Line: 1, ID: "k", Question: "one\ntwo\n3"}, {Line: 3, ID: "5", Question: "four"}}
	if s.Name != "b" || s.Shape != "" || !reflect.DeepEqual(s.Items, want) {
		t.Errorf("%+v", s)
	}
	for _, c := range []SetConfig{{Path: "x", Fields: Fields{Answer: []string{"a"}}}, {}, {Path: "x", Fields: Fields{Question: []string{""}}}} {
		if _, err := OpenSet(t.Context(), c); err == nil || errors.Is(err, os.ErrNotExist) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// The same items in every container are the same set.
func TestContainers(t *testing.T) {
	lines := `{"question": "one two", "answer": "a"}` + "\r\n" + `{"question": "three", "answer": "b"}` + "\n"
	var zipped, zstded bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := io.WriteString(z, lines)
	pipelinetest.Must(t, errors.Join(err, z.Close()))
	d, err := zstd.NewWriter(&zstded)
	pipelinetest.Must(t, err)
	_, err = io.WriteString(d, lines)
	pipelinetest.Must(t, errors.Join(err, d.Close()))
	want, err := readSet(t, SetConfig{}, lines)
	pipelinetest.Must(t, err)
	if len(want.Items) != 2 {
		t.Fatalf("%+v", want)
	}
	for name, data := range map[string]string{
		"gzip": zipped.String(), "zstd": zstded.String(), "mark": "\uFEFF" + lines,
		"array": "\n [" + strings.Replace(strings.TrimSpace(lines), "\r\n", ",\n", 1) + "]\n",
	} {
		file := filepath.Join(t.TempDir(), "set."+name)
		pipelinetest.Must(t, os.WriteFile(file, []byte(data), 0o600))
		got, err := OpenSet(t.Context(), SetConfig{Path: file})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What cannot be read is an error that says where.
func TestDamagedSets(t *testing.T) {
	pipelinetest.Long(t)
	for data, want := range map[string]string{
		"":                                      "evaluation set set: it has no item",
		"[]":                                    "it has no item",
		"\n\n":                                  "it has no item",
		`{"question": "a", "answer": "b"`:       "line 1: unexpected EOF",
		`{"question": "a", "answer": "b"} {}`:   "line 1: something stands behind the object",
		"[{\"text\": \"a\"}] x":                 "something stands behind the array",
		"[{\"text\": \"a\"}, 5]":                "item 2: ",
		"[{\"text\": \"a\"}":                    "unexpected EOF",
		"null\n":                                "line 1: it is no object",
		"{\"text\": {\"a\": 1}}\n":              "line 1: text: it is an object: name a member of it",
		`{"b": 1, "a": "b"}`:                    "line 1: its fields are a, b: no question is known among them",
		"{\"text\": \"a\"}\n{\"text\": \"b\"\n": "line 2: unexpected EOF",
		"\x1f\x8b\x08":                          "unexpected EOF",
		"{\"text\": \"" + strings.Repeat("a", mostLine) + "\"}":   "line 1 has more than 16777216 bytes",
		"[{\"text\": \"" + strings.Repeat("a", mostLine) + "\"}]": "item 1: it has more than 16777216 bytes",
	} {
		if _, err := readSet(t, SetConfig{}, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", data, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadSet(ctx, SetConfig{Path: "x"}, strings.NewReader(strings.Repeat(`{"text": "a"}`+"\n", 2000))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// An item that gives nothing to find it by is an error, or counted and listed where that was asked for; a set of nothing else is an error always.
func TestItemsThatSayTooLittle(t *testing.T) {
	good := Item{Line: 1, Question: "一个作坊每个工作日能做四十一把椅子"}
	for _, bad := range []Item{{}, {Question: "  ？！"}, {Question: "七个汉字的问题"}, {Question: "only four words here"}, {Question: "1 2 3 4 5 6 7 8 9 10 11 12 13"}, {Question: "1234 5 6 7 8 9 1"}} {
		bad.Line = 2
		_, err := Build(t.Context(), []*Set{{Name: "own", Items: []Item{good, bad}}}, Default())
		if err == nil || !strings.Contains(err.Error(), "evaluation set own: line 2: the question ") || !strings.Contains(pipeline.Hint(err), "allow_short") {
			t.Errorf("%q: %v, %s", bad.Question, err, pipeline.Hint(err))
		}
		o := Default()
		o.AllowShort = true
		x, err := Build(t.Context(), []*Set{{Name: "own", Items: []Item{good, bad}}}, o)
		pipelinetest.Must(t, err)
		if got := x.Sets()[0]; got.NotCheckable != 1 || fmt.Sprint(got.NotCheckableLines) != "[2]" || got.Items != 2 {
			t.Errorf("%q: %+v", bad.Question, got)
		}
		if _, err := Build(t.Context(), []*Set{{Name: "own", Items: []Item{bad}}}, o); err == nil || !strings.Contains(err.Error(), "none of its 1 item says enough") {
			t.Errorf("%q: %v", bad.Question, err)
		}
	}
	if _, err := Build(t.Context(), []*Set{{Name: "own", Items: []Item{good}}, {Name: "own", Items: []Item{good}}}, Default()); err == nil {
		t.Error("two sets of one name")
	}
	if _, err := Build(t.Context(), nil, Default()); err == nil {
		t.Error("no set")
	}
}

func TestOptions(t *testing.T) {
	pipelinetest.Must(t, Default().Validate())
	err := Options{NGram: 4, LeastOverlap: 1.5}.Validate()
	for _, want := range []string{"ngram: 4 is not from 5 to 64", "least_overlap: 1.5 is not over 0 to 1", "most_documents: 0 is less than 1", "least_short: 0 is less than 1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
	o := Default()
	for weight, want := range map[int]int64{1: million, 208: million, 364: 900_000, 520: 800_000, 5000: 800_000} {
		if got := o.needed(weight); got != want {
			t.Errorf("weight %d needs %d, want %d", weight, got, want)
		}
	}
}

// The digest names what is found: settings and items, not where a file lies.
func TestDigest(t *testing.T) {
	set := func(change func(*Set)) *Set {
		s := testItems()
		change(s)
		return s
	}
	nothing := func(*Set) {}
	base := build(t, Default(), set(nothing)).Digest()
	if len(base) != 64 || base != build(t, Default(), set(nothing)).Digest() {
		t.Fatal(base)
	}
	o := Default()
	o.MostDocuments++
	long := Default()
	long.NGram = 14
	for name, other := range map[string]string{
		"setting": build(t, o, set(nothing)).Digest(),
		"ngram":   build(t, long, set(nothing)).Digest(),
		"id":      build(t, Default(), set(func(s *Set) { s.Items[0].ID = "other" })).Digest(),
		"answer":  build(t, Default(), set(func(s *Set) { s.Items[0].Answer += " more" })).Digest(),
		"name":    build(t, Default(), set(func(s *Set) { s.Name = "other" })).Digest(),
		"alone":   build(t, Default(), set(func(s *Set) { s.AnswerAlone = true })).Digest(),
	} {
		if other == base {
			t.Errorf("%s is not in the digest", name)
		}
	}
}

func FuzzReadSet(f *testing.F) {
	for _, s := range []string{`{"text": "a"}`, `[{"question": "a", "choices": ["b"], "answer": 0}]`, "{}\n{\"text\": 1}", "\x1f\x8b", "\x28\xb5\x2f\xfd"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadSet(t.Context(), SetConfig{Path: "fuzz"}, bytes.NewReader(data))
		if err != nil {
			return
		}
		o := Default()
		o.AllowShort = true
		x, err := Build(t.Context(), []*Set{s}, o)
		if err != nil {
			return
		}
		w, err := x.Weigh(nil)
		pipelinetest.Must(t, err)
		for _, h := range w.Matcher().All(nil, data) {
			if h.Start < 0 || h.End > len(data) || h.Start >= h.End || h.Score <= 0 || h.Score > million {
				t.Fatalf("%+v", h)
			}
		}
	})
}
