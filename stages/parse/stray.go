package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline/ingest"
)

// A quote that was opened by mistake ends at the next one, which may be many rows further on, and everything between would
// be one field. Nothing in the syntax tells it from a field that has lines in it. What does: the lines of such a field are
// rows by themselves, with as many fields as the file has columns and with numbers where the others have them.

// strayEvidence is how much speaks for lines that are rows by themselves: each line counts for a comma, a number where the
// first line has one, more if it is the next number, and a quote that ends the field where one may open another.
const (
	strayEvidence = 6
	numberWeighs  = 3
	nextWeighs    = 6
	openWeighs    = 3
)

// stray says of a row over several lines whether the quote at f.row.open is one by mistake. text is the row, or what was read of
// one that does not end; good, whether it has as many fields as it should.
func (f *rowFramer) stray(text []byte, good bool) bool {
	start := bytes.LastIndexByte(text[:f.row.open], '\n') + 1
	first, rest, _ := bytes.Cut(text[start:], []byte("\n"))
	if good && (f.row.want == 1 || f.row.alone(first) != f.row.want) {
		return false
	}
	f.numbers = appendNumbers(f.numbers[:0], &f.row, first)
	lines, fit, evidence := 0, 0, 0
	if good && (text[f.row.close-1] == f.row.comma || text[f.row.close-1] == '\n') {
		evidence = openWeighs
	}
	for len(rest) > 0 && (!good || evidence < enoughEvidence) {
		line, more, whole := bytes.Cut(rest, []byte("\n"))
		if !whole && !good {
			break // perhaps not all of it
		}
		rest = more
		if lines++; f.row.alone(line) == f.row.want {
			fit++
			evidence += f.row.want - 1 + f.sameNumbers(line, lines)
		} else if good {
			return false
		}
	}
	if good {
		return evidence >= strayEvidence
	}
	return lines > 0 && 2*fit >= lines
}

// enoughEvidence ends the search, however long a field is.
const enoughEvidence = 64 * strayEvidence

// columnNumber is a number in a column.
type columnNumber struct {
	column int
	value  int // -1 if it is no short one of digits alone
}

// maxNumbers is how many columns are looked at for numbers.
const maxNumbers = 32

// appendNumbers appends the columns of a line that are numbers, or dates or times.
func appendNumbers(numbers []columnNumber, r *row, line []byte) []columnNumber {
	for i, column := 0, 0; i <= len(line) && column < maxNumbers; i, column = i+1, column+1 {
		end := i + r.fieldEnd(line[i:])
		if isFigure(line[i:end]) {
			numbers = append(numbers, columnNumber{column, shortNumber(line[i:end])})
		}
		i = end
	}
	return numbers
}

// sameNumbers weighs the columns of a line that are numbers as they are so many lines before.
func (f *rowFramer) sameNumbers(line []byte, lines int) (evidence int) {
	wanted := f.numbers
	for i, column := 0, 0; i <= len(line) && len(wanted) > 0; i, column = i+1, column+1 {
		end := i + f.row.fieldEnd(line[i:])
		if column == wanted[0].column {
			switch field := line[i:end]; {
			case wanted[0].value >= 0 && shortNumber(field) == wanted[0].value+lines:
				evidence += nextWeighs
			case isFigure(field):
				evidence += numberWeighs
			}
			wanted = wanted[1:]
		}
		i = end
	}
	return evidence
}

// shortNumber reads digits; -1 if a field is anything else.
func shortNumber(field []byte) int {
	n, ok := number(bytes.Trim(field, "\" \r"))
	if !ok {
		return -1
	}
	return n
}

// isFigure says whether a field has digits, and nothing else than what stands between those of numbers, dates and times.
func isFigure(field []byte) bool {
	digits := 0
	for _, c := range bytes.Trim(field, "\" \r") {
		switch {
		case isDigit(c):
			digits++
		case c == '.', c == '-', c == '+', c == ':', c == '/':
		default:
			return false
		}
	}
	return digits > 0
}

// rejectLine rejects what was taken for a row up to the end of the line with the quote at f.row.open: it costs no more than that.
func (f *rowFramer) rejectLine(ctx context.Context, at int, what string) error {
	f.again += int64(f.row.size)
	start, data := f.in.offset(), f.in.ahead()
	line, _, _ := bytes.Cut(data, []byte("\n"))
	detail := withHead(fmt.Sprintf("byte %d: %s", at, what), bytes.TrimRight(line, "\r"))
	for from := f.row.open; ; from = 0 {
		data = f.in.ahead()
		if end := bytes.IndexByte(data[from:], '\n'); end >= 0 {
			f.in.take(from + end + 1)
			break
		}
		f.in.take(len(data))
		if err := f.in.more(ctx); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	return &recordError{start, f.in.offset() - start, ingest.ReasonBadRow, detail}
}

// tooLong rejects a row of which data, as much as may be held, is only the beginning: if a quote by mistake keeps it open, its
// line; else all of it.
func (f *rowFramer) tooLong(ctx context.Context, data []byte) error {
	f.row.size = len(data)
	if bytes.IndexByte(data, '\n') < 0 {
		return f.skipLarge(ctx)
	}
	stray := f.row.want == 0
	switch {
	case f.row.want == 1: // any line is a row: a text of that size has paragraphs, or is not the first one with lines
		stray = !f.several && !bytes.Contains(data, []byte("\n\n")) && !bytes.Contains(data, []byte("\n\r\n"))
	case f.row.want > 1:
		stray = f.stray(data, false)
	}
	if stray {
		return f.rejectLine(ctx, f.row.open, fmt.Sprintf("a quote that is not closed within %d bytes", len(data)))
	}
	return f.skipLarge(ctx)
}

// rowsAgain is how many lines, each as long in fields as a row, end a field that is too large and does not end.
const rowsAgain = 16

// skipLarge lets a row go that is longer than what may be held: up to the first line end outside of quotes, or to where lines
// are rows again.
func (f *rowFramer) skipLarge(ctx context.Context) error {
	start, limit := f.in.offset(), f.in.cfg.MaxDocumentBytes
	most := limit / rowsAgain // of such a line: so many can be held
	var s rowSkip
	at, line, run, runs, long := 0, 0, 0, 0, false // in what is ahead: where we are, where the line began, and the first of runs lines that are rows
	for {
		data := f.in.ahead()
		for ; at < len(data); at++ {
			if s.end(data[at], f.row.comma, f.row.quote) {
				f.in.take(at + 1)
				return tooLarge(start, f.in.offset()-start, limit)
			}
			if data[at] != '\n' {
				continue
			}
			switch fits := !long && int64(at-line) <= most && f.row.want > 1 && f.row.alone(data[line:at]) == f.row.want; {
			case !fits:
				runs = 0
			case runs == 0:
				run, runs = line, 1
			default:
				runs++
			}
			if runs == rowsAgain {
				f.in.take(run)
				return tooLarge(start, f.in.offset()-start, limit)
			}
			line, long = at+1, false
		}
		if int64(len(data)-line) > most {
			line, runs, long = len(data), 0, true
		}
		kept := line
		if runs > 0 {
			kept = run
		}
		f.in.take(kept)
		at, line, run = at-kept, line-kept, run-kept
		if err := f.in.more(ctx); errors.Is(err, io.EOF) {
			f.in.take(len(f.in.ahead()))
			return tooLarge(start, f.in.offset()-start, limit)
		} else if err != nil {
			return err
		}
	}
}

// rowSkip goes through a row without keeping it.
type rowSkip struct {
	place skipPlace
}

type skipPlace uint8

const (
	fieldStart skipPlace = iota
	withoutQuotes
	withinQuotes
	behindQuote // within quotes: the end of the field, or the first of two
)

// end takes a byte, and says whether it ends the row.
func (s *rowSkip) end(c, comma, quote byte) bool {
	switch {
	case s.place == withinQuotes:
		if c == quote {
			s.place = behindQuote
		}
	case s.place == behindQuote && c == quote:
		s.place = withinQuotes
	case c == '\n':
		return true
	case c == comma:
		s.place = fieldStart
	case s.place == fieldStart && c == quote && quote != 0:
		s.place = withinQuotes
	case c != '\r':
		s.place = withoutQuotes
	}
	return false
}
