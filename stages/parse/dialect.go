package parse

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Words of csv.delimiter and csv.quote beside single characters.
const (
	tabName = "tab"
	noQuote = "none"
)

// delimiters are what is looked for between fields, in this order.
const delimiters = ",;\t|"

// dialect is how the fields of a file are set apart.
type dialect struct{ comma, quote byte }

// separator reads csv.delimiter: 0 is auto.
func (c CSV) separator() (byte, error) {
	switch c.Delimiter {
	case "", Auto:
		return 0, nil
	case tabName, "\t":
		return '\t', nil
	}
	return mark(c.Delimiter, "auto, tab, or one character such as , ; |")
}

// quotation reads csv.quote: auto says that the file decides.
func (c CSV) quotation() (quote byte, auto bool, err error) {
	switch c.Quote {
	case "", Auto:
		return 0, true, nil
	case noQuote:
		return 0, false, nil
	}
	quote, err = mark(c.Quote, `auto, none, or one character such as "`)
	return quote, false, err
}

func mark(s, known string) (byte, error) {
	if len(s) != 1 || s[0] <= ' ' || s[0] >= utf8.RuneSelf-1 || isLetter(s[0]) || isDigit(s[0]) {
		return 0, errors.New(strconv.Quote(s) + " is not " + known)
	}
	return s[0], nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// validate returns all that is wrong, each with the name of its setting.
func (c CSV) validate() error {
	var errs []error
	comma, err := c.separator()
	if err != nil {
		errs = append(errs, fmt.Errorf("csv.delimiter: %w", err))
	}
	quote, _, err := c.quotation()
	if err != nil {
		errs = append(errs, fmt.Errorf("csv.quote: %w", err))
	}
	if comma != 0 && comma == quote {
		errs = append(errs, errors.New("csv.quote: must not be the delimiter"))
	}
	return errors.Join(errs...)
}

// sepLine is the delimiter that a first line such as sep=; says, as spreadsheets write and read it, and the length of the line.
func sepLine(head []byte) (comma byte, size int) {
	line, _, found := bytes.Cut(head, []byte("\n"))
	name := bytes.Trim(bytes.TrimSuffix(line, []byte("\r")), `"`)
	const sep = "sep="
	if !found || len(name) != len(sep)+1 || !strings.EqualFold(string(name[:len(sep)]), sep) {
		return 0, 0
	}
	return name[len(sep)], len(line) + 1
}

// findDialect looks at what a file begins with, behind a line sep=. usual is the delimiter of the format.
func findDialect(head []byte, cut bool, comma, usual byte, cfg *Config) dialect {
	if c, err := cfg.CSV.separator(); err == nil && c != 0 {
		comma = c
	}
	if comma == 0 {
		comma = findComma(head, cut, usual, cfg)
	}
	quote, auto, _ := cfg.CSV.quotation()
	if auto {
		if quote = '"'; comma == '\t' && !quotesProven(head, cut, comma) {
			quote = 0
		}
	}
	return dialect{comma, quote}
}

// findComma finds the delimiter: the usual one, unless the header has a field for the text with another alone. Without a header
// it is the first one that all rows have as often.
func findComma(head []byte, cut bool, usual byte, cfg *Config) byte {
	candidates := []byte{usual}
	for _, c := range []byte(delimiters) {
		if c != usual {
			candidates = append(candidates, c)
		}
	}
	for _, c := range candidates {
		r := row{comma: c, quote: '"', most: maxColumns}
		if status := r.parse(head, !cut); status != rowGood {
			r.quote = 0
			r.parse(head, true)
		}
		if cfg.CSV.Header {
			if slices.ContainsFunc(r.fields, func(f []byte) bool { return slices.Contains(cfg.TextField, headerName(f)) }) {
				return c
			}
			continue
		}
		if rows, fit := (&row{comma: c, quote: '"', most: 1}).census(head, cut); rows > 0 && fit == rows && r.count > 1 {
			return c
		}
	}
	return usual
}

// headerName is a column's name as the header has it.
func headerName(field []byte) string {
	return strings.ToValidUTF8(strings.Trim(strings.TrimSpace(string(field)), `"`), string(utf8.RuneError))
}

// sampleRows is how many rows decide.
const sampleRows = 200

// census counts the whole rows with which a text begins, and those that have as many fields as the first.
func (r *row) census(head []byte, cut bool) (rows, fit int) {
	want := 0
	for rows < sampleRows && len(head) > 0 {
		switch r.parse(head, !cut) {
		case rowGood:
			if rows++; want == 0 {
				want = r.count
			}
			if r.count == want {
				fit++
			}
		case rowBad:
			return rows + 1, fit
		case rowOpen, rowNone, rowTorn:
			return rows, fit
		case rowBlank:
		}
		head = head[r.size:]
	}
	return rows, fit
}

// quotesProven says whether quotes stand around fields of a text with tabs, where they mostly are text. Proof is what quotes
// alone explain: rows that are as long as the others with them only, quotes doubled within quotes, or quotes around every
// name of the first row, or all fields of a column.
func quotesProven(head []byte, cut bool, comma byte) bool {
	plain := row{comma: comma, most: 1}
	rows, fit := plain.census(head, cut)
	if fit < rows {
		if rows, fit := (&row{comma: comma, quote: '"', most: 1}).census(head, cut); rows > 1 && fit == rows {
			return true
		}
	}
	var columns []quoteCensus
	doubled, loose, lines := 0, false, 0
	for len(head) > 0 && lines < sampleRows {
		line, rest, whole := bytes.Cut(head, []byte("\n"))
		if !whole && cut {
			break
		}
		head = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if isBlank(line) {
			continue
		}
		lines++
		for i := 0; len(line) > 0 && i < maxNumbers; i++ {
			field, more, _ := bytes.Cut(line, []byte{comma})
			line = more
			if i == len(columns) {
				columns = append(columns, quoteCensus{})
			}
			inside, enclosed := enclosedIn(field)
			switch {
			case enclosed && bytes.Contains(bytes.ReplaceAll(inside, []byte(`""`), nil), []byte(`"`)):
				loose = true
			case enclosed:
				columns[i].quoted++
				if bytes.Contains(inside, []byte(`""`)) {
					doubled++
				}
			case len(field) > 0:
				columns[i].bare++
				loose = loose || field[0] == '"'
			}
		}
		if lines == 1 && !slices.ContainsFunc(columns, func(c quoteCensus) bool { return c.quoted == 0 }) {
			return true
		}
	}
	const rowsOfProof = 3
	return !loose && (doubled > 0 || slices.ContainsFunc(columns, func(c quoteCensus) bool {
		return c.quoted >= rowsOfProof && c.bare <= 1 // the name of the column
	}))
}

// quoteCensus counts the fields of a column.
type quoteCensus struct{ quoted, bare int }

func enclosedIn(field []byte) (inside []byte, ok bool) {
	if len(field) < 2 || field[0] != '"' || field[len(field)-1] != '"' {
		return nil, false
	}
	return field[1 : len(field)-1], true
}
