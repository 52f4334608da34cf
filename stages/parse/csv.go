package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/jsonscan"
)

// csvFormat is RFC 4180: fields between commas, in quotes where they hold a comma, a quote or a line end. tsvFormat is the
// same with tabs, and without quotes unless the first rows prove some. The delimiter may be another one: see findDialect. The
// first row names the columns; every other row becomes an object of them, which is read as a line of jsonl is.
var (
	csvFormat = rowFormat(CSVFormat, []string{".csv"}, ',')
	tsvFormat = rowFormat(TSV, []string{".tsv", ".tab"}, '\t')
)

func rowFormat(name string, suffixes []string, usual byte) format {
	return format{
		name:     name,
		rule:     RuleRecord,
		rules:    []string{RuleRecord},
		escaped:  true,
		suffixes: suffixes,
		frame:    func(in *stream) framer { return &rowFramer{in: in, usual: usual, row: row{most: maxColumns}} },
		decode:   decodeJSONL,
	}
}

// rowFramer makes objects of rows. Where quotes are wrong, the line is rejected and the next one taken for the start of a
// row; so a quote that was opened by mistake loses one line. A row with too many or too few fields is rejected whole.
type rowFramer struct {
	in      *stream
	usual   byte // the delimiter of the format
	row     row
	begun   bool
	columns [][]byte // `"name":` for each
	mender  fieldMender
	made    int64 // bytes of the objects so far

	several bool           // there was a field with lines in it
	again   int64          // bytes that were read ahead in vain
	numbers []columnNumber // scratch
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
	before, err := f.read(ctx)
	rec.offset += before
	if err != nil {
		return err
	}
	if n := f.row.count; n != len(f.columns) {
		detail := withHead(fmt.Sprintf("%d fields under %d columns", n, len(f.columns)), f.row.head())
		return &recordError{rec.offset, int64(f.row.size), ingest.ReasonBadRow, detail}
	}
	start := len(rec.text)
	rec.text = append(rec.text, '{')
	fields, other := f.mender.mend(f.row.fields, f.in.cfg)
	if other {
		rec.counters.Add(otherEncoding, 1)
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
		return &restError{rec.offset, ingest.ReasonExpansion, fmt.Sprintf("the rows, each with the names of the columns, are more than %d bytes", limit)}
	}
	return nil
}

// begin finds out how fields are set apart, and reads the header. A file none of whose columns can be the text is rejected
// once, not row by row.
func (f *rowFramer) begin(ctx context.Context) error {
	if err := f.in.skipBOM(ctx); err != nil {
		return err
	}
	if err := f.in.need(ctx, HeadBytes); err != nil {
		return err
	}
	head := f.in.ahead()[:min(len(f.in.ahead()), HeadBytes)]
	comma, said := sepLine(head)
	d := findDialect(head[said:], !f.in.ended || len(head) < len(f.in.ahead()), comma, f.usual, f.in.cfg)
	f.row.comma, f.row.quote = d.comma, d.quote
	f.in.take(said)
	start := f.in.offset()
	names, err := f.header(ctx)
	if err != nil {
		return err
	}
	if n := f.row.count; n > maxColumns {
		return &restError{start, ingest.ReasonTooLarge, fmt.Sprintf("the header: %d columns, more than %d", n, maxColumns)}
	}
	if !f.in.cfg.CSV.Header { // read again, as the first row
		f.in.take(-f.row.size)
	}
	if !f.named(names) {
		detail := "set text_field to one of the columns, or csv.header to false"
		if len(names) == 1 {
			detail += ", or csv.delimiter"
		}
		return &restError{start, ingest.ReasonFieldMissing, detail + ": " + quoted(names)}
	}
	for _, name := range names {
		f.columns = append(f.columns, append(appendJSONString(nil, []byte(name)), ':'))
	}
	f.row.want = len(names)
	return nil
}

// named says whether one of the names is that of the text.
func (f *rowFramer) named(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(f.in.cfg.TextField, name) })
}

// header reads the first row. A quote by mistake in it would take rows with it: then the quotes of the line are no quotes.
func (f *rowFramer) header(ctx context.Context) (names []string, err error) {
	start := f.in.offset()
	_, err = f.read(ctx)
	bad, wrong := errors.AsType[*recordError](err)
	if err != nil && !wrong {
		return nil, err
	}
	if !wrong {
		if names = f.names(); f.row.breaks == 0 || f.named(names) {
			return names, nil
		}
	} else if bad.reason != ingest.ReasonBadRow {
		return nil, &restError{start, bad.reason, "the header: " + bad.detail}
	}
	if f.in.base > start { // a line so long that its start is gone
		return nil, &restError{start, ingest.ReasonBadRow, "the header: a quote that is not closed"}
	}
	f.in.take(int(start - f.in.offset()))
	quote := f.row.quote
	f.row.quote = 0
	_, err = f.read(ctx)
	f.row.quote = quote
	return f.names(), err
}

// names makes one name of its own for each column: its number, if it has none or that of an earlier one.
func (f *rowFramer) names() (names []string) {
	for i, field := range f.row.fields {
		name := headerName(field)
		if !f.in.cfg.CSV.Header || name == "" || slices.Contains(names, name) {
			name = strconv.Itoa(i + 1)
		}
		names = append(names, name)
	}
	return names
}

// read takes the next row that is not blank. before is the length of the blank lines, and byte order marks, before it. What is
// looked at for a row follows from content, not from how much was read at once (invariant 1).
func (f *rowFramer) read(ctx context.Context) (before int64, err error) {
	limit := f.in.cfg.MaxDocumentBytes
	want := f.row.want
	defer func() { f.row.want = want }()
	for {
		if marks, err := f.marks(ctx); err != nil {
			return before, err
		} else if marks > 0 {
			before += int64(marks)
			continue
		}
		data := f.in.ahead()
		data = data[:min(int64(len(data)), limit+1)]
		all := f.in.ended && len(data) == len(f.in.ahead())
		if f.again > againTimes*(limit+f.in.offset()) { // no quote is followed over lines any more
			if end := bytes.IndexByte(data, '\n'); end >= 0 {
				data, all = data[:end+1], true
			}
		}
		switch status := f.row.parse(data, all); status {
		case rowOpen:
			if int64(len(data)) > limit {
				return before, f.tooLong(ctx, data)
			}
			if err := f.in.need(ctx, min(2*len(data)+1, int(limit)+1)); err != nil { // twice as much, so that no byte is looked at often
				return before, err
			}
		case rowNone:
			return before, io.EOF
		case rowBlank:
			f.in.take(f.row.size)
			before += int64(f.row.size)
		case rowBad:
			return before, f.rejectLine(ctx, f.row.bad, f.row.what)
		case rowTorn:
			if f.stray(data[:f.row.size], false) {
				return before, f.rejectLine(ctx, f.row.open, "a quote that is not closed, before lines that are rows")
			}
			f.row.want = 0 // to its end, however many fields it has
		case rowGood:
			good := f.row.count == want
			if f.row.breaks > 0 && f.row.want > 0 {
				if f.stray(data[:f.row.size], good) {
					return before, f.rejectLine(ctx, f.row.open, "a quote that is not closed, before lines that are rows")
				}
				f.several = f.several || good
			}
			offset := f.in.offset()
			if f.in.take(f.row.size); int64(f.row.size) > limit {
				return before, tooLarge(offset, int64(f.row.size), limit)
			}
			return before, nil
		}
	}
}

// againTimes is how many times as much as was read may be read ahead in vain.
const againTimes = 8

// marks takes the byte order marks in front of a row.
func (f *rowFramer) marks(ctx context.Context) (n int, err error) {
	if data := f.in.ahead(); len(data) == 0 || data[0] != bom[0] {
		return 0, nil
	}
	if err := f.in.need(ctx, len(bom)); err != nil {
		return 0, err
	}
	data := f.in.ahead()
	n = len(data) - len(trimBOM(data))
	f.in.take(n)
	return n, nil
}

// appendJSONString appends a string of JSON. Bytes that are no UTF-8 stay: the stage repairs and counts them.
func appendJSONString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i := jsonscan.Plain(s, 0); i < len(s); i = jsonscan.Plain(s, i+1) {
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c := s[i]; c {
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
