package normalize

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// batchOf makes a batch of one file whose records lie 100 bytes apart.
func batchOf(texts ...string) *columnar.Batch {
	b := &columnar.Batch{}
	for i, t := range texts {
		b.File = append(b.File, 3)
		b.Offset = append(b.Offset, int64(100*i))
		b.Text.Append([]byte(t))
		b.Meta.Append([]byte(`{"title":"　１ "}`))
	}
	return b
}

func textsOf(b *columnar.Batch) []string {
	var out []string
	for i := range b.Text.Len() {
		out = append(out, string(b.Text.At(i)))
	}
	return out
}

func TestStage(t *testing.T) {
	in := []string{"", "１９９４年", " \u3000\n", "①1998", "\uFEFF"}
	for _, c := range []struct {
		profile  string
		texts    []string
		chars    []int32
		rejected []int64 // offsets
		counters columnar.Counters
	}{
		{
			"",
			[]string{"1994年", "①1998"},
			[]int32{5, 5},
			[]int64{0, 200, 400},
			columnar.Counters{"fullwidth": 4, "spaces": 1, "invisible": 1, "trimmed": 3},
		},
		{
			ZhSafe,
			[]string{"1994年", "①1998"},
			[]int32{5, 5},
			[]int64{0, 200, 400},
			columnar.Counters{"fullwidth": 4, "spaces": 1, "invisible": 1, "trimmed": 3},
		},
		{NFKC, []string{"1994年", "  \n", "11998", "\uFEFF"}, []int32{5, 3, 5, 1}, []int64{0}, columnar.Counters{"nfkc": 6}},
		{None, []string{"１９９４年", " \u3000\n", "①1998", "\uFEFF"}, []int32{5, 3, 5, 1}, []int64{0}, nil},
	} {
		t.Run(c.profile, func(t *testing.T) {
			s := New(Config{Profile: c.profile})
			for range 2 { // the second time with the memory of the first
				b, err := s.Process(t.Context(), batchOf(in...))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.texts, textsOf(b)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(c.chars, b.Chars); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(c.counters, b.Counters); diff != "" {
					t.Error(diff)
				}
				var offsets []int64
				for _, r := range b.Rejects {
					offsets = append(offsets, r.Offset)
					if r.File != 3 || r.Scope != columnar.ScopeDocument || !r.Filtered || r.Reason != ingest.ReasonEmpty {
						t.Errorf("reject %+v", r)
					}
				}
				if diff := cmp.Diff(c.rejected, offsets); diff != "" {
					t.Error(diff)
				}
				if b.Meta.Len() != len(c.texts) || string(b.Meta.At(0)) != `{"title":"　１ "}` {
					t.Errorf("metadata was touched: %q", b.Meta.Data)
				}
				if b.Len()+len(b.Rejects) != len(in) {
					t.Error("invariant 7: the sum does not add up")
				}
			}
		})
	}
}

func TestStageWithoutRows(t *testing.T) {
	for _, profile := range profiles {
		b, err := New(Config{Profile: profile}).Process(t.Context(), &columnar.Batch{})
		if err != nil || b.Len() != 0 || len(b.Rejects) != 0 {
			t.Errorf("%s: %+v, %v", profile, b, err)
		}
	}
}

// What does not fit the 32-bit offsets of a batch is rejected, and the rest goes on.
func TestStageLimit(t *testing.T) {
	s := New(Config{Profile: NFKC}).(*Stage)
	s.limit = 20
	b, err := s.Process(t.Context(), batchOf("甲", "ﷺ", "乙"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"甲", "乙"}, textsOf(b)); diff != "" {
		t.Error(diff)
	}
	if len(b.Rejects) != 1 || b.Rejects[0].Reason != ingest.ReasonTooLarge || b.Rejects[0].Filtered || b.Rejects[0].Offset != 100 {
		t.Errorf("rejects %+v", b.Rejects)
	}
}

func TestConfig(t *testing.T) {
	for _, profile := range []string{"", ZhSafe, NFKC, None} {
		if err := (Config{Profile: profile}).Validate(); err != nil {
			t.Errorf("%q: %v", profile, err)
		}
	}
	err := Config{Profile: "nfd"}.Validate()
	if err == nil || !strings.HasPrefix(err.Error(), "normalize.profile: ") || !strings.Contains(err.Error(), ZhSafe) {
		t.Errorf("error %v", err)
	}
	if err := Default().Validate(); err != nil || Default().Profile != ZhSafe {
		t.Errorf("default %+v, %v", Default(), err)
	}
}

func TestStageDoesNotAllocate(t *testing.T) {
	for _, profile := range profiles {
		t.Run(profile, func(t *testing.T) {
			s := New(Config{Profile: profile})
			texts := make([]string, 200)
			for i := range texts {
				texts[i] = sampleText(uint64(i), 2000, true) + "cafe\u0301か\u3099ﾊﾟ"
			}
			source := batchOf(texts...)
			b := &columnar.Batch{}
			process := func() {
				b.Reset()
				b.File = append(b.File, source.File...)
				b.Offset = append(b.Offset, source.Offset...)
				b.Text.Offsets = append(b.Text.Offsets, source.Text.Offsets...)
				b.Text.Data = append(b.Text.Data, source.Text.Data...)
				b.Meta.Offsets = append(b.Meta.Offsets, source.Meta.Offsets...)
				b.Meta.Data = append(b.Meta.Data, source.Meta.Data...)
				if _, err := s.Process(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			process()
			process() // the two text columns change places
			// The counters of a batch are a map: a handful of allocations for 200 documents.
			if n := testing.AllocsPerRun(10, process); n > 10 {
				t.Errorf("%v allocations for %d documents", n, len(texts))
			}
		})
	}
}

// sampleText makes n bytes or a little more of Chinese news prose: paragraphs, punctuation, numbers, now and then Latin. Wide
// text is as old corpora have it: indents of U+3000, full-width digits and letters, CRLF.
func sampleText(seed uint64, n int, wide bool) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	number, word, end := []string{"1998", "25", "7.5"}, []string{"GDP", "WTO"}, "\n"
	if wide {
		number, word, end = []string{"１９９８", "２５", "７．５"}, []string{"ＧＤＰ", "ＷＴＯ"}, "\r\n\u3000\u3000"
	}
	var out []byte
	for len(out) < n {
		switch k := rng.IntN(200); {
		case k < 176:
			f := rng.Float64()
			out = utf8.AppendRune(out, 0x4E00+rune(f*f*f*20000))
		case k < 192:
			out = append(out, []string{"，", "。", "、", "“", "”", "："}[rng.IntN(6)]...)
		case k < 196:
			out = append(out, number[rng.IntN(len(number))]...)
		case k < 198:
			out = append(out, word[rng.IntN(len(word))]...)
		default:
			out = append(out, end...)
		}
	}
	return string(out)
}

func BenchmarkProfiles(b *testing.B) {
	english := strings.Repeat("It was the best of times, it was the worst of times;\n", 80)
	for _, c := range []struct {
		profile, name, text string
	}{
		{ZhSafe, "clean", sampleText(1, 4000, false)},
		{ZhSafe, "wide", sampleText(1, 4000, true)},
		{ZhSafe, "english", english},
		{ZhSafe, "decomposed", strings.Repeat("Tie\u0302\u0301ng Vie\u0323\u0302t ", 200)},
		{NFKC, "wide", sampleText(1, 4000, true)},
		{None, "wide", sampleText(1, 4000, true)},
	} {
		b.Run(c.profile+"/"+c.name, func(b *testing.B) {
			texts := make([]string, 1000)
			for i := range texts {
				texts[i] = c.text
				if c.name == "clean" || c.name == "wide" {
					texts[i] = sampleText(uint64(i), 4000, c.name == "wide")
				}
			}
			source := batchOf(texts...)
			s := New(Config{Profile: c.profile})
			batch := &columnar.Batch{}
			b.SetBytes(int64(len(source.Text.Data)))
			b.ReportAllocs()
			for b.Loop() {
				batch.Reset()
				batch.File = append(batch.File, source.File...)
				batch.Offset = append(batch.Offset, source.Offset...)
				batch.Text.Offsets = append(batch.Text.Offsets, source.Text.Offsets...)
				batch.Text.Data = append(batch.Text.Data, source.Text.Data...)
				batch.Meta.Offsets = append(batch.Meta.Offsets, source.Meta.Offsets...)
				batch.Meta.Data = append(batch.Meta.Data, source.Meta.Data...)
				if _, err := s.Process(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTables is what the first use costs.
func BenchmarkTables(b *testing.B) {
	for b.Loop() {
		buildClasses()
	}
}
