package words

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/text/jieba"
)

func cut(text string) []string {
	var list []string
	for _, w := range New(jieba.Default()).Cut(nil, []byte(text)) {
		list = append(list, text[w.Start:w.End])
	}
	return list
}

// TestWords: which pieces are words, and who cuts what.
func TestWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" \n，。！—…", ""},
		{"我来到北京清华大学。", "我|来到|北京|清华大学"},
		{"The quick (\"brown\") fox can't jump 32.3 feet, right?", "The|quick|brown|fox|can't|jump|32.3|feet|right"},
		{"国务院 issued 3 orders，其中 order No. 5 是新的", "国务院|issued|3|orders|其中|order|No|5|是|新|的"},
		{"iPhone15手机和C++语言 C++", "iPhone15|手机|和|C++|语言|C"},
		{"增长3.5%，约100%", "增长|3.5%|约|100%"},
		{"增加 100%", "增加|100"},
		{"東京タワーとカタカナ", "東京|タワー|と|カタカナ"},
		{"한국어 단어", "한국어|단어"},
		{"Привет, мир! naïve café", "Привет|мир|naïve|café"},
		{"e\u0301a 中\u0301文", "e\u0301a|中|文"},
		{"😀👨‍👩‍👧🇨🇳 ok", "ok"},
		{"𠮷野家〇々", "𠮷|野家|〇|々"},
		{"ａｂｃ１２３ ½ Ⅷ ①", "ａｂｃ１２３|½|Ⅷ|①"},
		{"_abc __ a_b 1,000.5 1.2.3", "_abc|a_b|1,000.5|1.2.3"},
		{"\xff中\xe4\xb8文a\xffb", "中|文|a|b"},
		{"שלום \"עולם\" صباح الخير", "שלום|עולם|صباح|الخير"},
	} {
		if got := strings.Join(cut(c.text), "|"); got != c.want {
			t.Errorf("%q: %s, not %s", c.text, got, c.want)
		}
	}
}

// TestNothingAllocated: a text costs no memory once scratch has grown.
func TestNothingAllocated(t *testing.T) {
	text := []byte(strings.Repeat("国务院关于印发《发展规划》的通知 can't be 3.5% naïve。\r\n", 50))
	c := New(jieba.Default())
	list := c.Cut(nil, text)
	if n := testing.AllocsPerRun(10, func() { list = c.Cut(list[:0], text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzCut: the words of any bytes follow each other, have something of a word, and miss nothing that has.
func FuzzCut(f *testing.F) {
	for _, text := range []string{"", "国务院 issued 3 orders，3.5%的", "e\u0301 中\u0301_", "\xff中\xe4\xb8文\r", "𠮷😀か"} {
		f.Add([]byte(text))
	}
	c := New(jieba.Default())
	f.Fuzz(func(t *testing.T, text []byte) {
		last := int32(0)
		for _, w := range append(c.Cut(nil, text), Word{int32(len(text)), int32(len(text))}) {
			if w.Start < last || w.End > int32(len(text)) || w.End < w.Start {
				t.Fatalf("a word from %d to %d after %d", w.Start, w.End, last)
			}
			if c.isWord(text[last:w.Start]) {
				t.Fatalf("%q is no word", text[last:w.Start])
			}
			if w.End > w.Start && !c.isWord(text[w.Start:w.End]) {
				t.Fatalf("%q is a word", text[w.Start:w.End])
			}
			last = w.End
		}
	})
}
