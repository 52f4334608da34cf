package parse

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/parse/charset"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestCharsGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/chars.txt")
	if err != nil {
		t.Fatal(err)
	}
	documents, meta, rejects, counters := one(Chars, RuleFile, "", data).documents(t)
	if len(documents) != 1 || meta[0] != "" || len(rejects) > 0 {
		t.Fatalf("%d documents, metadata %q, rejects %v", len(documents), meta, rejects)
	}
	golden := filepath.Join("testdata", "chars.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(documents[0].Text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(want), "\n"), documents[0].Text); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(columnar.Counters{"annotation": 5, "missing_sentinel": 2}, counters); diff != "" {
		t.Error(diff)
	}
}

func TestChars(t *testing.T) {
	tests := []struct {
		name, in, want string
		counters       columnar.Counters
	}{
		{name: "empty", in: ""},
		{name: "only sentinels", in: "<BOS> <EOS>\n<BOS>  <EOS>\n"},
		{name: "only the first", in: "<BOS>", counters: columnar.Counters{"missing_sentinel": 1}},
		{name: "blank lines", in: "\n \u3000 \r\n<BOS>  一  <EOS>\r\n\r\n<BOS>  二  <EOS>", want: "一\n二"},
		{name: "glued sentinel is text", in: "<BOS>一  二  <EOS>", want: "<BOS>一二", counters: columnar.Counters{"missing_sentinel": 1}},
		{name: "rare and wide characters", in: "<BOS>  𠀋  é  ①  😀  <EOS>", want: "𠀋é①😀"},
		{name: "single letters join", in: "<BOS> G D P 增 长 8 . 5 % <EOS>", want: "GDP增长8.5%"},
		{name: "words keep one space", in: "<BOS>  the   end  of  A  b  <EOS>", want: "the end of Ab"},
		{name: "words and digits", in: "<BOS> Windows 9 5 版 v2 , x86 <EOS>", want: "Windows 95版v2,x86"},
		{name: "Latin beyond ASCII", in: "<BOS> café ở Hà Nội <EOS>", want: "café ở Hà Nội"},
		{name: "full width does not count", in: "<BOS> ＷＴＯ ２００１ 年 <EOS>", want: "ＷＴＯ２００１年"},
		{name: "open bracket", in: "<BOS> [ 一 <EOS>", want: "一", counters: columnar.Counters{"annotation": 1}},
		{name: "tag alone", in: "<BOS> 一 ]nt 二 <EOS>", want: "一二", counters: columnar.Counters{"annotation": 1}},
		{name: "closing bracket alone", in: "<BOS> 一 ] n t <EOS>", want: "一]nt"},
		{name: "no tag but a word", in: "<BOS> [ 一 ] n t s <EOS>", want: "[一]nts"},
		{name: "nested", in: "<BOS> [ [ 一 ] 二 ]nt [ 三 <EOS>", want: "[一]二三", counters: columnar.Counters{"annotation": 3}},
		{name: "space across a dropped bracket", in: "<BOS> New [ York <EOS>", want: "New York", counters: columnar.Counters{"annotation": 1}},
		{name: "many sentences a line", in: "<BOS> 一 <EOS> <BOS> 二 <EOS>  <BOS> <EOS> <BOS> 三 <EOS>", want: "一\n二\n三"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			documents, _, rejects, counters := one(Chars, RuleFile, "", []byte(tt.in)).documents(t)
			if diff := cmp.Diff([]record{{0, tt.want}}, documents); diff != "" || len(rejects) > 0 {
				t.Errorf("rejects %v, %s", rejects, diff)
			}
			if diff := cmp.Diff(tt.counters, counters); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCharsSentinels(t *testing.T) {
	in := one(Chars, RuleLine, "", []byte("[CLS] 一 [ 二 [SEP]\n\n<BOS> 三 <EOS>\n"))
	in.cfg.Begin, in.cfg.End = "[CLS]", "[SEP]"
	documents, _, _, counters := in.documents(t)
	if diff := cmp.Diff([]record{{0, "一二"}, {23, "<BOS>三<EOS>"}}, documents); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(columnar.Counters{"annotation": 1, "missing_sentinel": 1, "blank_lines": 1}, counters); diff != "" {
		t.Error(diff)
	}
}

// TestFirstUsersSample reads the article that the format was made for.
func TestFirstUsersSample(t *testing.T) {
	name := pipelinetest.Shared(t, "000_22e8a7d0134ae671.txt")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := Detect(name, data, Default()); d.Reject != "" || d.Format != Chars || d.Document != RuleFile {
		t.Errorf("detected as %v, %s", d, d.Reject)
	}
	documents, _, rejects, counters := one(Chars, RuleFile, "", data).documents(t)
	if len(documents) != 1 || len(rejects) > 0 {
		t.Fatalf("%d documents, rejects %v", len(documents), rejects)
	}
	text := documents[0].Text
	if lines := strings.Split(text, "\n"); len(lines) != 19 || lines[0] != "荆楚大地涌动『温暖』潮" {
		t.Errorf("%d lines, the first is %s", len(lines), lines[0])
	}
	// Known: 1 216 tokens of one character, of which a bracket goes.
	if n := utf8.RuneCountInString(text); n != 1216-1+18 || strings.ContainsAny(text, " []<>") {
		t.Errorf("%d characters: %s", n, text)
	}
	if diff := cmp.Diff(columnar.Counters{"annotation": 1}, counters); diff != "" {
		t.Error(diff)
	}
}

func FuzzChars(f *testing.F) {
	sample, err := os.ReadFile("testdata/chars.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte("<BOS> <EOS> <BOS>\u3000\xE3\x80 [ ]nt \xff ] n t <EOS>\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, rule := range []string{RuleFile, RuleLine, RuleBlankLine} {
			in := one(Chars, rule, "", data)
			in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
			documents, _, rejects, _ := in.documents(t)
			if len(rejects) > 0 {
				t.Fatalf("rejects %v", rejects)
			}
			for _, d := range documents {
				if !utf8.ValidString(d.Text) || strings.HasPrefix(d.Text, "\n") || strings.HasSuffix(d.Text, "\n") || strings.Contains(d.Text, "\n\n") {
					t.Fatalf("%s: %q", rule, d.Text)
				}
			}
		}
	})
}
