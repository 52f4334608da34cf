package parse

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/stages/parse/charset"
)

func TestCoNLL(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{name: "empty"},
		{name: "spaces, crlf", in: "海 O\r\n钓 O\r\n\r\n比 B-LOC\r\n赛 I-LOC", want: "海钓\n比赛"},
		{name: "tabs", in: "中\tB-ORG\n共\tI-ORG\n\n\n中\tO\n", want: "中共\n中"},
		{name: "low line", in: "清 B_Time\n明 I_Time\n", want: "清明"},
		{name: "words, three columns", in: "我们 PN B\n用 VV O\nGo NR O\n1.26 CD O\n", want: "我们用Go 1.26"},
		{name: "letters", in: "G B\nD M\nP E\n", want: "GDP"},
		{name: "a space is a character", in: "I O\n O\na O\nO\nm\tO\n\tO\n \tO\nx O\n", want: "I a m  x"},
		{name: "a wide space is one, too", in: "一 O\n\u3000 O\n二 O\n", want: "一\u3000二"},
		{name: "position behind the character", in: "一0\tO\n个1\tO\n人2\tO\n10\tO\nA0\tO\n\n10\tO\n", want: "一个人1A\n1"},
		{name: "digits that are none", in: "一0\tO\n3\tO\n", want: "一0 3"},
		{name: "marks of documents", in: "-DOCSTART- -X- O O\n\n一 O\n", want: "一"},
		{name: "number sign", in: "# O\n1 O\n", want: "#1"},
		{name: "no tags", in: "一\n二\n", want: "一二"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			documents, _, rejects, counters := one(CoNLL, RuleFile, "", []byte(tt.in)).documents(t)
			if len(documents) != 1 || len(rejects) > 0 || len(counters) > 0 {
				t.Fatalf("documents %v, rejects %v, counters %v", documents, rejects, counters)
			}
			if diff := cmp.Diff(tt.want, documents[0].Text); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCoNLLUGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/sentences.conllu")
	if err != nil {
		t.Fatal(err)
	}
	for rule, golden := range map[string]string{RuleFile: "conllu.golden", RuleBlankLine: "conllu_sentences.golden"} {
		documents, meta, rejects, counters := one(CoNLL, rule, "", data).documents(t)
		if len(rejects) > 0 {
			t.Errorf("rejects %v", rejects)
		}
		checkGolden(t, golden, documents, meta)
		if diff := cmp.Diff(columnar.Counters{"odd_lines": 1}, counters); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSniffCoNLL(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"tags", "海 O\n钓 O\n比 B-LOC\n赛 I-LOC\n\n地 O\n", CoNLL},
		{"segmentation", "海\tB\r\n钓\tE\r\n比\tB\r\n赛\tE\r\n，\tS\r\n", CoNLL},
		{"columns", "# sent_id = 1\n1\t然而\t_\tADV\tRB\t_\t7\tmark\t_\t_\n", CoNLL},
		{"too little", "海 O\n钓 O\n", Text},
		{"a line that is none", "海 O\n钓 O\n比 B-LOC\n赛 I-LOC\n地 O\n这是一句话\n", Text},
		{"labels", "体育\t马晓旭意外受伤\n体育\t商瑞华首战\n财经\t股市\n财经\t基金\n体育\t足球\n", Text},
		{"letters", "O\nB\nM\nE\nS\nO\n", Text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := Detect("a.txt", []byte(tt.in), Default()); d.Format != tt.want {
				t.Errorf("%s: %s", d.Format, d.Why)
			}
		})
	}
}

// TestCoNLLShared holds that words joined here are the sentences that the treebank gives, wherever it gives any.
func TestCoNLLShared(t *testing.T) {
	for name, least := range map[string]float64{"zh_gsd-ud-test.conllu": 0.95, "zh_gsdsimp-ud-test.conllu": 0.95} {
		data := sharedFile(t, name)
		want, _, _, _ := one(CoNLL, RuleBlankLine, "", data).documents(t)
		var bare strings.Builder
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(line, "# ") {
				bare.WriteString(line)
			}
		}
		got, _, _, counters := one(CoNLL, RuleBlankLine, "", []byte(bare.String())).documents(t)
		if len(got) != 500 || len(want) != 500 || len(counters) > 0 {
			t.Fatalf("%d and %d sentences, counters %v", len(got), len(want), counters)
		}
		equal := 0
		for i := range got {
			if got[i].Text == want[i].Text {
				equal++
			}
		}
		t.Logf("%s: %d of %d sentences equal", name, equal, len(got))
		if float64(equal) < least*float64(len(got)) {
			t.Errorf("%s: only %d of %d sentences are as given", name, equal, len(got))
		}
	}
}

func FuzzCoNLL(f *testing.F) {
	f.Add([]byte("# text = 一\n1\t一\t_\t_\t_\t_\t_\t_\t_\t_\n\n1-2\t二\t_\t_\t_\t_\t_\t_\t_\t_\n"), true)
	f.Add([]byte("一0\tO\n\n O\nO\n\tO\n-DOCSTART- O\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, lines bool) {
		rule := RuleFile
		if lines {
			rule = RuleBlankLine
		}
		in := one(CoNLL, rule, "", data)
		in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
		documents, _, rejects, counters := in.documents(t)
		if len(rejects) > 0 || !lines && len(documents) != 1 {
			t.Fatalf("%d documents, rejects %v", len(documents), rejects)
		}
		size := 0
		for _, d := range documents {
			size += len(d.Text)
			if !utf8.ValidString(d.Text) {
				t.Fatalf("document %q", d.Text)
			}
		}
		if counters["invalid_utf8"] == 0 && size > len(data) {
			t.Fatalf("%d bytes out of %d", size, len(data))
		}
	})
}
