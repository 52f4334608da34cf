package parse

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
)

func TestCSV(t *testing.T) {
	type rejected struct {
		Offset, Bytes int64
		Scope         columnar.Scope
		Reason        string
	}
	const file = columnar.ScopeFile
	type document struct {
		Offset     int64
		Text, Meta string
	}
	tests := []struct {
		name, format, in string
		bare             bool // no header
		field            string
		want             []document
		rejects          []rejected
	}{
		{name: "nothing", rejects: nil},
		{name: "only a header", in: "id,text\n"},
		{name: "rows", in: "id,text\n1,一\n2,二", want: []document{{8, "一", `{"id":"1"}`}, {14, "二", `{"id":"2"}`}}},
		{name: "mark, crlf, blank lines", in: bom + "text,id\r\n\r\n一,1\r\n\r\n二,2\r\n\r\n", want: []document{{14, "一", `{"id":"1"}`}, {23, "二", `{"id":"2"}`}}},
		{
			name: "quotes", in: "\"题目\",\"内容\"\r\n\"大招\",\"青春,受谢\r\n白日\"\"昭\"\"只\"\r\n\"\",\"\"\r\n",
			want: []document{{19, "青春,受谢\r\n白日\"昭\"只", `{"题目":"大招"}`}, {63, "", `{"题目":""}`}},
		},
		{name: "one column", in: "text\na\n\n\"\"\nb\n", want: []document{{5, "a", ""}, {8, "", ""}, {11, "b", ""}}},
		{name: "controls", in: "text,x\na,\"\\\x01\t\"\n", want: []document{{7, "a", `{"x":"\\\u0001\t"}`}}},
		{name: "too many and too few", in: "id,text\n1,a,b\n2\n3,c\n", want: []document{{16, "c", `{"id":"3"}`}}, rejects: []rejected{{8, 6, 0, "bad_row"}, {14, 2, 0, "bad_row"}}},
		{name: "a bare quote", in: "id,text\n1,a\"b\n2,c\"\n", want: []document{{8, `a"b`, `{"id":"1"}`}, {14, `c"`, `{"id":"2"}`}}},
		{name: "text behind a quote", in: "id,text\n1,\"a\"b\n2,c\n", want: []document{{15, "c", `{"id":"2"}`}}, rejects: []rejected{{8, 7, 0, "bad_row"}}},
		{name: "a quote that stays open", in: "id,text\n1,\"a\n2,c\n", want: []document{{13, "c", `{"id":"2"}`}}, rejects: []rejected{{8, 5, 0, "bad_row"}}},
		{name: "equal and empty names", in: "text,text,,a\n1,2,3,4\n", want: []document{{13, "1", `{"2":"2","3":"3","a":"4"}`}}},
		{name: "no text column", in: "id,titel\n1,a\n2,b\n", rejects: []rejected{{0, 17, file, "field_missing"}}},
		{name: "tabs in place of commas", in: "id\ttext\n1\ta\n", want: []document{{8, "a", `{"id":"1"}`}}},
		{name: "a bad header", in: "id,\"text\n1,a\n2,b\n", want: []document{{9, "a", `{"id":"1"}`}, {13, "b", `{"id":"2"}`}}},
		{name: "a quote in the header", in: "id,te\"xt\n1,a\n", rejects: []rejected{{0, 13, file, "field_missing"}}},
		{name: "lines in the header", in: "\"i\nd\",\"text\"\n1,a\n", want: []document{{13, "a", `{"i\nd":"1"}`}}},
		{name: "no header", in: "1,a\n2,b\n", bare: true, field: "2", want: []document{{0, "a", `{"1":"1"}`}, {4, "b", `{"1":"2"}`}}},
		{name: "tabs", format: TSV, in: "label\tcontent\n体育\t他说\"好\"\n财经\t\"a\tb\"\n", want: []document{{14, `他说"好"`, `{"label":"体育"}`}, {33, "a\tb", `{"label":"财经"}`}}},
		{name: "too large", in: "text\n" + strings.Repeat("x", 5000) + "\nb\n", want: []document{{5006, "b", ""}}, rejects: []rejected{{5, 5001, 0, "too_large"}}},
		{name: "much too large, in quotes", in: "text\n\"" + strings.Repeat("x\n\n", 200000) + "\"\nb\n", want: []document{{600008, "b", ""}}, rejects: []rejected{{5, 600003, 0, "too_large"}}},
		{name: "much too large, one of two", in: "id,text\n1,\"" + strings.Repeat("x\n", 200000) + "\"\n2,b\n", want: []document{{400013, "b", `{"id":"2"}`}}, rejects: []rejected{{8, 400005, 0, "too_large"}}},
		{name: "semicolons", in: "id;text\n1;a, b\n2;\"c;d\"\n", want: []document{{8, "a, b", `{"id":"1"}`}, {15, "c;d", `{"id":"2"}`}}},
		{name: "bars", in: "id|text\n1|a, b\n", want: []document{{8, "a, b", `{"id":"1"}`}}},
		{name: "sep", in: "sep=;\r\nid;text\r\n1;a,b\r\n", want: []document{{16, "a,b", `{"id":"1"}`}}},
		{name: "sep of what is no delimiter else", in: bom + "\"sep=^\"\nid^text\n1^a,b\n", want: []document{{19, "a,b", `{"id":"1"}`}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			format := CSVFormat
			if tt.format != "" {
				format = tt.format
			}
			in := one(format, RuleRecord, "", []byte(tt.in))
			in.cfg.MaxDocumentBytes = 4000
			in.cfg.CSV.Header = !tt.bare
			if tt.field != "" {
				in.cfg.TextField = Fields{tt.field}
			}
			documents, meta, rejects, _ := in.documents(t)
			var got []document
			for i, d := range documents {
				got = append(got, document{d.Offset, d.Text, meta[i]})
			}
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

// TestCSVWide: what a file makes of a few bytes is bounded, in memory and in time.
func TestCSVWide(t *testing.T) {
	check := func(name, data string, documents int, reason string, scope columnar.Scope, offset int) {
		t.Helper()
		got, rejects, _, _ := one(CSVFormat, RuleRecord, "", []byte(data)).raw(t)
		if len(got) != documents || len(rejects) != 1 || rejects[0].Reason != reason || rejects[0].Scope != scope || rejects[0].Offset != int64(offset) {
			t.Errorf("%s: %d documents, rejects %+v", name, len(got), rejects)
		}
	}
	var header strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&header, "column %d,", i)
	}
	check("columns", header.String()+"text\n1,2\n", 0, ingest.ReasonTooLarge, columnar.ScopeFile, 0)

	commas := strings.Repeat(",", 5<<20)
	var r row
	r.comma, r.most = ',', 10
	if r.parse([]byte(commas), true) != rowGood || r.count != len(commas)+1 || cap(r.fields) > 100 {
		t.Errorf("%d fields, room for %d", r.count, cap(r.fields))
	}
	check("fields", "id,text\n"+commas+"\n1,a\n", 1, ingest.ReasonBadRow, columnar.ScopeDocument, 8)

	long := strings.Repeat("n", 200_000)
	rows := minExpanded / (len(long) + len(`{"":"","text":"a"}`))
	check("names", long+",text\n"+strings.Repeat(",a\n", 2*rows), rows, ingest.ReasonExpansion, columnar.ScopeFile, len(long)+6+3*rows)
}

// TestCSVCompressed: what is lost of a file that is read ahead counts, whatever it is stored as.
func TestCSVCompressed(t *testing.T) {
	rows := strings.Repeat("1,一\n", 1000)
	for _, c := range compressors {
		data := c.of(t, "id,titel\n"+rows)
		_, rejects, _, _ := one(CSVFormat, RuleRecord, c.codec, data).raw(t)
		if len(rejects) != 1 || rejects[0].Bytes != int64(len(data)) {
			t.Errorf("%s of %d bytes: %+v", c.name, len(data), rejects)
		}
		data = c.of(t, `[{"text":"a"}`+strings.Repeat(" ", 1000), `!`+strings.Repeat(" ", 1000))
		_, rejects, _, _ = one(JSON, RuleRecord, c.codec, data).raw(t)
		if len(rejects) != 1 || rejects[0].Offset != 1013 || rejects[0].Bytes < int64(len(data))/4 || rejects[0].Bytes > int64(len(data))*3/4 {
			t.Errorf("%s of %d bytes: %+v", c.name, len(data), rejects)
		}
	}
}

// TestCSVInvalid repairs a row as it repairs a line.
func TestCSVInvalid(t *testing.T) {
	documents, meta, rejects, counters := one(CSVFormat, RuleRecord, "", []byte("text,a\n"+strings.Repeat("好", 50)+"\xff,\xff\n\xff\xff\xff,\n")).documents(t)
	if len(documents) != 1 || !strings.HasSuffix(documents[0].Text, "好\uFFFD") || meta[0] != "{\"a\":\"\uFFFD\"}" || counters["invalid_utf8"] != 2 {
		t.Errorf("documents %v, metadata %q, counters %v", documents, meta, counters)
	}
	if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonEncodingUnknown {
		t.Errorf("rejects %v", rejects)
	}
}

func TestCSVShared(t *testing.T) {
	for _, name := range []string{"csv/先秦.csv", "csv/汉.csv"} {
		data := sharedFile(t, name)
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		documents, meta, rejects, _ := detected(t, name, data, Default()).documents(t)
		if len(rejects) > 0 || len(documents) != len(rows)-1 {
			t.Fatalf("%s: %d documents of %d rows, rejects %v", name, len(documents), len(rows), rejects)
		}
		for i, row := range rows[1:] {
			var fields map[string]string
			if err := json.Unmarshal([]byte(meta[i]), &fields); err != nil {
				t.Fatal(err)
			}
			if documents[i].Text != row[3] || fields["题目"] != row[0] || fields["作者"] != row[2] {
				t.Fatalf("%s: row %d: %q, %v, want %q", name, i, documents[i].Text, fields, row)
			}
		}
	}
}

// FuzzCSV holds the reader to encoding/csv: where that finds rows without an error, they are the same.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"text,b\n1,2\n", "text\r\n\"a\"\"b\r\n\"\r\n", bom + "\"text\",x\n\"a\n", "text\n\n \n\r\n", "text,x\na\"b,c\n", "text,x,\n1,2,\"\"\n", "text\na\rb\r", "\"text,,\n,,0\"", "\ntext,\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := one(CSVFormat, RuleRecord, "", data)
		in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
		in.cfg.CSV.Delimiter = ","
		documents, meta, rejects, counters := in.documents(t)
		for i, d := range documents {
			if !utf8.ValidString(d.Text) || meta[i] != "" && !json.Valid([]byte(meta[i])) {
				t.Fatalf("document %q, metadata %q", d.Text, meta[i])
			}
		}
		if len(rejects) > 0 || counters["invalid_utf8"] > 0 || bytes.Contains(data, []byte("\r")) || bytes.Contains(data, []byte("\n\"\"\n")) {
			return // encoding/csv changes CRLF inside of fields, and so on
		}
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte(bom)))).ReadAll()
		if errors.Is(err, csv.ErrBareQuote) || errors.Is(err, csv.ErrFieldCount) {
			return // quotes that are text; blank lines
		} else if bad, ok := errors.AsType[*csv.ParseError](err); ok &&
			len(bytes.TrimSpace(bytes.Join(bytes.SplitN(data, []byte("\n"), bad.StartLine)[:bad.StartLine-1], nil))) == 0 {
			return // a header has no line to lose
		} else if err != nil {
			t.Fatalf("no reject, but %v", err)
		}
		if len(rows) == 0 {
			rows = [][]string{nil}
		}
		if strings.Contains(strings.Join(rows[0], ""), "\n") && !slices.ContainsFunc(rows[0], func(name string) bool { return slices.Contains(in.cfg.TextField, headerName([]byte(name))) }) {
			return // a header over several lines that does not name the text has a quote by mistake
		}
		if len(documents) != len(rows)-1 {
			t.Fatalf("%d documents of %d rows", len(documents), len(rows))
		}
		for i, name := range rows[0] {
			for r, row := range rows[1:] {
				if strings.TrimSpace(name) == "text" && !strings.Contains(strings.Join(rows[0][:i], ","), "text") && documents[r].Text != row[i] {
					t.Fatalf("row %d: %q, want %q", r, documents[r].Text, row[i])
				}
			}
		}
	})
}

// What is wrong with a row is told with its beginning.
func TestRowDetails(t *testing.T) {
	in := one(CSVFormat, RuleRecord, "", []byte("id,text\n1,\"a\"b\n2,甲,乙\n3,"+strings.Repeat("丙", 30)+",\n"))
	_, _, rejects, _ := in.documents(t)
	var got []string
	for _, r := range rejects {
		got = append(got, r.Detail)
	}
	want := []string{
		"byte 5: text behind a closing quote, in `1,\"a\"b`",
		"3 fields under 2 columns, in `2,甲,乙`",
		"3 fields under 2 columns, in `3," + strings.Repeat("丙", 15) + "…`",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
