package parse

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Two sources read the same bytes in their own ways, within one split and one batch, as they are and in a container; what
// their settings leave out is as in those of all.
func TestOverride(t *testing.T) {
	no, yes := false, true
	const object = `{"title":"题","body":"文","text":"甲"}` + "\n"
	const lines = "<s> 中 文 </s>\n"
	const table = "body,title\n文,题\n"
	files := []struct{ path, content string }{
		{"a.jsonl", object}, {"b.chars", lines}, {"c.csv", table}, {"d.zip", string(zipped(t, entry{name: "m.jsonl", data: object}))}, {"e.jsonl", object},
	}
	in := newInput()
	in.cfg.Begin, in.cfg.End = "<s>", "</s>"
	in.cfg.Sources = map[string]Override{
		"own":  {TextField: Fields{"body", "2"}, CSV: OverrideCSV{Header: &no}, Begin: "<t>", End: "</t>", JoinWrapped: &yes},
		"none": {},
	}
	in.cfg.TextField = Fields{"text", "title"}
	in.from.Plan.Sources = []pipeline.Source{{Name: "none"}, {Name: "own"}, {Name: "unnamed"}}
	for _, f := range files {
		for source, s := range in.from.Plan.Sources {
			d := Detect(f.path, []byte(f.content), in.cfg.Of(s.Name))
			if d.Reject != "" {
				t.Fatalf("%s of %s: %s", f.path, s.Name, d.Reject)
			}
			if f.path == "b.chars" {
				want := Chars
				if s.Name == "own" {
					want = d.Format // whatever it is taken for without its marks
				}
				if d.Format != want {
					t.Errorf("%s of %s is %s, want %s", f.path, s.Name, d.Format, want)
				}
				d.Format = Chars
			}
			in.add(ingest.File{Source: source, Path: s.Name + "/" + f.path, Format: d.Format, Document: d.Document}, newObject([]byte(f.content)))
		}
	}
	docs, _, rejects, counters := in.documents(t)
	var got []string
	for _, d := range docs {
		got = append(got, d.Text)
	}
	want := []string{
		"甲", "文", "甲", // a.jsonl
		"中文", "<s>中文</s>", "中文", // b.chars
		"题", "title", "题", "题", // c.csv, of which the first row is one without a header
		"甲", "文", "甲", // d.zip
		"甲", "文", "甲", // e.jsonl
	}
	if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
		t.Errorf("texts (-want +got):\n%s\nrejects: %+v", diff, rejects)
	}
	if n := counters["missing_sentinel"]; n != 1 {
		t.Errorf("%d lines lack their marks, want that of the source with other ones", n)
	}
}

func TestOverrideDetect(t *testing.T) {
	cfg := Default()
	cfg.Document = RuleBlankLine
	cfg.Sources = map[string]Override{"a": {Format: Text, Encoding: "big5", Document: RuleLine}, "b": {Document: RuleFile}}
	head := []byte("\xa4\xa4\xa4\xe5\n")
	for source, want := range map[string]ingest.Detection{
		"a": {Format: Text, Encoding: "big5", Document: RuleLine},
		"b": {Format: Text, Document: RuleFile},
		"c": {Format: Text, Document: RuleBlankLine},
	} {
		got := Detect("x.txt", head, cfg.Of(source))
		if got.Format != want.Format || got.Document != want.Document || want.Encoding != "" && got.Encoding != want.Encoding {
			t.Errorf("of source %s: %+v, want %+v", source, got, want)
		}
	}
}

func TestOverrideValidate(t *testing.T) {
	if err := (Override{}).Validate(); err != nil {
		t.Error(err)
	}
	err := Override{Format: "xls", Encoding: "klingon", Document: "page", TextField: Fields{}, Begin: "a b"}.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 5 {
		t.Errorf("not the five problems: %v", err)
	}
}
