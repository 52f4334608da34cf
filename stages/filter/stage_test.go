package filter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

func batchOf(texts ...string) *columnar.Batch {
	b := &columnar.Batch{}
	for i, t := range texts {
		b.File = append(b.File, 3)
		b.Offset = append(b.Offset, int64(100*i))
		b.Text.Append([]byte(t))
		b.Meta.Append(nil)
		b.Chars = append(b.Chars, int32(utf8.RuneCountInString(t)))
	}
	return b
}

// made is the stage of a list of filters of the table.
func made(l List) (pipeline.Stage, error) {
	r, err := Compile(l, nil, nil)
	return New(r, nil, nil), errors.Join(err, l.Validate())
}

const news = "荆楚大地涌动『温暖』潮\n本报记者董友斌、通讯员文立群报道：春节前夕，湖北省总工会为困难职工送温暖。"

// stageCases are texts that stay, and such as go for a reason. TestEveryFilterHasCases says which there must be.
var stageCases = []struct {
	name   string
	list   string
	text   string
	reason string
	detail string
}{
	{name: "long enough", list: "min_chars: 5", text: "春节快乐！"},
	{name: "line ends count", list: "min_chars: 6", text: "春节\n快乐！"},
	{
		name: "too short by one", list: "min_chars: 6", text: "春节快乐！",
		reason: "min_chars", detail: "5 characters, fewer than 6: 春节快乐！",
	},
	{name: "short enough", list: "max_chars: 5", text: "春节快乐！"},
	{
		name: "too long", list: "max_chars: 4", text: "春节\n快乐",
		reason: "max_chars", detail: "5 characters, more than 4: 春节 快乐",
	},
	{name: "Han", list: "min_han_share: 0.8", text: news},
	{name: "Han at the bound, spaces do not count", list: "min_han_share: 0.5", text: "汉 字\u3000ab\n"},
	{
		name: "too little Han", list: "min_han_share: 0.500001", text: "汉字ab",
		reason: "min_han_share", detail: "2 of 4 characters are Han, less than 0.500001: 汉字ab",
	},
	{
		name: "punctuation is not Han", list: "min_han_share: 0.1", text: "，。《》",
		reason: "min_han_share", detail: "0 of 4 characters are Han, less than 0.1: ，。《》",
	},
	{
		name: "no visible character", list: "min_han_share: 0.000001", text: " \u3000",
		reason: "min_han_share", detail: "0 of 0 characters are Han, less than 0.000001:  \u3000",
	},
	{name: "no line repeats", list: "max_duplicate_line_share: 0", text: news},
	{name: "empty lines do not repeat", list: "max_duplicate_line_share: 0", text: "甲\n\n \n\t\n乙\n\n"},
	{name: "half is at the bound", list: "max_duplicate_line_share: 0.5", text: "广告\n广告"},
	{
		name: "more than half", list: "max_duplicate_line_share: 0.5", text: "广告\n 广告\r\n广告",
		reason: "max_duplicate_line_share",
		detail: "4 of 6 characters are in repeated lines, more than 0.5: 广告  广告  广告",
	},
	{name: "a tenth is at the bound", list: "max_digit_share: 0.1", text: "第7条第1款七⑦Ⅶ\n春节快乐，万事如意。"},
	{
		name: "digits of any script", list: "max_digit_share: 0.5", text: "7７٧७ 一二",
		reason: "max_digit_share", detail: "4 of 7 characters are digits, more than 0.5: 7７٧७ 一二",
	},
	{name: "no digit", list: "max_digit_share: 0", text: news},
	{name: "no text", list: "max_duplicate_line_share: 0", text: ""},
	{
		name: "the first entry that is not met", list: "max_chars: 100, min_han_share: 1, min_chars: 9",
		text: "abc", reason: "min_han_share", detail: "0 of 3 characters are Han, less than 1: abc",
	},
	// text-dedup drops 欢迎来到阿里巴巴 for being one word of `\w`: a filter counts characters.
	{name: "one unbroken run of Han", list: "min_chars: 8", text: "欢迎来到阿里巴巴"},
}

func TestStage(t *testing.T) {
	for _, c := range stageCases {
		t.Run(c.name, func(t *testing.T) {
			s, err := made(written(t, c.list))
			if err != nil {
				t.Fatal(err)
			}
			in := batchOf("", c.text, c.text)
			in.Keep([]bool{false, true, true})
			b, err := s.Process(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if c.reason == "" {
				if b.Len() != 2 || len(b.Rejects) != 0 || string(b.Text.At(1)) != c.text {
					t.Errorf("%d rows, rejects %+v", b.Len(), b.Rejects)
				}
				return
			}
			want := []columnar.Reject{
				{File: 3, Filtered: true, Offset: 100, Bytes: int64(len(c.text)), Reason: c.reason, Detail: c.detail},
				{File: 3, Filtered: true, Offset: 200, Bytes: int64(len(c.text)), Reason: c.reason, Detail: c.detail},
			}
			if diff := cmp.Diff(want, b.Rejects); diff != "" {
				t.Error(diff)
			}
			if b.Len() != 0 {
				t.Errorf("%d rows stay", b.Len())
			}
		})
	}
}

// Documents that stay keep their order and all of their columns.
func TestStageKeepsRows(t *testing.T) {
	s, err := made(written(t, "min_chars: 3"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Process(t.Context(), batchOf("一二三", "一二", "四五六七", "", "八九十"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{0, 200, 400}, b.Offset); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int32{3, 4, 3}, b.Chars); diff != "" {
		t.Error(diff)
	}
	if string(b.Text.Data) != "一二三四五六七八九十" || len(b.Rejects) != 2 || b.Meta.Len() != 3 {
		t.Errorf("text %q, rejects %+v", b.Text.Data, b.Rejects)
	}
}

func TestStageNeedsChars(t *testing.T) {
	s, err := made(written(t, "min_chars: 3"))
	if err != nil {
		t.Fatal(err)
	}
	b := batchOf("一二三")
	b.Chars = nil
	if _, err := s.Process(t.Context(), b); err == nil {
		t.Error("no error")
	}
}

func TestDetailIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text") + strings.Repeat(rapid.SampledFrom([]string{"", "漢", "𠮷", "\n"}).Draw(t, "more"), 100)
		if d := detail(strings.Repeat("9", rapid.IntRange(0, 300).Draw(t, "figure")), []byte(in)); len(d) > detailBytes ||
			!utf8.ValidString(d) || strings.ContainsAny(d, "\n\x00") {
			t.Fatalf("%d bytes: %q", len(d), d)
		}
	})
}

// slowLines is lineSet.count said plainly.
func slowLines(t string) (repeated, all int) {
	seen := map[string]bool{}
	for line := range strings.SplitSeq(t, "\n") {
		line = strings.Trim(line, " \t\r")
		n := utf8.RuneCountInString(line)
		all += n
		if seen[line] {
			repeated += n
		}
		seen[line] = true
	}
	return repeated, all
}

func TestLines(t *testing.T) {
	var s lineSet
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"甲", "乙", "\n", "\n", "\n甲\n", " ", "\t\r", "参考文献", "a", "\n\n",
		})).Draw(t, "pieces"), "")
		repeated, all := s.count([]byte(in))
		if r, a := slowLines(in); r != repeated || a != all {
			t.Fatalf("%q: %d of %d, want %d of %d", in, repeated, all, r, a)
		}
	})
}

// Texts of many lines and of few: what the set held of other texts never counts.
func TestLinesOfManySizes(t *testing.T) {
	var s lineSet
	for _, n := range []int{1, 100_000, 3, 40_000, 1000, 0} {
		var in strings.Builder
		for i := range n {
			fmt.Fprintf(&in, "第%d行\n", i%(n/2+1))
		}
		repeated, all := s.count([]byte(in.String()))
		if r, a := slowLines(in.String()); r != repeated || a != all {
			t.Errorf("%d lines: %d of %d, want %d of %d", n, repeated, all, r, a)
		}
	}
}

func sampleBatch(n, size int) *columnar.Batch {
	rng := rand.New(rand.NewPCG(1, 1))
	texts := make([]string, n)
	for i := range texts {
		var out []byte
		for len(out) < size {
			f := rng.Float64()
			out = utf8.AppendRune(out, 0x4E00+rune(f*f*f*20000))
			if rng.IntN(12) == 0 {
				out = append(out, "，"...)
			}
			if rng.IntN(60) == 0 {
				out = append(out, '\n')
			}
		}
		texts[i] = string(out)
	}
	return batchOf(texts...)
}

func TestStageDoesNotAllocate(t *testing.T) {
	list := tableExample(t)
	s, err := made(list)
	if err != nil {
		t.Fatal(err)
	}
	b := sampleBatch(100, 3000)
	if n := testing.AllocsPerRun(10, func() {
		if _, err := s.Process(t.Context(), b); err != nil || b.Len() != 100 {
			t.Fatal(b.Len(), err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for 100 documents", n)
	}
}

func BenchmarkFilters(b *testing.B) {
	list := tableExample(b)
	batch := sampleBatch(1000, 4000)
	for i, f := range filters {
		b.Run(f.name, func(b *testing.B) {
			s, err := made(list[i : i+1])
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(batch.Text.Data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Process(b.Context(), batch); err != nil || batch.Len() != 1000 {
					b.Fatal(batch.Len(), err)
				}
			}
		})
	}
}

// What is dropped is kept for people to read where that is asked for, with its reject, and nothing else is.
func TestKeepsRemoved(t *testing.T) {
	r, err := Compile(written(t, "min_chars: 3"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := []int64{}
	s := New(r, nil, func(file int32, offset int64) bool {
		asked = append(asked, offset)
		return file == 3 && offset != 200
	})
	in := batchOf("春节", "春节快乐", "二", "三三")
	in.Meta.Reset()
	for _, meta := range []string{`{"n":0}`, `{"n":1}`, `{"n":2}`, ""} {
		in.Meta.Append([]byte(meta))
	}
	in.Rejects = []columnar.Reject{{Reason: "of a stage before"}}
	b, err := s.Process(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var want columnar.Removed
	want.Add(1, []byte("春节"), []byte(`{"n":0}`), 2)
	want.Add(3, []byte("三三"), nil, 2)
	if diff := cmp.Diff(want, b.Removed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{0, 200, 300}, asked); diff != "" || b.Len() != 1 || string(b.Text.At(0)) != "春节快乐" || len(b.Rejects) != 4 {
		t.Errorf("%s %d %+v", diff, b.Len(), b.Rejects)
	}
	if b.Reset(); b.Removed.Len() != 0 {
		t.Error("a batch that begins anew has documents of the one before")
	}
}
