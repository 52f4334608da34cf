package parse

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// strayTable makes a table of rows of which some have a quote by mistake in front of a field, and says which texts are left.
type strayTable struct {
	rows, columns int
	comma, end    string
	stray         map[int]int // the row: the field
	neighbours    bool        // some of the others have quotes, commas and lines in their fields
}

func (s strayTable) write() (data string, want []string) {
	var b strings.Builder
	names := []string{"id", "text", "title", "note"}
	b.WriteString(strings.Join(names[:s.columns], s.comma) + s.end)
	for i := range s.rows {
		text := fmt.Sprintf("城南的老书店昨天重新开门，第一天就来了三百多位读者第%d次。", i)
		fields := []string{strconv.Itoa(i), text, "标题", "a note"}[:s.columns]
		if s.neighbours && s.stray[i] == 0 {
			switch i % 7 {
			case 0:
				text += s.comma + " \"他说\""
				fields[1] = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
			case 2:
				text += "\n第二行\n\n第三行，" + s.comma + "完。"
				fields[1] = `"` + text + `"`
			case 4:
				fields[0] = fmt.Sprintf("\"%d\"", i)
				text = "5\" 的屏幕" + text
				fields[1] = text
			case 6:
				text = "\"引号开头\"" + text
				fields[1] = `"""引号开头""` + text[len("\"引号开头\""):] + `"`
			}
		}
		if field, found := s.stray[i]; found {
			fields[field-1] = `"` + fields[field-1]
		} else {
			want = append(want, text)
		}
		b.WriteString(strings.Join(fields, s.comma) + s.end)
	}
	return b.String(), want
}

// TestStrayQuotes: a quote by mistake costs its line, wherever it stands.
func TestStrayQuotes(t *testing.T) {
	pipelinetest.Long(t)
	for _, rows := range []int{5, 40, 2000} {
		for columns := 2; columns <= 4; columns++ {
			for _, comma := range []string{",", ";", "|"} {
				for _, end := range []string{"\n", "\r\n"} {
					for _, neighbours := range []bool{false, true} {
						if rows > 1000 && (comma != "," || columns == 4) {
							continue
						}
						for name, stray := range map[string]map[int]int{
							"first row": {0: 1}, "in the text": {1: 2}, "last field": {2: columns}, "last row": {rows - 1: 2}, "middle": {rows / 2: 1},
							"two together": {2: 2, 3: 2}, "several": {0: columns, 1: 1, rows / 3: 2, rows / 2: columns, rows - 2: 1, rows - 1: 2},
						} {
							table := strayTable{rows, columns, comma, end, stray, neighbours}
							data, want := table.write()
							for _, limit := range []int64{4 << 10, 64 << 10, 64 << 20} {
								in := detected(t, "a.csv", []byte(data), Default())
								in.cfg.MaxDocumentBytes = limit
								documents, _, rejects, _ := in.documents(t)
								got := texts(documents)
								for i := range got {
									got[i] = strings.ReplaceAll(got[i], "\r\n", "\n")
								}
								if diff := cmp.Diff(want, got); diff != "" || len(rejects) != len(stray) {
									t.Fatalf("%d rows, %d columns, %q, %q, %v, %s, limit %d: %d of %d, %d rejects %+v", rows, columns, comma, end, neighbours, name, limit,
										len(got), len(want), len(rejects), rejects[:min(3, len(rejects))])
								}
								for _, r := range rejects {
									if r.Reason != ingest.ReasonBadRow || !strings.Contains(r.Detail, "a quote that is not closed") {
										t.Errorf("%s: %+v", name, r)
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

// TestStrayQuotesStored: the same bytes give the same, in whatever pieces they are read.
func TestStrayQuotesStored(t *testing.T) {
	pipelinetest.Long(t)
	table := strayTable{6000, 3, ",", "\n", map[int]int{100: 2, 3000: 1, 5990: 3}, true}
	data, want := table.write()
	cfg := Default()
	cfg.MaxDocumentBytes = 32 << 10
	var first []record
	for _, w := range storings() {
		if strings.Contains(w.name, "bzip2") {
			continue // what writes it here does not do so well with rows like these
		}
		for _, f := range w.of(t, []entry{{name: "a.csv", data: data}}) {
			documents, _, rejects, _ := detected(t, f.name, []byte(f.data), cfg).documents(t)
			if first == nil {
				first = documents
			}
			if diff := cmp.Diff(want, texts(documents)); diff != "" || len(rejects) != 3 {
				t.Errorf("%s: %d rejects %v, %s", w.name, len(rejects), rejects, diff[:min(len(diff), 300)])
			}
			if w.codec != inContainer {
				if diff := cmp.Diff(first, documents); diff != "" {
					t.Errorf("%s: %s", w.name, diff)
				}
			}
		}
	}
}

// TestStrayQuoteThatCloses: a quote by mistake may end at one that is in its place, or at another mistake.
func TestStrayQuoteThatCloses(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want []string
		bad  int
	}{
		"before a comma in a field":          {"id,text\n1,\"a\n2,b\n3,\", c\"\n4,d\n", []string{"b", ", c", "d"}, 1},
		"before a line end in a field":       {"id,text\n1,\"a\n2,b\n3,\"\nc\"\n4,d\n", []string{"b", "\nc", "d"}, 1},
		"at a quote that is text":            {"id,text\n1,\"a\n2,b\n3,5\"\n4,d\n", []string{"b", `5"`, "d"}, 1},
		"at the next line":                   {"id,text\n1,\"a\n2,5\"\n3,c\n", []string{`5"`, "c"}, 1},
		"at an empty field":                  {"id,text,x\n1,\"a,x\n2,b,x\n3,\"\",\"\"\n4,d,x\n", []string{"b", "", "d"}, 1},
		"without numbers":                    {"name,text,x,y\n甲,\"a,b,c\n乙,b,b,c\n丙,c,b,c\n丁,d\",b,c\n", []string{"b", "c", `d"`}, 1},
		"lines that are a text":              {"id,text\n1,\"a, b\nc, d\ne\"\n2,b\n", []string{"a, b\nc, d\ne", "b"}, 0},
		"two lines, with a comma each":       {"id,text\n1,\"Hello\nyes, world\"\n2,b\n", []string{"Hello\nyes, world", "b"}, 0},
		"a number and a comma":               {"id,text\n1,\"In\n1990, world\"\n2,b\n", []string{"In\n1990, world", "b"}, 0},
		"too many fields, and lines of text": {"id,text\n1,\"a\nb\nc\",d,e\n2,b\n", []string{"b"}, 1},
		"text behind a quote, over lines":    {"id,text\n1,\"a\" b\n2,\"b\nc\"\n", []string{"b\nc"}, 1},
	} {
		documents, _, rejects, _ := one(CSVFormat, RuleRecord, "", []byte(tt.in)).documents(t)
		if diff := cmp.Diff(tt.want, texts(documents)); diff != "" || len(rejects) != tt.bad {
			t.Errorf("%s: %v %s", name, rejects, diff)
		}
	}
}

// TestLargeFields: fields with lines in them are read up to max_document_bytes, whatever stands in them.
func TestLargeFields(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	var want []string
	b.WriteString("id,text,x\n")
	for i, size := range []int{100, 60 << 10, 1 << 20, 63 << 10, 10} {
		var text strings.Builder
		for text.Len() < size {
			text.WriteString([]string{"春眠不觉晓，", "\n", "a, b", "\n\n", `"`, `",`, "x, y, z\n", "1,2,3\n"}[rng.IntN(8)])
		}
		text.WriteString("。")
		fmt.Fprintf(&b, "%d,\"%s\",x\n", i, strings.ReplaceAll(text.String(), `"`, `""`))
		if text.Len() < 900<<10 {
			want = append(want, text.String())
		}
	}
	in := one(CSVFormat, RuleRecord, "", []byte(b.String()))
	in.cfg.MaxDocumentBytes = 128 << 10
	documents, _, rejects, _ := in.documents(t)
	if diff := cmp.Diff(want, texts(documents)); diff != "" || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonTooLarge {
		t.Errorf("%v %s", rejects, diff[:min(300, len(diff))])
	}
}

// TestManyStrayQuotes: however many there are, a file is read in a time that goes with its size.
func TestManyStrayQuotes(t *testing.T) {
	pipelinetest.Long(t)
	for name, line := range map[string]string{
		"one a line": "1,\"a\n", "between two": "a\",\"b\n", "in every field": "\"a,\"b\n", "doubled": "1,\"\"a\n", "closed by the next": "\"\",\"\n", "commas": ",\",\n",
	} {
		data := []byte("id,text\n" + strings.Repeat(line, 2<<20/len(line)))
		begun := time.Now()
		batch := 0
		in := one(CSVFormat, RuleRecord, "", data)
		_, _, rejects, _ := in.documents(t)
		for _, r := range rejects {
			batch += int(r.Bytes)
		}
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v, %d rejects", name, took, len(rejects))
		}
		if batch > len(data) {
			t.Errorf("%s: %d bytes rejected of %d", name, batch, len(data))
		}
	}
}

// TestTSVQuotes: with tabs quotes are text, unless the first rows prove that they are not, or the setting says so.
func TestTSVQuotes(t *testing.T) {
	literal := "id\ttext\n1\t\"引号开始 一\n2\t二\n3\t三\n4\t结尾有引号\"\n5\t五\n"
	for name, tt := range map[string]struct {
		in, quote string
		want      []string
	}{
		"text":                   {literal, Auto, []string{`"引号开始 一`, "二", "三", `结尾有引号"`, "五"}},
		"set":                    {"id\ttext\n1\t\"a\nb\"\n2\tc\n", `"`, []string{"a\nb", "c"}},
		"off":                    {"id\ttext\n1\t\"a\"\n2\t\"c\"\n3\t\"d\"\n", noQuote, []string{`"a"`, `"c"`, `"d"`}},
		"a tab within":           {"id\ttext\n1\t\"a\tb\"\n2\tc\n", Auto, []string{"a\tb", "c"}},
		"a line within":          {"id\ttext\n1\t\"a\nb\"\n2\tc\n", Auto, []string{"a\nb", "c"}},
		"names in quotes":        {"\"id\"\t\"text\"\n1\t\"a\"\n2\t\"c\"\n", Auto, []string{"a", "c"}},
		"a column in quotes":     {"id\ttext\n1\t\"a\"\n2\t\"b\"\n3\t\"c\"\n", Auto, []string{"a", "b", "c"}},
		"doubled":                {"id\ttext\n1\t\"a \"\"b\"\"\"\n2\tc\n", Auto, []string{`a "b"`, "c"}},
		"a word in quotes":       {"id\ttext\n1\t\"a\" b\n2\t\"c\"\n3\td\n", Auto, []string{`"a" b`, `"c"`, "d"}},
		"another one":            {"id\ttext\n1\t'a\tb'\n2\tc\n", "'", []string{"a\tb", "c"}},
		"loose ones beside both": {"id\ttext\n1\t\"a\"\n2\t\"b\"\n3\t\"c\"\n4\t\"d\n", Auto, []string{`"a"`, `"b"`, `"c"`, `"d`}},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			cfg := Default()
			cfg.CSV.Quote = tt.quote
			documents, _, rejects, _ := detected(t, "a.tsv", []byte(strings.ReplaceAll(tt.in, "\n", end)), cfg).documents(t)
			got := texts(documents)
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], "\r\n", "\n")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(rejects) > 0 {
				t.Errorf("%s: %v %s", name, rejects, diff)
			}
		}
	}
}

// TestDelimiters: found by evidence, said by the file, or set.
func TestDelimiters(t *testing.T) {
	for name, tt := range map[string]struct {
		file, in, delimiter string
		bare                bool
		field               string
		want                []string
	}{
		"semicolons":          {file: "a.csv", in: "id;text\n1;\"a;b\"\n2;c, d\n", want: []string{"a;b", "c, d"}},
		"bars":                {file: "a.csv", in: "id|text|x\n1|a, b; c|\n", want: []string{"a, b; c"}},
		"tabs in .csv":        {file: "a.csv", in: "id\ttext\n1\ta, \"b\n2\t\"c\n", want: []string{`a, "b`, `"c`}},
		"commas in .tsv":      {file: "a.tsv", in: "id,text\n1,\"a,b\"\n", want: []string{"a,b"}},
		"sep":                 {file: "a.csv", in: "sep=;\nid;text\n1;a\n", want: []string{"a"}},
		"sep and a mark":      {file: "a.csv", in: bom + "SEP=|\r\nid|text\r\n1|a,b\r\n", want: []string{"a,b"}},
		"sep, set otherwise":  {file: "a.csv", in: "sep=;\nid,text\n1,a;b\n", delimiter: ",", want: []string{"a;b"}},
		"set":                 {file: "a.csv", in: "id^text\n1^a,b\n", delimiter: "^", want: []string{"a,b"}},
		"set to tab":          {file: "a.csv", in: "id\ttext\n1\ta,b\n", delimiter: tabName, want: []string{"a,b"}},
		"without a header":    {file: "a.csv", in: "1;a,b\n2;c\n", bare: true, field: "2", want: []string{"a,b", "c"}},
		"commas, no header":   {file: "a.csv", in: "1,a;b\n2,c;d\n", bare: true, field: "2", want: []string{"a;b", "c;d"}},
		"text in semicolons":  {file: "a.csv", in: "id,text\n1,a;b;c\n2,d;e;f\n", want: []string{"a;b;c", "d;e;f"}},
		"one column":          {file: "a.csv", in: "text\na;b\nc|d\n", want: []string{"a;b", "c|d"}},
		"one column in a row": {file: "a.csv", in: "text;id\na;1\n", want: []string{"a"}},
	} {
		cfg := Default()
		cfg.CSV.Header = !tt.bare
		if tt.delimiter != "" {
			cfg.CSV.Delimiter = tt.delimiter
		}
		if tt.field != "" {
			cfg.TextField = Fields{tt.field}
		}
		documents, _, rejects, _ := detected(t, tt.file, []byte(tt.in), cfg).documents(t)
		if diff := cmp.Diff(tt.want, texts(documents)); diff != "" || len(rejects) > 0 {
			t.Errorf("%s: %v %s", name, rejects, diff)
		}
	}
}

func TestCSVSettings(t *testing.T) {
	for setting, want := range map[CSV]string{
		{Delimiter: ",,"}:                 `csv.delimiter: ",," is not auto, tab, or one character`,
		{Delimiter: "a"}:                  `csv.delimiter: "a" is not`,
		{Delimiter: "，"}:                  `csv.delimiter: "，" is not`,
		{Quote: "off"}:                    `csv.quote: "off" is not auto, none`,
		{Delimiter: "'", Quote: "'"}:      "csv.quote: must not be the delimiter",
		{Delimiter: "1", Quote: "aa"}:     "such as , ; |\ncsv.quote",
		{Delimiter: "tab", Quote: "none"}: "", {Delimiter: "|", Quote: "'"}: "", {}: "",
	} {
		cfg := Default()
		cfg.CSV = setting
		err := cfg.Validate()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", setting, err, want)
		}
	}
}

// FuzzRows reads anything as csv in which the dialect has to be found: every byte is in a row or a reject, whatever is read at once.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{"id;text\n1;\"a\n2;b\n", "sep=|\ntext|x\n\"a\n\"\"|\"\n", "text\tb\n\"a\tb\"\tc\n", "id,text\n1,\"\"\n\n\"2,\"a\"b\n", "text,x\n\"a\",\"b\nc\",d\n1,2\n"} {
		f.Add([]byte(seed), uint16(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, limit uint16) {
		var first []record
		for i, codec := range []string{"", "gzip"} {
			stored := data
			if codec != "" {
				stored = gzipped(t, string(data[:len(data)/2]), string(data[len(data)/2:]))
			}
			in := one(CSVFormat, RuleRecord, codec, stored)
			in.cfg.MaxDocumentBytes = minDocumentBytes + int64(limit)
			documents, _, rejects, _ := in.documents(t)
			end := int64(-1)
			for _, r := range rejects {
				if r.Reason != ingest.ReasonBadRow && r.Reason != ingest.ReasonTooLarge {
					continue // the object that a row was made into
				}
				if r.Scope == 0 && (r.Offset < end || r.Bytes <= 0 || r.Offset+r.Bytes > int64(len(data))) {
					t.Fatalf("%+v behind %d of %d", r, end, len(data))
				} else if r.Scope == 0 {
					end = r.Offset + r.Bytes
				}
			}
			if i == 0 {
				first = documents
			} else if diff := cmp.Diff(first, documents); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
