package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
)

func TestJSON(t *testing.T) {
	type rejected struct {
		Offset, Bytes int64
		Scope         columnar.Scope
		Reason        string
	}
	const file = columnar.ScopeFile
	tests := []struct {
		name, in string
		want     []record
		rejects  []rejected
	}{
		{name: "nothing"},
		{name: "white space", in: bom + " \r\n\t"},
		{name: "empty array", in: "[ ]\n"},
		{name: "array", in: "[\n  {\"text\": \"一\"},\n  {\"text\": \"二\"}\n]\n", want: []record{{4, "一"}, {23, "二"}}},
		{name: "mark", in: bom + `[{"text":"一"}]`, want: []record{{4, "一"}}},
		{name: "pretty-printed object", in: "{\n  \"a\": {\"b\": [1, {}]},\n  \"text\": \"}]\\\"{\"\n}\n", want: []record{{0, `}]"{`}}},
		{name: "objects behind each other", in: "{\"text\":\"a\"}{\"text\":\n\"b\"}\n\n{\"text\":\"c\"}", want: []record{{0, "a"}, {12, "b"}, {27, "c"}}},
		{name: "arrays behind each other", in: `[{"text":"a"}][{"text":"b"}]`, want: []record{{1, "a"}, {15, "b"}}},
		{
			name: "other values", in: `[1, "x", null, [{"text":"a"}], {"text":"b"}]`, want: []record{{31, "b"}},
			rejects: []rejected{{1, 1, 0, "bad_json"}, {4, 3, 0, "bad_json"}, {9, 4, 0, "bad_json"}, {15, 14, 0, "bad_json"}},
		},
		{name: "a bad element", in: `[{"text":"a"},{"text" "b"},{"text":"c"}]`, want: []record{{1, "a"}, {27, "c"}}, rejects: []rejected{{14, 12, 0, "bad_json"}}},
		{name: "no comma", in: `[{"text":"a"} {"text":"b"}]`, want: []record{{1, "a"}}, rejects: []rejected{{14, 13, file, "bad_json"}}},
		{name: "comma at the end", in: `[{"text":"a"},]`, want: []record{{1, "a"}}, rejects: []rejected{{14, 1, file, "bad_json"}}},
		{name: "cut in an element", in: `[{"text":"a"},{"text`, want: []record{{1, "a"}}, rejects: []rejected{{14, 6, file, "bad_json"}}},
		{name: "cut between", in: `[{"text":"a"},`, want: []record{{1, "a"}}, rejects: []rejected{{14, 1, file, "bad_json"}}},
		{name: "words behind", in: `[{"text":"a"}] and`, want: []record{{1, "a"}}, rejects: []rejected{{15, 3, 0, "bad_json"}}},
		{name: "garbage behind", in: `[{"text":"a"}] <html>`, want: []record{{1, "a"}}, rejects: []rejected{{15, 6, file, "bad_json"}}},
		{name: "too large", in: `[{"text":"` + strings.Repeat("x", 2000) + `"},{"text":"b"}]`, want: []record{{2013, "b"}}, rejects: []rejected{{1, 2011, 0, "too_large"}}},
		{name: "a number at the end", in: `12`, rejects: []rejected{{0, 2, 0, "bad_json"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := one(JSON, RuleRecord, "", []byte(tt.in))
			in.cfg.MaxDocumentBytes = 1500
			got, _, rejects, _ := in.documents(t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			var gotRejects []rejected
			for _, r := range rejects {
				gotRejects = append(gotRejects, rejected{r.Offset, r.Bytes, r.Scope, r.Reason})
			}
			if diff := cmp.Diff(tt.rejects, gotRejects); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestJSONLikeLines holds that the same objects give the same documents as lines, in an array, and pretty-printed, across
// every boundary of what is read at once.
func TestJSONLikeLines(t *testing.T) {
	var lines, array, pretty bytes.Buffer
	for i := range 400 {
		object, err := json.Marshal(map[string]any{"text": strings.Repeat("长\"\\\n[{", i), "id": i, "tags": []any{map[string]int{"a": i}}})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(object, '\n'))
		array.WriteByte("[,"[min(i, 1)])
		array.Write(object)
		if err := json.Indent(&pretty, object, "", "    "); err != nil {
			t.Fatal(err)
		}
	}
	array.WriteByte(']')
	want, wantMeta, _, _ := one(JSONL, RuleLine, "", lines.Bytes()).documents(t)
	for name, data := range map[string][]byte{"array": array.Bytes(), "pretty": pretty.Bytes()} {
		for _, compression := range []string{"", "gzip"} {
			if compression != "" {
				data = gzipped(t, string(data))
			}
			got, meta, rejects, _ := one(JSON, RuleRecord, compression, data).documents(t)
			if len(rejects) > 0 || len(got) != len(want) {
				t.Fatalf("%s: %d documents, rejects %v", name, len(got), rejects)
			}
			for i := range got {
				var a, b any
				if json.Unmarshal([]byte(meta[i]), &a) != nil || json.Unmarshal([]byte(wantMeta[i]), &b) != nil || !cmp.Equal(a, b) || got[i].Text != want[i].Text {
					t.Fatalf("%s: document %d differs", name, i)
				}
			}
		}
	}
}

// TestJSONTruncated keeps the elements before the place where compressed data ends.
func TestJSONTruncated(t *testing.T) {
	var array strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&array, `%c{"text":"第%d篇"}`, "[,"[min(i, 1)], i*7919%50000)
	}
	data := gzipped(t, array.String()+"]")
	documents, _, rejects, _ := one(JSON, RuleRecord, "gzip", data[:len(data)/2]).documents(t)
	if len(documents) < 100 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonTruncated || rejects[0].Scope != columnar.ScopeFile {
		t.Errorf("%d documents, rejects %v", len(documents), rejects)
	}
}

// TestJSONDepth reads a document that is nested a million deep, in an array and alone.
func TestJSONDepth(t *testing.T) {
	const depth = 1_000_000
	deep := strings.Repeat(`{"a":[`, depth/2) + strings.Repeat("]}", depth/2)
	for name, data := range map[string]string{"element": `[` + deep + `,{"text":"b"}]`, "brackets": strings.Repeat("[", depth) + strings.Repeat("]", depth) + `{"text":"b"}`} {
		documents, _, rejects, _ := one(JSON, RuleRecord, "", []byte(data)).documents(t)
		if len(documents) != 1 || documents[0].Text != "b" || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonBadJSON {
			t.Errorf("%s: %d documents, rejects %v", name, len(documents), rejects)
		}
	}
}

func TestTextFields(t *testing.T) {
	lines := strings.Join([]string{
		`{"文件名":"a.txt","段落":[{"行号":1,"内容":"第一段"},{"行号":2,"内容":"第\u4e8c段"},{"行号":3},{"内容":null}],"段落数":4}`,
		`{"content":"c","text":"t"}`,
		`{"content":"c","text":null}`,
		`{"content":"c","title":"x"}`,
		`{"段落":[]}`,
		`{"段落":[{"内容":7}]}`,
		`{"段落":"plain"}`,
		`{"text":1,"content":2}`,
	}, "\n")
	in := one(JSONL, RuleLine, "", []byte(lines))
	documents, meta, rejects, _ := in.documents(t)
	var texts []string
	for _, d := range documents {
		texts = append(texts, d.Text)
	}
	if diff := cmp.Diff([]string{"第一段\n第二段", "t", "c", "c", ""}, texts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`{"文件名":"a.txt","段落数":4,"段落":[{"行号":1},{"行号":2},{"行号":3},{}]}`, `{"content":"c"}`, `{"text":null}`, `{"title":"x"}`, ""}, meta); diff != "" {
		t.Error(diff)
	}
	var details []string
	for _, r := range rejects {
		details = append(details, r.Reason+" "+r.Detail)
	}
	if diff := cmp.Diff([]string{
		`field_type field "段落[].内容" is "7}]}"` + "; set text_field to where the text is, in `{\"段落\":[{\"内容\":7}]}`",
		`field_type field "段落[].内容" is "\"plain\"}"` + "; set text_field to where the text is, in `{\"段落\":\"plain\"}`",
		`field_type field "text" is "1,\"content\":2}"` + "; set text_field to where the text is, in `{\"text\":1,\"content\":2}`",
	}, details); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsConfig(t *testing.T) {
	for in, want := range map[string]Fields{`"text"`: {"text"}, `["a","b[].c"]`: {"a", "b[].c"}} {
		var got Fields
		if err := json.Unmarshal([]byte(in), &got); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, bad := range []Fields{nil, {""}, {"a", "\xff"}, {"[].a"}, {"a[].]"}, {"a[]."}, make(Fields, maxFields+1)} {
		if bad.validate() == nil {
			t.Errorf("%q passes", bad)
		}
	}
	if err := json.Unmarshal([]byte(`{"a":1}`), new(Fields)); err == nil {
		t.Error("an object passes")
	}
}

// unmarked has a space for every byte order mark outside of strings: files that were put together, or into an array, have one where each begins.
func unmarked(data []byte) []byte {
	var out []byte
	for quoted := false; len(data) > 0; {
		n := 1
		switch {
		case !quoted && bytes.HasPrefix(data, []byte(bom)):
			out, data = append(out, ' '), data[len(bom):]
			continue
		case data[0] == '"':
			quoted = !quoted
		case quoted && data[0] == '\\':
			n = min(2, len(data))
		}
		out, data = append(out, data[:n]...), data[n:]
	}
	return out
}

// FuzzJSON holds that a document which encoding/json takes, but for byte order marks, gives its objects, and that every other ends in rejects.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`[{"text":"a"},{"text":"b","c":[1]}]`, "{\n\"text\":\"a\"\n}\n{}", `[[{"text":1}],2,"x\"]"]`, bom + "[]", `[{"text":"a"},`, `{"text":"\`, "[1 2]", `{"a":]`,
	} {
		f.Add([]byte(seed))
	}
	f.Add([]byte(bom + bom))
	f.Add([]byte("[" + bom + "]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := one(JSON, RuleRecord, "", data)
		in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
		documents, meta, rejects, _ := in.documents(t)
		for i, d := range documents {
			if !utf8.ValidString(d.Text) || meta[i] != "" && !json.Valid([]byte(meta[i])) || d.Offset < 0 || d.Offset >= int64(len(data)) {
				t.Fatalf("document %+v, metadata %q", d, meta[i])
			}
		}
		if len(rejects) > 0 {
			return
		}
		objects := 0
		const space = " \t\r\n"
		for rest := bytes.TrimLeft(unmarked(bytes.ToValidUTF8(data, []byte("\uFFFD"))), space); len(rest) > 0; rest = bytes.TrimLeft(rest, space) {
			decoder := json.NewDecoder(bytes.NewReader(rest))
			var value json.RawMessage
			if err := decoder.Decode(&value); err != nil {
				t.Fatalf("no reject, but %v", err)
			}
			rest = rest[decoder.InputOffset():]
			var elements []json.RawMessage
			if value[0] != '[' {
				objects++
			} else if err := json.Unmarshal(value, &elements); err != nil {
				t.Fatal(err)
			}
			objects += len(elements)
		}
		if objects != len(documents) {
			t.Fatalf("%d documents of %d objects", len(documents), objects)
		}
	})
}
