package parse

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
)

func TestSegmented(t *testing.T) {
	tests := []struct {
		name, in, want string
		counters       columnar.Counters
	}{
		{name: "empty"},
		{name: "two spaces", in: "共同  创造  美好  的  新  世纪  \r\n\r\n二○○一年  新年  贺词  \r\n", want: "共同创造美好的新世纪\n二○○一年新年贺词"},
		{name: "wide spaces", in: "許多\u3000社區\u3000長青\u3000學苑\n", want: "許多社區長青學苑"},
		{name: "latin words", in: "I need 450 万 GDP 1 9 9 8 年 iPhone 6 s", want: "I need 450万GDP 1998年iPhone 6s"},
		{name: "mark at the start", in: bom + "一 二", want: "一二"},
		{name: "no tags among words", in: "速度 为 5 km/h 左右 。", want: "速度为5 km/h左右。"},
		{name: "tags", in: "迈向/v  充满/v  希望/n  。/w", want: "迈向充满希望。"},
		{name: "tags with a low line", in: "第一_OD 章_M 隐忧_NN\n看着_VV snake_case_NR", want: "第一章隐忧\n看着snake_case"},
		{name: "compound", in: "[中央/n  人民/n  广播/vn  电台/n]nt  ，/w", want: "中央人民广播电台，", counters: columnar.Counters{"annotation": 2}},
		{name: "slashes and brackets", in: "http://example.com/n  //w  [/w  ]/w  1/2/m", want: "http://example.com/[]1/2"},
		{name: "extra tag", in: "总而言之/l/%  百分之五/m/l/%  好/a", want: "总而言之百分之五好", counters: columnar.Counters{"annotation": 2}},
		{name: "numbers of lines", in: "1\t\t在/p 北京/ns  [某] /r 发电厂/n\r\n2\t\t说/v 1/m\r\n", want: "在北京某发电厂\n说1", counters: columnar.Counters{"annotation": 2}},
		{name: "brackets that tags left", in: "[ 湖北省 总 工会 ]nt 。", want: "湖北省总工会。", counters: columnar.Counters{"annotation": 2}},
		{name: "paragraph id", in: "19980101-01-001-001/m  迈向/v", want: "迈向"},
		{name: "only an id", in: "19980101-01-001-001/m  \n好/a 吗/y", want: "好吗"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			documents, meta, rejects, counters := one(Segmented, RuleFile, "", []byte(tt.in)).documents(t)
			if len(documents) != 1 || meta[0] != "" || len(rejects) > 0 {
				t.Fatalf("documents %v, metadata %q, rejects %v", documents, meta, rejects)
			}
			if diff := cmp.Diff(tt.want, documents[0].Text); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.counters, counters); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// checkGolden compares documents, written one behind the other, with a golden file.
func checkGolden(t *testing.T, name string, documents []record, meta []string) {
	t.Helper()
	var b strings.Builder
	for i, d := range documents {
		fmt.Fprintf(&b, "@%d %s\n%s\n", d.Offset, meta[i], d.Text)
	}
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPFRGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/pfr.txt")
	if err != nil {
		t.Fatal(err)
	}
	in := detected(t, "pfr.txt", data, Default())
	if f := in.from.Plan.Files[0]; f.Format != Segmented || f.Document != RuleID {
		t.Fatalf("detected as %s, %s", f.Format, f.Document)
	}
	documents, meta, rejects, counters := in.documents(t)
	if len(rejects) > 0 {
		t.Errorf("rejects %v", rejects)
	}
	checkGolden(t, "pfr.golden", documents, meta)
	if diff := cmp.Diff(columnar.Counters{"annotation": 9}, counters); diff != "" {
		t.Error(diff)
	}
}

// TestArticles reads articles of every size across the boundaries of what is read at once.
func TestArticles(t *testing.T) {
	var text strings.Builder
	var want []record
	var wantRejects []columnar.Reject
	for article := range 60 {
		start, size := int64(text.Len()), 0
		var document strings.Builder
		for paragraph := range 1 + article%4 {
			words := strings.Repeat("字/n  ", article*60)
			line := fmt.Sprintf("19980101-01-%03d-%03d/m  %s\n", article, paragraph, words)
			text.WriteString(line)
			size += len(line)
			document.WriteString(strings.Repeat("字", article*60) + "\n")
		}
		if size > 60000 {
			wantRejects = append(wantRejects, columnar.Reject{Offset: start, Bytes: int64(size), Reason: ingest.ReasonTooLarge})
		} else {
			want = append(want, record{start, strings.TrimSpace(document.String())})
		}
		text.WriteString(strings.Repeat("\n", article%3))
	}
	in := one(Segmented, RuleID, "", []byte(text.String()))
	in.cfg.MaxDocumentBytes = 60000
	documents, meta, rejects, _ := in.documents(t)
	if diff := cmp.Diff(want, documents); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantRejects, rejects, noDetail); diff != "" || len(rejects) == 0 {
		t.Errorf("%d rejects: %s", len(rejects), diff)
	}
	if want := `{"id":"19980101-01-007"}`; meta[7] != want {
		t.Errorf("metadata %q, want %q", meta[7], want)
	}
}

func TestSniffSegmented(t *testing.T) {
	sentence := "我们 在 这里 等待 春天 的 到来 ， 大家 都 很 高兴 。\n"
	tests := []struct {
		name, in, want string
	}{
		{"words", strings.Repeat(sentence, 10), Segmented},
		{"one line", strings.Repeat(strings.TrimSpace(sentence)+" ", 10), Segmented},
		{"too little", sentence, Text},
		{"plain", strings.Repeat(strings.ReplaceAll(sentence, " ", ""), 30), Text},
		{"indented paragraphs", strings.Repeat("\u3000\u3000"+strings.ReplaceAll(sentence, " ", ""), 30), Text},
		{"verse", strings.Repeat("春眠不觉晓， 处处闻啼鸟。 夜来风雨声， 花落知多少。\n", 30), Text},
		{"verse without marks", strings.Repeat("床前明月光 疑是地上霜\n", 60), Text},
		{"a table", strings.Repeat("姓名 年龄 籍贯 北京 男 汉\n", 30), Text},
		{"headings", strings.Repeat("目 录\n第 一 章 总 则\n\n本法适用于中华人民共和国境内。为了保护公民，制定本法。\n", 20), Text},
		{"latin", strings.Repeat("the word and/or , the other . \n", 50), Text},
		{"tags", strings.Repeat("迈向/v 充满/v 希望/n 的/u 新/a 世纪/n\n", 20), Segmented},
		{"paths", strings.Repeat("文件在 /usr/lib 和 /usr/share 里， 请看 a/b 。\n", 30), Text},
		{"mixed", strings.Repeat("我 爱 你 ， 中国 。 但是这里没有分词，标点也不独立，所以它是普通的文本。\n", 30), Text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := Detect("a.txt", []byte(tt.in), Default()); d.Format != tt.want {
				t.Errorf("%s: %s", d.Format, d.Why)
			}
		})
	}
}

// FuzzSegmented holds that nothing is longer than it was and that all of it is read.
func FuzzSegmented(f *testing.F) {
	f.Add([]byte("19980101-01-001-001/m  [中央/n  电台/n]nt\n\n字/l/%\n"), uint8(0))
	f.Add([]byte("一_NN [某] /r\n]nt\n"), uint8(1))
	f.Add([]byte("19980101-01-001-001\r\n \n19980101-01-001-002 一"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, rule uint8) {
		in := one(Segmented, []string{RuleID, RuleFile, RuleLine, RuleBlankLine}[rule%4], "", data)
		in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
		documents, meta, rejects, counters := in.documents(t)
		if len(rejects) > 0 {
			t.Fatalf("rejects %v", rejects)
		}
		size := 0
		for i, d := range documents {
			size += len(d.Text)
			if !utf8.ValidString(d.Text) || strings.Contains(d.Text, "\n\n") || meta[i] != "" && rule%4 != 0 {
				t.Fatalf("document %q, metadata %q", d.Text, meta[i])
			}
		}
		if counters["invalid_utf8"] == 0 && size > len(data) {
			t.Fatalf("%d bytes out of %d", size, len(data))
		}
	})
}
