package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"millrace/pipeline"
)

// csvFormat is RFC 4180: fields between commas, in quotes where they hold a comma, a quote or a line end. tsvFormat is the
// same with tabs, where a quote inside of a field without quotes is a character like others. The first row names the
// columns; every other row becomes an object of them, which is read as a line of jsonl is.
var (
	csvFormat = format{
		name:     CSVFormat,
		rule:     RuleRecord,
		rules:    []string{RuleRecord},
		escaped:  true,
		suffixes: []string{".csv"},
		frame: func(in *stream) framer {
			return &rowFramer{in: in, row: row{comma: ',', strict: true, most: maxColumns}}
		},
		decode: decodeJSONL,
	}
	tsvFormat = format{
		name:     TSV,
		rule:     RuleRecord,
		rules:    []string{RuleRecord},
		escaped:  true,
		suffixes: []string{".tsv", ".tab"},
		frame:    func(in *stream) framer { return &rowFramer{in: in, row: row{comma: '\t', most: maxColumns}} },
		decode:   decodeJSONL,
	}
)

// rowFramer makes objects of rows. Where quotes are wrong, the line is rejected and the next one taken for the start of a
// row; so a quote that was opened by mistake loses one line. A row with too many or too few fields is rejected whole.
type rowFramer struct {
	in      *stream
	row     row
	begun   bool
	columns [][]byte // `"name":` for each
	mender  fieldMender
	made    int64 // bytes of the objects so far
}

// maxColumns bounds the columns of a file, as those of tables are.
const maxColumns = 10_000

func (f *rowFramer) next(ctx context.Context, rec *rawRecord) error {
	if !f.begun {
		if err := f.begin(ctx); err != nil {
			return err
		}
		f.begun = true
	}
	rec.offset = f.in.offset()
	line, err := f.read(ctx)
	rec.offset += line
	if err != nil {
		return err
	}
	if n := f.row.count; n != len(f.columns) {
		return &recordError{
			rec.offset, int64(f.row.size), pipeline.ReasonBadRow,
			withHead(fmt.Sprintf("%d fields under %d columns", n, len(f.columns)), f.row.head()),
		}
	}
	start := len(rec.text)
	rec.text = append(rec.text, '{')
	fields, other := f.mender.mend(f.row.fields, f.in.cfg)
	if other {
		rec.counters.Add("other_encoding", 1)
	}
	for i, field := range fields {
		if i > 0 {
			rec.text = append(rec.text, ',')
		}
		rec.text = append(rec.text, f.columns[i]...)
		rec.text = appendJSONString(rec.text, field)
	}
	rec.text = append(rec.text, '}')
	// Every row repeats the names of the columns, which may be much longer than what is in it.
	f.made += int64(len(rec.text) - start)
	if limit := expandedFrom(*f.in.cfg, f.in.offset()); f.made > limit {
		return &restError{rec.offset, pipeline.ReasonExpansion, fmt.Sprintf("the rows, each with the names of the columns, are more than %d bytes", limit)}
	}
	return nil
}

// begin reads the header. A file none of whose columns can be the text is rejected once, not row by row.
func (f *rowFramer) begin(ctx context.Context) error {
	if err := f.in.skipBOM(ctx); err != nil {
		return err
	}
	start := f.in.offset()
	if _, err := f.read(ctx); err != nil {
		if bad, ok := errors.AsType[*recordError](err); ok {
			return &restError{start, bad.reason, "the header: " + bad.detail}
		}
		return err
	}
	if n := f.row.count; n > maxColumns {
		return &restError{start, pipeline.ReasonTooLarge, fmt.Sprintf("the header: %d columns, more than %d", n, maxColumns)}
	}
	names := f.names()
	if !f.in.cfg.CSV.Header { // read again, as the first row
		f.in.take(-f.row.size)
	}
	if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(f.in.cfg.TextField, name) }) {
		detail := "set text_field to one of the columns, or csv.header to false: " + quoted(names)
		if len(names) == 1 && strings.Contains(names[0], "\t") {
			detail = "tabs and no commas, set format to tsv: " + quoted(names)
		}
		return &restError{start, pipeline.ReasonFieldMissing, detail}
	}
	for _, name := range names {
		f.columns = append(f.columns, append(appendJSONString(nil, []byte(name)), ':'))
	}
	return nil
}

// names makes one name of its own for each column: its number, if it has none or that of an earlier one.
func (f *rowFramer) names() (names []string) {
	for i, field := range f.row.fields {
		name := strings.ToValidUTF8(strings.TrimSpace(string(field)), string(utf8.RuneError))
		if !f.in.cfg.CSV.Header || name == "" || slices.Contains(names, name) {
			name = strconv.Itoa(i + 1)
		}
		names = append(names, name)
	}
	return names
}

// read takes the next row that is not blank. blank is the length of the blank lines, and byte order marks, before it.
func (f *rowFramer) read(ctx context.Context) (blank int64, err error) {
	limit := f.in.cfg.MaxDocumentBytes
	for {
		data := f.in.ahead()
		if len(data) > 0 && data[0] == bom[0] {
			if err := f.in.need(ctx, len(bom)); err != nil {
				return blank, err
			}
			marks := len(f.in.ahead()) - len(trimBOM(f.in.ahead()))
			f.in.take(marks)
			blank += int64(marks)
			data = f.in.ahead()
		}
		switch status := f.row.parse(data, f.in.ended); status {
		case rowOpen:
			if int64(len(data)) > limit+maxBlank {
				return blank, f.skipLarge(ctx)
			}
			if err := f.in.need(ctx, 2*len(data)+1); err != nil { // twice as much, so that no byte is looked at often
				return blank, err
			}
		case rowNone:
			return blank, io.EOF
		case rowBlank:
			f.in.take(f.row.size)
			blank += int64(f.row.size)
		case rowBad:
			offset := f.in.offset()
			size := len(data)
			if end := bytes.IndexByte(data, '\n'); end >= 0 {
				size = end + 1
			}
			detail := withHead(fmt.Sprintf("byte %d: %s", f.row.bad, f.row.what), bytes.TrimRight(data[:size], "\r\n"))
			f.in.take(size)
			return blank, &recordError{offset, int64(size), pipeline.ReasonBadRow, detail}
		case rowGood:
			offset := f.in.offset()
			f.in.take(f.row.size)
			if int64(f.row.size) > limit {
				return blank, tooLarge(offset, int64(f.row.size), limit)
			}
			return blank, nil
		}
	}
}

// skipLarge lets a row go that is longer than what may be held: up to the first line end outside of quotes.
func (f *rowFramer) skipLarge(ctx context.Context) error {
	start := f.in.offset()
	quoted := false
	for {
		data := f.in.ahead()
		for i, c := range data {
			if c == '"' {
				quoted = !quoted
			}
			if c == '\n' && !quoted {
				f.in.take(i + 1)
				return tooLarge(start, f.in.offset()-start, f.in.cfg.MaxDocumentBytes)
			}
		}
		f.in.take(len(data))
		if err := f.in.more(ctx); errors.Is(err, io.EOF) {
			return tooLarge(start, f.in.offset()-start, f.in.cfg.MaxDocumentBytes)
		} else if err != nil {
			return err
		}
	}
}

// appendJSONString appends a string of JSON. Bytes that are no UTF-8 stay: the stage repairs and counts them.
func appendJSONString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
