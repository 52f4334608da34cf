package parse

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// eachStoring reads the text of a file stored in several ways and encodings, each found by its name and content.
func eachStoring(t *testing.T, name, text string, cfg Config, check func(t *testing.T, documents []record, meta []string, rejects []columnar.Reject, counters columnar.Counters)) {
	t.Helper()
	for _, encoded := range []struct{ name, text string }{{"utf-8", text}, {"utf-16", inUTF16(binary.LittleEndian, bom+text)}} {
		for _, w := range storings() {
			switch w.name {
			case "none", "gzip members", "zstd", "zip 8 of none", "tar of none in gzip members":
			default:
				continue
			}
			t.Run(fmt.Sprintf("%s/%s/%s", name, encoded.name, w.name), func(t *testing.T) {
				for _, f := range w.of(t, []entry{{name: name, data: encoded.text}}) {
					documents, meta, rejects, counters := detected(t, f.name, []byte(f.data), cfg).documents(t)
					for _, m := range meta {
						if m != "" && !json.Valid([]byte(m)) {
							t.Errorf("metadata %s", m)
						}
					}
					check(t, documents, meta, rejects, counters)
				}
			})
		}
	}
}

// TestMarkBeforeEachRecord: files that were put together of others have a byte order mark wherever one of these began.
func TestMarkBeforeEachRecord(t *testing.T) {
	texts3 := []string{"城南的老书店昨天重新开门。", "水务局提醒居民，今天停水。", "山里的雪比往年晚了半个月。"}
	object := func(text string) string { return fmt.Sprintf(`{"id":1,"text":%q}`, text) }
	var lines, objects, rows strings.Builder
	var array strings.Builder
	array.WriteString(bom + "[" + bom)
	rows.WriteString(bom + "id,text\n")
	for i, text := range texts3 {
		lines.WriteString(bom + object(text) + "\n")
		objects.WriteString(bom + bom + "{\n" + object(text)[1:] + "\n")
		if i > 0 {
			array.WriteString("," + bom + "\n")
		}
		array.WriteString(object(text) + bom)
		fmt.Fprintf(&rows, "%s\"1\",%s\n", bom, text)
	}
	for name, text := range map[string]string{
		"a.jsonl": lines.String(), "b.json": objects.String(), "c.json": array.String() + "]" + bom, "d.csv": rows.String(),
		"crlf.jsonl": strings.ReplaceAll(lines.String(), "\n", "\r\n"),
	} {
		eachStoring(t, name, text, Default(), func(t *testing.T, documents []record, meta []string, rejects []columnar.Reject, _ columnar.Counters) {
			if diff := cmp.Diff(texts3, texts(documents)); diff != "" || len(rejects) > 0 {
				t.Fatalf("rejects %v: %s", rejects, diff)
			}
			for _, m := range meta {
				if strings.Contains(m, bom) {
					t.Errorf("a mark in %q", m)
				}
			}
		})
	}
	in := detected(t, "a.txt", []byte(bom+"一行。\n"+bom+"二行。\r\n"+bom+"\n"), Config{Document: RuleLine, Format: Text, Encoding: Auto, MaxDocumentBytes: 1 << 20})
	documents, _, _, counters := in.documents(t)
	if diff := cmp.Diff([]string{"一行。", "二行。"}, texts(documents)); diff != "" || counters["blank_lines"] != 1 {
		t.Errorf("%v: %s", counters, diff)
	}
}

// TestFilledField: the text is the first field that has some, in objects and in rows.
func TestFilledField(t *testing.T) {
	want := []string{"内容一，有字。", "内容二，有字。", "内容三，有字。", "正文四，有字。"}
	lines := `{"text":"","content":"内容一，有字。"}
{"text":" \u3000\n","content":"内容二，有字。"}
{"text":null,"content":"内容三，有字。"}
{"text":"` + "\u3000\u00a0" + `","content":"","正文":"正文四，有字。"}
`
	rows := "id,text,content,正文\n1,,内容一，有字。,\n2,\" \u3000\n\",内容二，有字。,\n3,\u200b,内容三，有字。,b\n4,,\"\",正文四，有字。\n"
	for name, text := range map[string]string{
		"a.jsonl": lines, "b.json": "[" + strings.ReplaceAll(strings.TrimSpace(lines), "\n", ",\n") + "]", "c.csv": rows,
	} {
		eachStoring(t, name, text, Default(), func(t *testing.T, documents []record, _ []string, rejects []columnar.Reject, _ columnar.Counters) {
			if diff := cmp.Diff(want, texts(documents)); diff != "" || len(rejects) > 0 {
				t.Errorf("rejects %v: %s", rejects, diff)
			}
		})
	}
}

// TestMetadataIsRead: what Python, DuckDB and polars do not read in metadata, or each in its own way, is mended and counted.
func TestMetadataIsRead(t *testing.T) {
	lines := `{"text":"第一条，有半个代理项。","s":"\ud83d","k\udc00":{"a":["\ude00"]}}
{"text":"第二条，没有数。","score":NaN,"more":[Infinity,-Infinity]}
{"text":"第三条，两个同名。","id":1,"id":2,"in":{"b":1,"b":{"c":3}}}
{"text":"第四条，好的。","emoji":"\ud83d\ude00"}
`
	wantMeta := []string{
		"{\"s\":\"\uFFFD\",\"k\uFFFD\":{\"a\":[\"\uFFFD\"]}}", `{"score":null,"more":[null,null]}`, `{"id":2,"in":{"b":{"c":3}}}`, `{"emoji":"\ud83d\ude00"}`,
	}
	wantCounters := columnar.Counters{"lone_surrogate": 3, "not_finite": 3, "repeated_name": 2}
	for name, text := range map[string]string{"a.jsonl": lines, "b.json": "[" + strings.ReplaceAll(strings.TrimSpace(lines), "\n", ",\n") + "]"} {
		eachStoring(t, name, text, Default(), func(t *testing.T, documents []record, meta []string, rejects []columnar.Reject, counters columnar.Counters) {
			if len(documents) != 4 || len(rejects) > 0 {
				t.Fatalf("documents %v, rejects %v", documents, rejects)
			}
			for i, m := range meta { // of a member of a container, its name stands before the rest
				if m != wantMeta[i] && !strings.HasSuffix(m, ","+wantMeta[i][1:]) {
					t.Errorf("metadata %s, want %s", m, wantMeta[i])
				}
			}
			for counter, n := range wantCounters {
				if counters[counter] != n {
					t.Errorf("%s %d, want %d", counter, counters[counter], n)
				}
			}
		})
	}
}

// TestFieldsNamed: who has to set text_field is told to what.
func TestFieldsNamed(t *testing.T) {
	_, _, rejects, _ := one(JSONL, RuleLine, "", []byte(`{"title":"a","body":"b"}`+"\n{}\n"+`{"text":[1],"x":"y"}`+"\n")).documents(t)
	want := []string{
		"field_missing: set text_field to one of the fields that there are: \"title\", \"body\", in `{\"title\":\"a\",\"body\":\"b\"}`",
		"field_missing: no field that text_field names, nor any other, in `{}`",
		"field_type: field \"text\" is \"[1],\\\"x\\\":\\\"y\\\"}\"; set text_field to where the text is, in `{\"text\":[1],\"x\":\"y\"}`",
	}
	var got []string
	for _, r := range rejects {
		got = append(got, r.Reason+": "+r.Detail)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, _, rejects, _ = one(JSONL, RuleLine, "", []byte(`[{"text":"a"}]`)).documents(t)
	if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonBadJSON || !strings.Contains(rejects[0].Detail, "set format to json") {
		t.Errorf("%v", rejects)
	}
}
