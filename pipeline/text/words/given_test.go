package words

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func givenWords(meta, text string) (list []string, ok bool) {
	words, ok := Given([]byte(meta), []byte(text))
	if !ok {
		return nil, false
	}
	for w := range words {
		list = append(list, string(w))
	}
	return list, true
}

func TestGiven(t *testing.T) {
	for _, test := range []struct {
		meta, text string
		want       []string
		ok         bool
	}{
		{`{"words":[2,-1,1,3]}`, "荆楚 大𠀀ab", []string{"荆楚", "大", "𠀀ab"}, true},
		{`{"a":"b","words":[2]}`, "荆楚", []string{"荆楚"}, true},
		{`{"a":{"words":[9]},"words":[1,1]}`, "荆楚", []string{"荆", "楚"}, true},
		{`{"words":[]}`, "", nil, true},
		{`{"words":[-2]}`, "..", nil, true},
		{meta: `{"words":[2]}`, text: "荆"},
		{meta: `{"words":[2]}`, text: "荆楚大"},
		{meta: `{"words":[1,-9]}`, text: "荆"},
		{meta: `{"words":[1,0,1]}`, text: "荆楚"},
		{meta: `{"words":[01,1]}`, text: "荆楚"},
		{meta: `{"words":[1,,1]}`, text: "荆楚"},
		{meta: `{"words":[2,]}`, text: "荆楚"},
		{meta: `{"words":[--2]}`, text: "荆楚"},
		{meta: `{"words":[1-1]}`, text: "荆楚"},
		{meta: `{"words":[2 ]}`, text: "荆楚"},
		{meta: `{"words":["荆楚"]}`, text: "荆楚"},
		{meta: `{"words":[12345678901]}`, text: "荆楚"},
		{meta: `{"words":2}`, text: "荆楚"},
		{meta: `{"words":[2],"a":1}`, text: "荆楚"},
		{meta: `{"a":{"words":[2]}}`, text: "荆楚"},
		{meta: `{"a words":[2]}`, text: "荆楚"},
		{meta: `{"a":"\"words":[2]}`, text: "荆楚"},
		{meta: `"words":[2]}`, text: "荆楚"},
		{meta: "", text: "荆楚"},
		{meta: "]}", text: "荆楚"},
		{meta: `{"words":[`, text: "荆楚"},
	} {
		got, ok := givenWords(test.meta, test.text)
		if ok != test.ok || !slices.Equal(got, test.want) {
			t.Errorf("%s of %q: %q, %v", test.meta, test.text, got, ok)
		}
	}
}

// What is added to metadata is found, is JSON, and comes off again.
func TestGivenComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		var lengths []int32
		var want []string
		for _, w := range rapid.SliceOfN(rapid.StringN(1, 5, -1), 0, 20).Draw(t, "words") {
			n := int32(utf8.RuneCountInString(w))
			if rapid.Bool().Draw(t, "gap") {
				n = -n
			} else {
				want = append(want, w)
			}
			text, lengths = append(text, w...), append(lengths, n)
		}
		before := rapid.SampledFrom([]string{"", "{}", `{"a":1}`, `{"a":{"words":[1]},"b":"]}"}`, `{"words":"x"}`}).Draw(t, "metadata")
		front := "other"
		meta := AppendGiven([]byte(front+before), len(front), lengths)[len(front):]
		if !json.Valid(meta) {
			t.Fatalf("%s is no JSON", meta)
		}
		if got, ok := givenWords(string(meta), string(text)); !ok || !slices.Equal(got, want) {
			t.Fatalf("%s of %q: %q, %v", meta, text, got, ok)
		}
		got, rest, ok := CutGiven(nil, bytes.Clone(meta))
		if before == "{}" {
			before = ""
		}
		if !ok || !slices.Equal(got, lengths) || string(rest) != before {
			t.Fatalf("%s: %v, %s, %v", meta, got, rest, ok)
		}
	})
	if lengths, rest, ok := CutGiven([]int32{7}, []byte(`{"a":[1]}`)); ok || len(lengths) != 1 || string(rest) != `{"a":[1]}` {
		t.Errorf("%v, %s, %v", lengths, rest, ok)
	}
}

func FuzzGiven(f *testing.F) {
	f.Add([]byte(`{"a":1,"words":[2,-1,3]}`), []byte("荆楚 大𠀀b"))
	f.Add([]byte(`{"words":[]}`), []byte(""))
	f.Fuzz(func(t *testing.T, meta, text []byte) {
		words, ok := Given(meta, text)
		if !ok {
			return
		}
		sum := 0
		for w := range words {
			sum += len(w)
		}
		if sum > len(text) {
			t.Errorf("%d bytes of words in %d", sum, len(text))
		}
	})
}
