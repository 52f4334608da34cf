package normalize

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text/words"
)

// segmentedBatch is a batch of documents in words, which stand in the text with gaps between them.
func segmentedBatch(documents ...[]string) *columnar.Batch {
	b := &columnar.Batch{}
	for i, list := range documents {
		var text strings.Builder
		var lengths []int32
		for _, w := range list {
			text.WriteString(strings.TrimPrefix(w, "~"))
			n := int32(utf8.RuneCountInString(strings.TrimPrefix(w, "~")))
			if strings.HasPrefix(w, "~") { // in no word
				n = -n
			}
			lengths = append(lengths, n)
		}
		b.File, b.Offset = append(b.File, 0), append(b.Offset, int64(i))
		b.Text.Append([]byte(text.String()))
		b.Meta.Append(words.AppendGiven([]byte(`{"a":1}`), 0, lengths))
	}
	return b
}

func givenIn(b *columnar.Batch, row int) (list []string, ok bool) {
	all, ok := words.Given(b.Meta.At(row), b.Text.At(row))
	if ok {
		for w := range all {
			list = append(list, string(w))
		}
	}
	return list, ok
}

func followed(t *testing.T, c Config, b *columnar.Batch) *columnar.Batch {
	t.Helper()
	c.KeepWords = true
	out, err := New(c).Process(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWordsFollowTheText(t *testing.T) {
	nfkc := Config{Profile: NFKC}
	for name, test := range map[string]struct {
		config Config
		in     []string
		want   []string
		lost   bool
	}{
		"nothing changes":            {Default(), []string{"荆楚", "大地", "~ ", "ok"}, []string{"荆楚", "大地", "ok"}, false},
		"full width":                 {Default(), []string{"１９９８", "年", "Ａ"}, []string{"1998", "年", "A"}, false},
		"spaces":                     {Default(), []string{"~  ", "一", "~\u3000\u3000", "二", "~\r\n", "三", "~\n"}, []string{"一", "二", "三"}, false},
		"what is in no word":         {Default(), []string{"一", "~ ，，\u200b ", "二", "~。"}, []string{"一", "二"}, false},
		"a word goes":                {Default(), []string{"一", "\u200b", "二"}, []string{"一", "二"}, false},
		"a part of a word goes":      {Default(), []string{"一\ufeff二", "三"}, []string{"一二", "三"}, false},
		"a word of decomposed parts": {Default(), []string{"cafe\u0301", "~ ", "一"}, []string{"caf\u00e9", "一"}, false},
		"two words compose":          {Default(), []string{"e", "\u0301", "一"}, nil, true},
		"a mask":                     {Config{PII: PII{allKinds: Mask}}, []string{"电话", "１３８００１３８０００", "。"}, []string{"电话", "00000000000", "。"}, false},
		"nfkc":                       {nfkc, []string{"①", "㎡", "ｶﾞ", "~ ", "一"}, []string{"1", "m2", "ガ", "一"}, false},
		"nfkc begins with a blank":   {nfkc, []string{"一", "\u00a8", "二"}, []string{"一", " \u0308", "二"}, false},
		"none":                       {Config{Profile: None}, []string{"１", "~ ", "\u200b"}, []string{"１", "\u200b"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := followed(t, test.config, segmentedBatch([]string{"前"}, test.in, []string{"后"}))
			got, ok := givenIn(b, 1)
			if ok == test.lost || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v, of %q; %s", got, ok, b.Text.At(1), b.Meta.At(1))
			}
			if n := b.Counters[ingest.CounterLostWords]; (n == 1) != test.lost {
				t.Errorf("%d documents lost words", n)
			}
			for row, want := range []string{"前", "", "后"} {
				if got, _ := givenIn(b, row); want != "" && !slices.Equal(got, []string{want}) {
					t.Errorf("row %d: %q", row, got)
				}
			}
			if test.lost && string(b.Meta.At(1)) != `{"a":1}` {
				t.Errorf("metadata is %s", b.Meta.At(1))
			}
		})
	}
}

// Without the setting metadata stays as it came, and nothing of the rest is other with it.
func TestWordsAreLeftAlone(t *testing.T) {
	in := func() *columnar.Batch {
		return segmentedBatch([]string{"１", "~ ", "二"}, []string{"\u200b"}, []string{"三"})
	}
	b, err := New(Default()).Process(t.Context(), in())
	if err != nil {
		t.Fatal(err)
	}
	want := in()
	for row, of := range []int{0, 2} {
		if string(b.Meta.At(row)) != string(want.Meta.At(of)) {
			t.Errorf("metadata %s", b.Meta.At(row))
		}
	}
	with := followed(t, Default(), in())
	if string(with.Text.Data) != string(b.Text.Data) || fmt.Sprint(with.Counters) != fmt.Sprint(b.Counters) || with.Len() != 2 || len(with.Rejects) != 1 {
		t.Errorf("%q, %v; without %q, %v", with.Text.Data, with.Counters, b.Text.Data, b.Counters)
	}
	if got, ok := givenIn(with, 1); !ok || !slices.Equal(got, []string{"三"}) {
		t.Errorf("behind a document that was dropped: %q", got)
	}
}

// Whatever the words are: those that are kept are what the profile makes of each, in order, and the text is the same as without them.
func TestWordsFollowAnyText(t *testing.T) {
	letters := []rune("荆楚大地aé\u0301\u0327e１Ａ①㎡ｶﾞ\u3000 \t\n\r\u00a0\u200b\ufeff\ufe0f☺⺟가ᄀ\u11a8。，")
	rapid.Check(t, func(t *rapid.T) {
		c := Config{Profile: rapid.SampledFrom([]string{ZhSafe, NFKC, None}).Draw(t, "profile"), KeepWords: true}
		list := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom(letters), 1, 4, -1), 1, 12).Draw(t, "words")
		for i := range list {
			if rapid.IntRange(0, 3).Draw(t, "gap") == 0 {
				list[i] = "~" + list[i]
			}
		}
		b, err := New(c).Process(t.Context(), segmentedBatch(list))
		if err != nil {
			t.Fatal(err)
		}
		c.KeepWords = false
		plain, err := New(c).Process(t.Context(), segmentedBatch(list))
		if err != nil {
			t.Fatal(err)
		}
		if string(b.Text.Data) != string(plain.Text.Data) || b.Len() != plain.Len() {
			t.Fatalf("text %q, without words %q", b.Text.Data, plain.Text.Data)
		}
		if b.Len() == 0 {
			return
		}
		got, ok := givenIn(b, 0)
		if !ok {
			if b.Counters[ingest.CounterLostWords] != 1 {
				t.Fatalf("the words are lost, and not counted: %s", b.Meta.At(0))
			}
			return
		}
		var want []string
		for _, w := range list {
			if strings.HasPrefix(w, "~") {
				continue
			}
			n, err := New(c).Process(t.Context(), segmentedBatch([]string{w}))
			if err != nil {
				t.Fatal(err)
			}
			if n.Len() > 0 {
				want = append(want, string(n.Text.At(0)))
			}
		}
		// A blank at the edge of a word stays where the text keeps it, and is the word's own then: no format makes such words.
		same := func(is, should string) bool { return is == should || strings.TrimFunc(is, unicode.IsSpace) == should }
		if !slices.EqualFunc(slices.DeleteFunc(got, func(w string) bool { return strings.TrimFunc(w, unicode.IsSpace) == "" && !slices.Contains(want, w) }), want, same) {
			t.Fatalf("%q of %q, want %q", got, b.Text.At(0), want)
		}
	})
}
