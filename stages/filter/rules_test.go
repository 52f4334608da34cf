package filter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
)

// toy is a family of two signals that notes which texts it measured.
type toy struct{ measured []string }

func (m *toy) Measure(d *signal.Document, out []int64) {
	m.measured = append(m.measured, string(d.Text))
	out[0] = int64(bytes.Count(d.Text, []byte("!")))
	out[1] = signal.Share(out[0], int64(d.Chars))
}

// toyFamilies are a cheap and a costly one, and what measures in them.
func toyFamilies() (families []signal.Family, cheap, costly *toy) {
	cheap, costly = &toy{}, &toy{}
	return []signal.Family{
		{Name: "cheap", Columns: []signal.Column{{Name: "chars"}, {Name: "mark_share", Unit: rule.Share}}, New: func() signal.Measurer { return cheap }},
		{Name: "none", New: func() signal.Measurer { return &toy{} }},
		{
			Name: "costly", Columns: []signal.Column{{Name: "dear_00c0ffee"}, {Name: "dear_share", Unit: rule.Share}},
			New: func() signal.Measurer { return costly },
		},
	}, cheap, costly
}

var toyPresets = []rule.Preset{{Name: "few", Note: "few marks", Rules: []rule.Named{{Name: "long", Rule: "chars >= 2"}, {Name: "marks", Rule: "mark_share <= 0.5"}}}}

func toyRules(t testing.TB, entries string) (r *Rules, cheap, costly *toy) {
	t.Helper()
	families, cheap, costly := toyFamilies()
	list := written(t, entries)
	r, err := Compile(list, families, toyPresets)
	if err := errors.Join(list.Validate(), err); err != nil {
		t.Fatal(err)
	}
	return r, cheap, costly
}

func toyFile(int32) (source, path string) { return "forum", "a.jsonl" }

// A document goes for the first rule that it does not meet, with the figure; families are measured when a rule needs them, once.
func TestRules(t *testing.T) {
	r, cheap, costly := toyRules(t, `few, min_chars: 3, loud: "dear <= 2", "source == 'forum' and dear_share < 0.4", mine: few`)
	b, err := New(r, toyFile, nil).Process(t.Context(), batchOf("a", "!!", "ab", "abcd!!!", "ab!!c", "abcdefgh"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range b.Rejects {
		got = append(got, x.Reason+": "+x.Detail)
	}
	want := []string{
		"few:long: chars is 1, not >= 2: a",
		"few:marks: mark_share is 1, not <= 0.5: !!",
		"min_chars: 2 characters, fewer than 3: ab",
		"loud: dear_00c0ffee is 3, not <= 2: abcd!!!",
		"source == 'forum' and dear_share < 0.4: dear_share is 0.4, not: ab!!c",
	}
	want[4] = "source == 'forum' and dear_share < 0.4: dear_share is 0.4: ab!!c"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if b.Len() != 1 || string(b.Text.At(0)) != "abcdefgh" {
		t.Errorf("%d stay", b.Len())
	}
	if diff := cmp.Diff([]string{"!!", "ab", "abcd!!!", "ab!!c", "abcdefgh"}, cheap.measured); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"abcd!!!", "ab!!c", "abcdefgh"}, costly.measured); diff != "" {
		t.Error(diff)
	}
}

// What a document lacks is a rule that it does not meet, and ends nothing.
func TestRuleThatCannotBeTold(t *testing.T) {
	r, _, _ := toyRules(t, `"metadata.score > 3"`)
	b := batchOf("a", "b", "c")
	b.Meta = columnar.Strings{}
	for _, m := range []string{`{"score": 4}`, `{}`, `{"score": "x"}`} {
		b.Meta.Append([]byte(m))
	}
	b, err := New(r, toyFile, nil).Process(t.Context(), b)
	if err != nil || b.Len() != 1 || len(b.Rejects) != 2 {
		t.Fatal(b.Len(), b.Rejects, err)
	}
	if d := b.Rejects[0].Detail; !strings.HasPrefix(d, "it cannot be told: invalid operation: <nil> > int") {
		t.Error(d)
	}
}

func TestRulesAreRefused(t *testing.T) {
	families, _, _ := toyFamilies()
	_, err := Compile(written(t, `"chars >= 5.5", fev, x: "mark_shar > 0.1", min_chars: 0, "dear > 1 or y"`), families, toyPresets)
	want := []string{
		`filter[0]: chars is a count: "5.5" is not a whole number in range`,
		`filter[1]: unknown preset "fev": known are few; a rule is NAME OP NUMBER, as chars >= 50`,
		`filter[2]: unknown signal "mark_shar" (did you mean mark_share?)`,
		`filter[4]: unknown signal "y" (known are document: chars; cheap: mark_share; costly: dear_00c0ffee dear_share)`,
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), fmt.Sprint(err)); diff != "" {
		t.Error(diff)
	}
	if _, err := Compile(List{{Rule: "few"}}, nil, toyPresets); err == nil || !strings.HasPrefix(err.Error(), "filter[0]: preset few: marks: unknown signal") {
		t.Error(err)
	}
}

// The reason of a rule without a name is the rule, bounded and on one line.
func TestReasonOfRule(t *testing.T) {
	for in, want := range map[string]string{
		" chars  >=\n50 ":        "chars >= 50",
		"chars > 1 or \x00\xffa": "chars > 1 or a",
		strings.Repeat("汉", 100): strings.Repeat("汉", 32) + "…",
	} {
		if got := reasonOf(in); got != want || len(got) > reasonBytes {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRulesDoNotAllocate(t *testing.T) {
	families, _, _ := toyFamilies()
	families[0].New = func() signal.Measurer { return quiet{} }
	r, err := Compile(written(t, `few, "mark_share >= 0.0", "chars > 3", min_han_share: 0.1`), families, toyPresets)
	if err != nil {
		t.Fatal(err)
	}
	s, b := New(r, toyFile, nil), sampleBatch(100, 300)
	if n := testing.AllocsPerRun(10, func() {
		if _, err := s.Process(t.Context(), b); err != nil || b.Len() != 100 {
			t.Fatal(b.Len(), err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for 100 documents", n)
	}
}

type quiet struct{}

func (quiet) Measure(_ *signal.Document, out []int64) { clear(out) }

// A trial counts what the stage would drop, alone and in order, whatever the blocks, and shows what is nearest to the bounds.
func TestTrial(t *testing.T) {
	families, _, _ := toyFamilies()
	list := written(t, `min_chars: 2, short: "chars <= 6", "mark_share < 0.5", "source == 'b' or chars != 4"`)
	r, err := Compile(list.AsRules(), append(families, TableFamily()), nil)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"a", "ab", "abcdefg", "!!a", "abcd", "abcdef", "", "!!!!!!!!"}
	values := make([][]int64, len(r.Signals))
	tester := r.Tester()
	for i, text := range texts {
		tester.Next(&Document{Text: []byte(text), Chars: len(text), Source: "ab"[i%2 : i%2+1]})
		for k, v := range tester.MeasureAll() {
			values[k] = append(values[k], v)
		}
	}
	file := func(i int) (string, string, []byte) { return "ab"[i%2 : i%2+1], "", nil }
	for _, size := range []int{1, 3, len(texts)} {
		trial := r.Trial(2, true)
		for from := 0; from < len(texts); from += size {
			to := min(from+size, len(texts))
			b := &Block{
				Len: to - from, File: func(i int) (string, string, []byte) { return file(from + i) },
				Place: func(i int) any { return texts[from+i] }, Columns: make([][]int64, len(values)),
			}
			for k := range values {
				b.Columns[k] = values[k][from:to]
			}
			trial.Add(b)
		}
		var got []string
		for k := range r.All {
			of := &trial.Rules[k]
			line := []string{fmt.Sprint(r.All[k].Reason, " ", of.Alone, " ", of.InOrder)}
			for _, e := range append(of.Inside, of.Outside...) {
				line = append(line, fmt.Sprintf("%v(%s)", e.Place, e.Says))
			}
			got = append(got, strings.Join(line, " "))
		}
		want := []string{
			"min_chars 2 2 ab(chars is 2) !!a(chars is 3) a(chars is 1) (chars is 0)",
			"short 2 2 abcdef(chars is 6) abcd(chars is 4) abcdefg(chars is 7) !!!!!!!!(chars is 8)",
			"mark_share < 0.5 2 1 a(mark_share is 0) ab(mark_share is 0) !!a(mark_share is 0.666666) !!!!!!!!(mark_share is 1)",
			"source == 'b' or chars != 4 1 1 a(chars is 1) ab(chars is 2) abcd(chars is 4)",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if trial.Documents != 8 || trial.Kept != 2 {
			t.Errorf("%d kept of %d", trial.Kept, trial.Documents)
		}
		if diff := cmp.Diff(map[string]*SourceTrial{
			"a": {Documents: 4, Alone: []int64{2, 1, 0, 1}, InOrder: []int64{2, 1, 0, 1}},
			"b": {Documents: 4, Kept: 2, Alone: []int64{0, 1, 2, 0}, InOrder: []int64{0, 1, 1, 0}},
		}, trial.Sources); diff != "" {
			t.Error(diff)
		}
	}
}

// BenchmarkTrial is a trial of a million documents by 20 bounds.
func BenchmarkTrial(b *testing.B) {
	const documents, block = 1_000_000, 8192
	families, _, _ := toyFamilies()
	var list List
	for i := range 20 {
		list = append(list, Entry{Rule: fmt.Sprintf("mark_share <= 0.%02d", 99-i)})
	}
	r, err := Compile(list, families, nil)
	if err != nil {
		b.Fatal(err)
	}
	column := make([]int64, block)
	for i := range column {
		column[i] = int64(i*7919) % signal.Millionths
	}
	for b.Loop() {
		trial := r.Trial(2, false)
		for n := 0; n < documents; n += block {
			columns := make([][]int64, len(r.Signals))
			for k := range columns {
				columns[k] = column
			}
			trial.Add(&Block{Len: block, Columns: columns, Place: func(int) any { return nil }})
		}
	}
}
