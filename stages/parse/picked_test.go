package parse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/pipeline"
)

// arrowOf writes a table of one row from its columns' types and the row as JSON.
func arrowOf(t testing.TB, fields []arrow.Field, row string) []byte {
	t.Helper()
	schema := arrow.NewSchema(fields, nil)
	record, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader("["+row+"]"))
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema))
	if err := w.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// parquetOf writes a table of one row, whose columns are the fields of a struct: text is a string, bytes are bytes.
func parquetOf(t testing.TB, row any) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewWriter(&out, parquet.SchemaOf(row))
	if err := w.Write(row); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBinaryColumns: bytes of tables are no metadata unless they are asked for, and text where nothing else is.
func TestBinaryColumns(t *testing.T) {
	text := arrow.Field{Name: "text", Type: arrow.BinaryTypes.String}
	id := arrow.Field{Name: "id", Type: arrow.PrimitiveTypes.Int64}
	bin := func(name string) arrow.Field {
		return arrow.Field{Name: name, Type: arrow.BinaryTypes.Binary, Nullable: true}
	}
	image := arrow.Field{Name: "image", Type: arrow.StructOf(bin("bytes"), arrow.Field{Name: "path", Type: arrow.BinaryTypes.String, Nullable: true})}
	list := arrow.Field{Name: "pages", Type: arrow.ListOf(arrow.BinaryTypes.Binary)}
	fixed := arrow.Field{Name: "hash", Type: &arrow.FixedSizeBinaryType{ByteWidth: 2}}
	const row = `{"id":1,"text":"一条。","image":{"bytes":"iVD/AA==","path":"a.png"},"pages":["/w=="],"hash":"q80=","raw":"AAE="}`
	type picture struct {
		Bytes []byte `parquet:"bytes,optional"`
		Path  string `parquet:"path,optional"`
	}
	type every struct {
		ID    int64    `parquet:"id"`
		Image picture  `parquet:"image"`
		Text  string   `parquet:"text"`
		Pages [][]byte `parquet:"pages,list"`
		Hash  [2]byte  `parquet:"hash"`
		Raw   []byte   `parquet:"raw,optional"`
	}
	everything := every{1, picture{[]byte("\x89P\xff\x00"), "a.png"}, "一条。", [][]byte{{0xff}}, [2]byte{0xab, 0xcd}, []byte{0, 1}}
	all := []arrow.Field{id, image, text, list, fixed, bin("raw")}
	tests := []struct {
		name     string
		fields   []arrow.Field
		metadata Metadata
		row      string
		parquet  any
		text     string
		meta     string
		left     int64
	}{
		{name: "by default", fields: all, row: row, parquet: everything, text: "一条。", meta: `{"id":1}`, left: 4},
		{name: "kept", fields: all, row: row, parquet: everything, metadata: Metadata{Keep: Fields{"image", "raw"}}, text: "一条。", meta: `{"image":{"bytes":"iVD/AA==","path":"a.png"},"raw":"AAE="}`},
		{name: "dropped", fields: all, row: row, parquet: everything, metadata: Metadata{Drop: Fields{"id", "raw"}}, text: "一条。", left: 3},
		{name: "text is bytes", fields: []arrow.Field{id, bin("content"), {Name: "title", Type: arrow.BinaryTypes.String}}, row: `{"id":1,"content":"5LiA","title":"题"}`, parquet: struct {
			ID      int64  `parquet:"id"`
			Content []byte `parquet:"content"`
			Title   string `parquet:"title"`
		}{1, []byte("一"), "题"}, text: "一", meta: `{"id":1,"title":"题"}`},
		{name: "a text, and bytes of its name's kind", fields: []arrow.Field{text, bin("content")}, row: `{"text":"一条。","content":"/w=="}`, parquet: struct {
			Text    string `parquet:"text"`
			Content []byte `parquet:"content"`
		}{"一条。", []byte{0xff}}, text: "一条。", left: 1},
		{name: "no column is called text", fields: []arrow.Field{id, bin("text"), bin("title"), fixed}, row: `{"id":1,"text":"5LiA","title":"6aKY","hash":"q80="}`, parquet: struct {
			ID    int64   `parquet:"id"`
			Text  []byte  `parquet:"text"`
			Title []byte  `parquet:"title"`
			Hash  [2]byte `parquet:"hash"`
		}{1, []byte("一"), []byte("题"), [2]byte{0xab, 0xcd}}, text: "一", meta: `{"id":1,"title":"题"}`, left: 1},
	}
	eachTable(t, func(t *testing.T, format string) {
		for _, tt := range tests {
			data := arrowOf(t, tt.fields, tt.row)
			if format == Parquet {
				data = parquetOf(t, tt.parquet)
			}
			in := one(format, RuleRecord, "", data)
			in.cfg.Metadata = tt.metadata
			documents, meta, rejects, counters := in.documents(t)
			if len(documents) != 1 || len(rejects) > 0 || documents[0].Text != tt.text || meta[0] != tt.meta || counters["binary_fields"] != tt.left {
				t.Errorf("%s: %v, metadata %s, counters %v, rejects %v", tt.name, documents, meta, counters, rejects)
			}
		}
	})
}

// TestMetadataPicked: fields are kept and dropped by name, in every format that has some, and for one source alone.
func TestMetadataPicked(t *testing.T) {
	lines := "{\"a\":{\"c\":1},\"text\":\"一条。\",\"b\":[2],\"\\u0063\":\"x\"}\n{\"text\":\"两条。\"}\n"
	rows := "a,text,b,c\n1,一条。,2,3\n,两条。,,\n"
	for i, tt := range []struct {
		name, data string
		metadata   Metadata
		want       []string
	}{
		{"a.jsonl", lines, Metadata{Keep: Fields{"a", "c"}}, []string{`{"a":{"c":1},"\u0063":"x"}`, ""}},
		{"a.jsonl", lines, Metadata{Drop: Fields{"a", "none"}}, []string{`{"b":[2],"\u0063":"x"}`, ""}},
		{"a.jsonl", lines, Metadata{Keep: Fields{"text"}}, []string{"", ""}},
		{"a.jsonl", lines, Metadata{Keep: Fields{"a", "b"}, Drop: Fields{"c"}}, []string{`{"a":{"c":1},"b":[2]}`, ""}},
		{"a.csv", rows, Metadata{Drop: Fields{"b"}}, []string{`{"a":"1","c":"3"}`, `{"a":"","c":""}`}},
		{"a.md", "---\ntitle: x\n---\n正文。\n", Metadata{Drop: Fields{"front_matter"}}, []string{""}},
	} {
		cfg := Default()
		if strings.HasSuffix(tt.name, ".md") {
			cfg.Format = Markdown
		}
		own := cfg
		own.Metadata = tt.metadata
		for _, override := range []bool{false, true} {
			in := detected(t, tt.name, []byte(tt.data), own)
			if override {
				in.cfg = cfg
				in.from.Plan.Sources = []pipeline.Source{{Name: "one"}}
				in.cfg.Sources = map[string]Override{"one": {Metadata: tt.metadata}}
			}
			documents, meta, rejects, _ := in.documents(t)
			if diff := cmp.Diff(tt.want, meta); diff != "" || len(documents) != len(tt.want) || len(rejects) > 0 {
				t.Errorf("%d, %v: %v, %v, %s", i, override, documents, rejects, diff)
			}
		}
	}
	for metadata, want := range map[*Metadata]string{
		{Keep: Fields{"a"}, Drop: Fields{"a"}}: `metadata: "a" is to be kept and dropped`, {Drop: Fields{""}}: "metadata: a field without a name", {Keep: Fields{"a"}}: "",
	} {
		cfg := Default()
		cfg.Metadata = *metadata
		if err := cfg.Validate(); (err == nil) != (want == "") || err != nil && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%+v: %v", metadata, err)
		}
	}
}
