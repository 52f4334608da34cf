package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestScan(t *testing.T) {
	tests := []struct {
		name, line string
		status     Status
		text, rest string
		pos        int
		what       string
	}{
		{name: "plain", line: `{"text":"温暖潮"}`, text: "温暖潮"},
		{name: "rest as it stands", line: ` { "id" : 1.50e3 , "text":"a", "n":{"x":[ 1,2 ]},"z":null } `, text: "a", rest: `{"id" : 1.50e3,"n":{"x":[ 1,2 ]},"z":null}`},
		{name: "escapes", line: `{"text":"a\"\\\/\b\f\n\r\tz"}`, text: "a\"\\/\b\f\n\r\tz"},
		{name: "unicode run", line: `{"text":"\u6e29\u6696\u6F6E，\u0041\u00e9"}`, text: "温暖潮，Aé"},
		{name: "surrogate pair", line: `{"text":"\ud840\udc0b!"}`, text: "𠀋!"},
		{name: "lone surrogates", line: `{"text":"\ud840x\udc0b\ud840\ud840\udc0b"}`, text: "\uFFFDx\uFFFD\uFFFD𠀋"},
		{name: "empty text", line: `{"text":"","a":[]}`, rest: `{"a":[]}`},
		{name: "escaped key", line: `{"\u0074ext":"a"}`, text: "a"},
		{name: "last of several", line: `{"text":"first","a":1,"text":"x"}`, text: "x", rest: `{"a":1}`},
		{name: "last of several is no string", line: `{"text":"first","text":1}`, status: WrongType, pos: 23, what: "the field is no string"},
		{name: "nested field does not count", line: `{"a":{"text":"x"}}`, status: Missing},
		{name: "empty object", line: `{}`, status: Missing},
		{name: "null text", line: `{"text":null}`, status: WrongType, pos: 8, what: "the field is no string"},
		{name: "no object", line: `["text"]`, status: Syntax, what: "expected an object"},
		{name: "nothing", line: ``, status: Syntax, what: "expected an object"},
		{name: "two objects", line: `{"text":"a"}{}`, status: Syntax, pos: 12, what: "unexpected data after the object"},
		{name: "trailing comma", line: `{"text":"a",}`, status: Syntax, pos: 12, what: "expected a name"},
		{name: "leading comma", line: `{,"text":"a"}`, status: Syntax, pos: 1, what: "expected a name"},
		{name: "control character", line: "{\"text\":\"a\tb\"}", status: Syntax, pos: 10, what: "control character in a string"},
		{name: "open string", line: `{"text":"abcdefghij`, status: Syntax, pos: 19, what: "unterminated string"},
		{name: "bad escape", line: `{"text":"\x"}`, status: Syntax, pos: 9, what: "bad escape"},
		{name: "bad hex", line: `{"text":"\u12g4"}`, status: Syntax, pos: 9, what: "bad escape"},
		{name: "leading zero", line: `{"a":01,"text":""}`, status: Syntax, pos: 6, what: "expected a comma or the end of the object"},
		{name: "bare minus", line: `{"a":-}`, status: Syntax, pos: 6, what: "expected a digit"},
		{name: "word", line: `{"a":nul}`, status: Syntax, pos: 8, what: "expected null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New("text")
			text, rest, status := s.Scan([]byte(tt.line), nil, nil)
			if status != tt.status {
				t.Fatalf("status %d (%s at %d), want %d", status, s.What, s.Pos, tt.status)
			}
			if status != OK {
				rest = nil
			}
			if diff := cmp.Diff([]any{tt.text, tt.rest, tt.pos, tt.what}, []any{string(text), string(rest), s.Pos, s.What}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	s := New("text")
	for _, line := range []string{`{"text":"\ud840\ud840"}`, `{"text":"a","text":"b","text":"c"}`, `{"\udc00":1,"text":""}`} {
		if _, _, status := s.Scan([]byte(line), nil, nil); status != OK {
			t.Fatalf("%s: status %d", line, status)
		}
	}
	if s.Surrogates != 3 || s.Repeated != 2 {
		t.Errorf("surrogates %d, repeated %d, want 3 and 2", s.Surrogates, s.Repeated)
	}
}

func TestDepth(t *testing.T) {
	nested := func(depth int) []byte { // the line's own object included
		return []byte(`{"text":"x","a":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`)
	}
	s := New("text")
	if _, _, status := s.Scan(nested(maxDepth), nil, nil); status != OK {
		t.Errorf("depth %d: %s", maxDepth, s.What)
	}
	if _, _, status := s.Scan(nested(maxDepth+1), nil, nil); status != Syntax || s.What != "nested too deep" {
		t.Errorf("depth %d: status %d, %s", maxDepth+1, status, s.What)
	}
	if _, _, status := s.Scan(bytes.Repeat([]byte(`{"a":`), 1_000_000), nil, nil); status != Syntax {
		t.Errorf("a million objects: status %d", status)
	}
}

func TestValidTruncated(t *testing.T) {
	line := `{"text":"温\u6696\n","a":[-1.5e+3,true,null,{"b":false}]}`
	s := New("text")
	for cut := range len(line) {
		if valid, truncated := s.Valid([]byte(line[:cut])); valid || !truncated {
			t.Errorf("cut at %d: valid %v, truncated %v (%s)", cut, valid, truncated, s.What)
		}
	}
	if valid, _ := s.Valid([]byte(line)); !valid {
		t.Errorf("whole: %s at %d", s.What, s.Pos)
	}
	if valid, truncated := s.Valid([]byte(`{"text" "a"}`)); valid || truncated {
		t.Error("a bad object passes")
	}
}

// TestInPlace decodes into the memory of the line itself, as the stage does.
func TestInPlace(t *testing.T) {
	s := New("text")
	for _, line := range []string{
		`{"text":"\u6e29暖\n\u6f6e\ud840\udc0b","a":"b"}`, `{"a":"\u6e29","text":"温暖潮，1998年","b":2,"text":"\ud800last\ud800"}`,
	} {
		want, wantRest, _ := s.Scan([]byte(line), nil, nil)
		own := []byte(line)
		got, rest, status := s.Scan(own, own[:0], nil)
		if status != OK || !bytes.Equal(got, want) || !bytes.Equal(rest, wantRest) {
			t.Errorf("%s: got %q %q, want %q %q", line, got, rest, want, wantRest)
		}
	}
}

// FuzzJSONL holds the scanner to encoding/json: the same lines are accepted, with the same text.
func FuzzJSONL(f *testing.F) {
	for _, seed := range []string{
		`{"text":"温暖潮","id":1}`, `{"text":"\u6e29\ud840\udc0b\ud800"}`, `{"a":[1,{"b":"\\"}],"text":"x","text":"y"}`,
		`{"text":1}`, `{"text":"a"} x`, `{}`, `[]`, `{"a":-0.0E-1}`, "{\"text\":\"\x00\"}", "{\"text\":\"\xff\"}", `{"t\u0065xt":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if line = bytes.ToValidUTF8(line, []byte("\uFFFD")); !utf8.Valid(line) {
			t.Fatal("not repaired")
		}
		s := New("text")
		text, rest, status := s.Scan(line, nil, nil)
		if status == Syntax && s.What == "nested too deep" {
			return
		}
		var object map[string]json.RawMessage
		err := json.Unmarshal(line, &object)
		if status == OK && len(rest) > 0 && !json.Valid(rest) {
			t.Fatalf("the rest of %q is %q", line, rest)
		}
		if s.odd && err != nil && (bytes.Contains(line, []byte("NaN")) || bytes.Contains(line, []byte("Infinity"))) {
			return // no JSON by the book
		}
		if (err == nil && object != nil) != (status != Syntax) {
			t.Fatalf("status %d (%s at %d), encoding/json: %v", status, s.What, s.Pos, err)
		}
		if status == Syntax {
			return
		}
		raw, found := object["text"]
		var want string
		isString := found && raw[0] == '"' && json.Unmarshal(raw, &want) == nil
		switch {
		case found != (status != Missing), isString != (status == OK):
			t.Fatalf("status %d, field %s", status, raw)
		case status != OK:
			return
		case string(text) != want:
			t.Fatalf("text %q, want %q", text, want)
		}
		delete(object, "text")
		var others map[string]json.RawMessage
		if len(rest) == 0 {
			rest = []byte("{}")
		}
		if err := json.Unmarshal(rest, &others); err != nil {
			t.Fatalf("rest %q: %v", rest, err)
		}
		if s.odd || s.twice {
			return // the rest is not as it came
		}
		if diff := cmp.Diff(object, others); diff != "" {
			t.Fatal(diff)
		}
	})
}
