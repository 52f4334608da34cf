package jsonscan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMend(t *testing.T) {
	type counts struct{ Surrogates, Repeated, Names, NotFinite int64 }
	tests := []struct {
		name, line, text, rest string
		counts                 counts
	}{
		{name: "no numbers", line: `{"a":NaN,"text":"x","b":[Infinity, -Infinity,{"c":NaN}],"d":"NaN"}`, text: "x", rest: `{"a":null,"b":[null, null,{"c":null}],"d":"NaN"}`, counts: counts{NotFinite: 4}},
		{name: "too large for a float", line: `{"a":1e999,"b":-1E+400,"text":"x","c":1e300,"d":1e-999}`, text: "x", rest: `{"a":null,"b":null,"c":1e300,"d":1e-999}`, counts: counts{NotFinite: 2}},
		{name: "a number of 400 digits", line: `{"text":"x","a":` + strings.Repeat("9", 400) + `}`, text: "x", rest: `{"a":null}`, counts: counts{NotFinite: 1}},
		{name: "a number of 30 digits stays", line: `{"text":"x","a":123456789012345678901234567890}`, text: "x", rest: `{"a":123456789012345678901234567890}`},
		{name: "lone in a value", line: `{"text":"x","a":"半个\ude00\uD83d!"}`, text: "x", rest: `{"a":"半个` + "\uFFFD\uFFFD" + `!"}`, counts: counts{Surrogates: 2}},
		{name: "lone in a key", line: `{"k\udc00":1,"text":"\ud83d"}`, text: "\uFFFD", rest: "{\"k\uFFFD\":1}", counts: counts{Surrogates: 2}},
		{name: "lone deep down", line: `{"text":"x","a":[{"b\ud800":["\\\ud800\\ud800"]}]}`, text: "x", rest: "{\"a\":[{\"b\uFFFD\":[\"\\\\\uFFFD\\\\ud800\"]}]}", counts: counts{Surrogates: 2}},
		{name: "pairs stay", line: `{"text":"x","a":"\ud83d\ude00\u4e00\n"}`, text: "x", rest: `{"a":"\ud83d\ude00\u4e00\n"}`},
		{name: "high before a pair", line: `{"text":"x","a":"\ud83d\ud83d\ude00"}`, text: "x", rest: "{\"a\":\"\uFFFD\\ud83d\\ude00\"}", counts: counts{Surrogates: 1}},
		{name: "the last of a name", line: `{"a":1,"text":"x","b":2,"a":{"c":3}}`, text: "x", rest: `{"b":2,"a":{"c":3}}`, counts: counts{Names: 1}},
		{name: "three of a name, deep", line: `{"text":"x","a":[{"b":1,"c":0,"b":2,"\u0062":[3]}]}`, text: "x", rest: `{"a":[{"c":0,"\u0062":[3]}]}`, counts: counts{Names: 2}},
		{name: "the same once mended", line: `{"text":"x","\ud800":1,"\udfff":2}`, text: "x", rest: "{\"\uFFFD\":2}", counts: counts{Surrogates: 2, Names: 1}},
		{name: "one name in two objects", line: `{"text":"x","a":{"k":1},"b":[{"k":1},{"k":1}],"k":0}`, text: "x", rest: `{"a":{"k":1},"b":[{"k":1},{"k":1}],"k":0}`},
		{name: "text twice", line: `{"text":"y","a":1,"text":"x"}`, text: "x", rest: `{"a":1}`, counts: counts{Repeated: 1}},
		{name: "an empty object twice", line: `{"text":"x","a":{},"a":{}}`, text: "x", rest: `{"a":{}}`, counts: counts{Names: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New("text")
			text, rest, status := s.Scan([]byte(tt.line), nil, nil)
			if status != OK {
				t.Fatalf("status %d: %s at %d", status, s.What, s.Pos)
			}
			got := counts{s.Surrogates, s.Repeated, s.RepeatedNames, s.NotFinite}
			if diff := cmp.Diff([]any{tt.text, tt.rest, tt.counts}, []any{string(text), string(rest), got}, cmp.AllowUnexported(counts{})); diff != "" {
				t.Error(diff)
			}
			if !json.Valid(rest) {
				t.Errorf("not valid: %s", rest)
			}
		})
	}
}

// TestManyNames has objects around the bound above which names are sorted, with a name twice at any place.
func TestManyNames(t *testing.T) {
	for _, n := range []int{2, manyNames - 1, manyNames, manyNames + 1, 300} {
		for _, again := range []int{0, n / 2, n - 1} {
			var members []string
			for i := range n {
				members = append(members, fmt.Sprintf("%q:%d", fmt.Sprintf("a rather long name of a field, %d", i), i))
			}
			s := New("text")
			line := `{"text":"x",` + strings.Join(members, ",")
			_, rest, _ := s.Scan([]byte(line+"}"), nil, nil)
			if s.RepeatedNames != 0 || string(rest) != "{"+strings.Join(members, ",")+"}" {
				t.Errorf("%d names: %d repeated", n, s.RepeatedNames)
			}
			line += fmt.Sprintf(",%q:\"last\"}", fmt.Sprintf("a rather long name of a field, %d", again))
			_, rest, _ = s.Scan([]byte(line), nil, nil)
			if s.RepeatedNames != 1 || strings.Count(string(rest), fmt.Sprintf(" %d\":", again)) != 1 || !strings.Contains(string(rest), `"last"`) {
				t.Errorf("%d names, %d again: %d repeated in %s", n, again, s.RepeatedNames, rest)
			}
		}
	}
}

func TestNames(t *testing.T) {
	names, all := New("text").Names([]byte(` {"a":1,"\u4e00":[{"b":2}],"c":{}, "d":"x"} `), 3)
	if diff := cmp.Diff([]string{"a", "一", "c"}, names); diff != "" || all != 4 {
		t.Errorf("%d: %s", all, diff)
	}
}
