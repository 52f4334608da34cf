package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCandidates(t *testing.T) {
	names := []string{"text", "a.b", "段落[].内容", "content", "x.y[].z[]", "a..b", "d.e.f", "t[].u[].v"}
	tests := []struct {
		name, line, text, rest string
		status                 Status
		wanted, what           string
	}{
		{name: "the first", line: `{"content":"c","text":"t"}`, text: "t", rest: `{"content":"c"}`},
		{name: "a later one", line: `{"content":"c","k":1}`, text: "c", rest: `{"k":1}`},
		{name: "not null", line: `{"text":null,"content":"c"}`, text: "c", rest: `{"text":null}`},
		{name: "a dot is part of a name", line: `{"a.b":"c","a":{"b":"d"}}`, text: "c", rest: `{"a":{"b":"d"}}`},
		{name: "a dot may lead into a member", line: `{"k":1,"a":{"c":[0],"b":"d", "e":2},"j":{}}`, text: "d", rest: `{"k":1,"j":{},"a":{"c":[0],"e":2}}`},
		{name: "a member in a member alone", line: `{"a":{"b":"d"}}`, text: "d"},
		{name: "no member in a member", line: `{"a":{"c":"d"},"content":"c"}`, text: "c", rest: `{"a":{"c":"d"}}`},
		{name: "null in a member", line: `{"a":{"b":null},"content":"c"}`, text: "c", rest: `{"a":{"b":null}}`},
		{name: "null for a member", line: `{"a":null}`, status: Missing},
		{name: "no string in a member", line: `{"a":{"b":1}}`, status: WrongType, wanted: "a.b", what: "the path leads to no string"},
		{name: "no path, but a name", line: `{"a..b":"c","d":{"e":{"f":1}}}`, text: "c", rest: `{"d":{"e":{"f":1}}}`},
		{
			name: "two members deep", line: `{"d":{"g":1,"e":{"f":"a\nb"},"e\u0061":{}}}`,
			text: "a\nb", rest: `{"d":{"g":1,"e":{},"e\u0061":{}}}`,
		},
		{
			name: "path", line: `{"k":1,"段落":[{"行号":0,"内容":"\u4e00"}, {"内容" : "二\n"}],"j":2}`,
			text: "一\n二\n", rest: `{"k":1,"j":2,"段落":[{"行号":0},{}]}`,
		},
		{name: "path and nothing else", line: `{"k":1,"段落":[{"内容":"a"}, {"内容":"b"},null]}`, text: "a\nb", rest: `{"k":1}`},
		{
			name: "path through two arrays", line: `{"t":[ {"u":[{"v":"a"},{"w":1,"v":"b"}]}, {"u":[]}, {"u":null,"x":[]}, null, {} ]}`,
			text: "a\nb", rest: `{"t":[{"u":[{},{"w":1}]},{"u":[]},{"u":null,"x":[]},null,{}]}`,
		},
		{name: "path with holes", line: `{"段落":[null,{},{"内容":null},{"内容":"a"}]}`, text: "a"},
		{name: "empty path", line: `{"段落":[],"content":"c"}`, text: "c", rest: `{"段落":[]}`},
		{name: "empty path and nothing else", line: `{"段落":[],"k":1}`, rest: `{"k":1}`},
		{name: "null path", line: `{"段落":null,"content":"c"}`, text: "c", rest: `{"段落":null}`},
		{name: "nothing in the first", line: `{"text":"","content":"c"}`, text: "c", rest: `{"text":""}`},
		{name: "blanks in the first", line: "{\"content\":\"c\",\"text\":\" \\t\\u3000\u3000\u00a0\\u200b\ufeff\"}", text: "c", rest: "{\"text\":\" \\t\\u3000\u3000\u00a0\\u200b\ufeff\"}"},
		{name: "blanks in all", line: `{"content":"  ","text":"\n"}`, text: "\n", rest: `{"content":"  "}`},
		{name: "blanks behind a path", line: `{"段落":[{"内容":""},{"内容":" "}],"content":"c"}`, text: "c", rest: `{"段落":[{"内容":""},{"内容":" "}]}`},
		{name: "one of a path is filled", line: `{"段落":[{"内容":""},{"内容":"a"}],"content":"c"}`, text: "\na", rest: `{"content":"c"}`},
		{name: "no number in the first", line: `{"text":NaN,"content":"c"}`, text: "c", rest: `{"text":null}`},
		{name: "no number behind a path", line: `{"段落":[NaN,{"内容":"a"}]}`, text: "a"},
		{name: "an escape is text", line: `{"text":"\\","content":"c"}`, text: `\`, rest: `{"content":"c"}`},
		{name: "path to no string", line: `{"段落":[{"内容":"a"},{"内容":1}]}`, status: WrongType, wanted: "段落[].内容", what: "the path leads to no string"},
		{name: "path through no object", line: `{"段落":["a"]}`, status: WrongType, wanted: "段落[].内容", what: "the path leads to no string"},
		{name: "path through no array", line: `{"段落":{"内容":"a"}}`, status: WrongType, wanted: "段落[].内容", what: "the path leads to no string"},
		{name: "a bad path, and a good field", line: `{"段落":"a","content":"c"}`, text: "c", rest: `{"段落":"a"}`},
		{name: "long path", line: `{"x":{"w":[],"y":[{"z":["a","b"]},{"z":[]},{"z":["c"],"y":{}}]}}`, text: "a\nb\nc", rest: `{"x":{"w":[],"y":[{},{},{"y":{}}]}}`},
		{name: "last member of several", line: `{"段落":[{"内容":"a","内容":"b"}]}`, text: "b"},
		{
			name: "texts longer than what stands before them", line: `{"x":{"y":[{"z":["一二三四五六七八九十","上"]},{"z":["下"],"w":[1]}]}}`,
			text: "一二三四五六七八九十\n上\n下", rest: `{"x":{"y":[{},{"w":[1]}]}}`,
		},
		{
			name: "texts with brackets", line: `{"段落":[{"内容":"]]]]]]]]]]}}}}}}}}}}","k":1},{"内容":"[\"{"}],"k":[]}`,
			text: "]]]]]]]]]]}}}}}}}}}}\n[\"{", rest: `{"k":[],"段落":[{"k":1},{}]}`,
		},
		{name: "escaped names", line: `{"\u6bb5落":[{"\u5185容":"a"}]}`, text: "a"},
		{name: "the first bad one is named", line: `{"content":1,"text":2}`, status: WrongType, wanted: "text", what: "the field is no string"},
		{name: "none", line: `{"texts":"a","tex":"b","xxxx":"c"}`, status: Missing},
		{name: "twice", line: `{"content":"a","k":1,"content":"b"}`, text: "b", rest: `{"k":1}`},
	}
	// One scanner for all of them: what a line leaves behind has no part in the next. And twice, from either end.
	s := New(names...)
	check := func(i int) {
		tt := tests[i]
		text, rest, status := s.Scan([]byte(tt.line), nil, nil)
		if status != OK {
			if status != tt.status || status == WrongType && (s.Wanted != tt.wanted || s.What != tt.what) {
				t.Errorf("%s: status %d, %q: %s", tt.name, status, s.Wanted, s.What)
			}
			return
		}
		if diff := cmp.Diff([]any{tt.status, tt.text, tt.rest}, []any{status, string(text), string(rest)}); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		own := []byte(tt.line)
		if again, _, _ := s.Scan(own, own[:0], nil); string(again) != tt.text {
			t.Errorf("%s: in place: %q", tt.name, again)
		}
	}
	for i := range tests {
		check(i)
	}
	for i := range tests {
		check(len(tests) - 1 - i)
	}
	if s.Repeated != 8 {
		t.Errorf("repeated %d, want 8", s.Repeated)
	}
}

// FuzzPath holds a path that is joined in the memory of the line itself, as the stage does it, to one that is joined elsewhere.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		`{"a":["温暖潮温暖潮温暖潮","x"]}`, `{"a":[{"b":"\u6e29温暖潮温暖潮"},{"k":[],"b":"y"},null],"k":1}`, `{"k":1,"a":[[["]]]]]]]"],["z"]]]}`,
		`{"a":{"b":"x"}}`, `{"a":[{"b":"x","b":"}}}}"},{"b":1}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.ToValidUTF8(line, []byte("\uFFFD"))
		s := New("a[]", "a[].b", "a[].b[]", "a[][][]", "a.b", "b.b")
		text, rest, status := s.Scan(line, nil, nil)
		own := bytes.Clone(line)
		inPlace, ownRest, ownStatus := s.Scan(own, own[:0], nil)
		if status != ownStatus || status == OK && (!bytes.Equal(text, inPlace) || !bytes.Equal(rest, ownRest)) {
			t.Fatalf("status %d, text %q, rest %q; in place %d, %q, %q", status, text, rest, ownStatus, inPlace, ownRest)
		}
		if status == OK && len(rest) > 0 && !json.Valid(rest) {
			t.Fatalf("the rest of %q is %q", line, rest)
		}
		if s = New("a[].b"); !json.Valid(line) {
			return // NaN
		}
		if text, rest, status = s.Scan(line, nil, nil); status == OK && s.NotFinite == 0 {
			wantText, wantRest := takeApart(t, line)
			gotRest := map[string]any{}
			if len(rest) > 0 {
				gotRest = decode(t, rest)
			}
			if diff := cmp.Diff([]any{wantText, wantRest}, []any{string(text), gotRest}); diff != "" {
				t.Fatalf("%q: %s", line, diff)
			}
		}
	})
}

// takeApart says by encoding/json what the path a[].b leads to in a line that has it, and what else is in the line.
func takeApart(t *testing.T, line []byte) (text string, rest map[string]any) {
	t.Helper()
	rest = decode(t, line)
	var texts []string
	more := false
	list, _ := rest["a"].([]any)
	for _, element := range list {
		object, _ := element.(map[string]any)
		if b, ok := object["b"].(string); ok {
			texts = append(texts, b)
			delete(object, "b")
		}
		if null, ok := object["b"]; ok && null == nil { // no text, and no metadata either
			delete(object, "b")
		}
		more = more || len(object) > 0
	}
	if !more {
		delete(rest, "a")
	}
	return strings.Join(texts, "\n"), rest
}

func decode(t *testing.T, data []byte) (object map[string]any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Fatalf("%q: %v", data, err)
	}
	return object
}

func TestScanAllocates(t *testing.T) {
	s := New("text", "段落[].内容")
	lines := [][]byte{[]byte(`{"text":"a\n","k":1}`), []byte(`{"段落":[{"内容":"a\u4e00"},{"内容":"b"}],"k":1}`)}
	var text, rest []byte
	n := testing.AllocsPerRun(100, func() {
		for _, line := range lines {
			var status Status
			if text, rest, status = s.Scan(line, text[:0], rest[:0]); status != OK {
				t.Fatal(s.What)
			}
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
