package vocab

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// recount is the slow way to count, by runes and maps.
func recount(texts ...string) map[rune]count {
	all := map[rune]count{}
	for _, text := range texts {
		seen := map[rune]bool{}
		for _, r := range text {
			c := all[r]
			c.Rune = r
			c.Count++
			if !seen[r] {
				c.Documents++
			}
			seen[r] = true
			all[r] = c
		}
	}
	return all
}

func byRune(counts []count) map[rune]count {
	all := map[rune]count{}
	for _, c := range counts {
		all[c.Rune] = c
	}
	return all
}

func column(texts ...string) *columnar.Strings {
	var s columnar.Strings
	for _, t := range texts {
		s.Append([]byte(t))
	}
	return &s
}

func TestTally(t *testing.T) {
	tests := []struct {
		name  string
		texts []string
	}{
		{"nothing", nil},
		{"empty documents", []string{"", "", "荆"}},
		{"one document is one character", []string{"荆", "楚", "a", "é", "𠀀"}},
		{"odd and even", []string{"荆楚大", "荆楚大地", "a荆楚大地"}},
		{"every length", []string{"aé荆𠀀a荆é𠀀荆荆aa𠀀𠀀éé", "荆a荆é荆𠀀"}},
		{"edges of the ranges", []string{"\x00\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"}},
		{"replacement character", []string{"\ufffd荆\ufffd"}},
		{"white space", []string{" \n\t\u3000\u00a0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := new(tally)
			a.add(column(tt.texts...))
			got, err := a.counts()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(recount(tt.texts...), byRune(got)); diff != "" {
				t.Error(diff)
			}
			if int(a.documents) != len(tt.texts) {
				t.Errorf("%d documents", a.documents)
			}
		})
	}
}

func TestTallyAnyText(t *testing.T) {
	runes := rapid.OneOf(
		rapid.RuneFrom([]rune("荆楚大地涌动，。")), rapid.RuneFrom([]rune("ab1 \n")), rapid.RuneFrom([]rune("éß\u0301")),
		rapid.RuneFrom([]rune("𠀀😀\U0010ffff")), rapid.Rune(),
	)
	rapid.Check(t, func(t *rapid.T) {
		batches := rapid.SliceOfN(rapid.SliceOfN(rapid.StringOfN(runes, 0, 300, -1), 0, 6), 0, 4).Draw(t, "batches")
		a := new(tally)
		var all []string
		for _, texts := range batches {
			a.add(column(texts...))
			all = append(all, texts...)
		}
		got, err := a.counts()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(recount(all...), byRune(got)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTallyInvalid(t *testing.T) {
	for _, text := range []string{"\xff", "荆楚\x80大地", "\xe8\x8d", "荆\xf0\x90\x80", "\xed\xa0\x80荆荆荆荆", "\xc0\x80", "\xe0\x8d\x86楚荆荆荆"} {
		a := new(tally)
		a.add(column("荆楚大地涌动", text, "荆楚"))
		if _, err := a.counts(); !errors.Is(err, errInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Texts longer than what is decoded at once, with something in any place that is not decoded so.
func TestTallyAcrossStretches(t *testing.T) {
	for shift := range 70 {
		text := strings.Repeat("x", shift) + strings.Repeat("荆楚大地，a", 300) + "😀" + strings.Repeat("荆楚", 300) + "\U0010ffff"
		a := new(tally)
		a.add(column(text, text[shift:]))
		got, err := a.counts()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(recount(text, text[shift:]), byRune(got)); diff != "" {
			t.Fatalf("shift %d: %s", shift, diff)
		}
	}
}

func FuzzTally(f *testing.F) {
	f.Add([]byte(strings.Repeat("荆楚a，", 20)+"😀é"), []byte("\xe8\x8d"))
	f.Add([]byte("\xe0\x8d\x86楚"), []byte("楚"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a := new(tally)
		a.add(column(string(first), string(second)))
		got, err := a.counts()
		if valid := utf8.Valid(first) && utf8.Valid(second); valid != (err == nil) {
			t.Fatalf("valid %v, %v", valid, err)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(recount(string(first), string(second)), byRune(got)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTallyDoesNotAllocate(t *testing.T) {
	var s columnar.Strings
	for i := range 100 {
		s.Append(pipelinetest.Chinese(uint64(i), 2000))
	}
	a := new(tally)
	a.add(&s)
	if n := testing.AllocsPerRun(10, func() { a.add(&s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkTally(b *testing.B) {
	var s columnar.Strings
	for i := range 1000 {
		s.Append(pipelinetest.Chinese(uint64(i), 3000))
	}
	chars := utf8.RuneCount(s.Data)
	a := new(tally)
	b.SetBytes(int64(len(s.Data)))
	for b.Loop() {
		a.add(&s)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(chars), "ns/char")
}
