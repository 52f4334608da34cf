package parse

import "bytes"

// row splits the first row of a text with separated values into fields. A quote is one at the start of a field alone; there
// the field goes on to a quote with the end of the field behind it, over lines if need be. Elsewhere quotes are text.
type row struct {
	comma byte
	quote byte // 0: there are none
	most  int  // fields that are kept: a row of nothing but commas has as many as bytes
	want  int  // fields that a row should have; 0 if nobody knows. One over several lines is not read on behind them

	fields  [][]byte // of the row, the first of them; good until the text or the row changes
	count   int      // all fields
	size    int      // of the row, with its line end
	breaks  int      // line ends within quotes
	open    int      // the quote that opens the first field with a line end in it, or the one that never ends
	close   int      // the quote that closes the first field with a line end in it
	bad     int      // where in the text an error is
	what    string
	eol     int    // of the line that is being looked at, if that was looked for
	scratch []byte // fields with quotes in them
}

type rowStatus uint8

const (
	rowGood  rowStatus = iota
	rowOpen            // the text ends inside of the row, and there is more
	rowNone            // there is no text
	rowBlank           // a line without anything
	rowTorn            // over several lines, with more fields than it should have
	rowBad
)

// parse looks at the row with which data begins; all says that there is nothing behind data. Line ends are CRLF and LF.
func (r *row) parse(data []byte, all bool) rowStatus {
	r.eol = -1
	r.fields, r.count, r.scratch, r.breaks, r.size = r.fields[:0], 0, r.scratch[:0], 0, 0
	if len(data) == 0 && all {
		return rowNone
	}
	for i := 0; ; i++ {
		var status rowStatus
		if r.quote != 0 && i < len(data) && data[i] == r.quote {
			i, status = r.quoted(data, i+1, all)
		} else {
			i, status = r.plain(data, i, all)
		}
		if status != rowGood {
			return status
		}
		if r.breaks > 0 && r.want > 0 && r.count > r.want {
			r.size = i
			return rowTorn
		}
		if i < len(data) && data[i] == r.comma {
			continue
		}
		if i < len(data) && data[i] == '\r' {
			i++
		}
		r.size = min(i+1, len(data)) // the line end, if there is one
		if r.count == 1 && (data[0] != r.quote || r.quote == 0) && (len(r.fields[0]) == 0 || r.want > 1 && isBlank(r.fields[0])) {
			return rowBlank
		}
		return rowGood
	}
}

// plain takes the field without quotes at i, and returns the index of the comma or line end behind it.
func (r *row) plain(data []byte, i int, all bool) (int, rowStatus) {
	if r.eol < i {
		r.eol = len(data)
		if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
			r.eol = i + n
		}
	}
	end := r.eol
	if n := bytes.IndexByte(data[i:end], r.comma); n >= 0 {
		end = i + n
	}
	if end == len(data) && !all {
		return end, rowOpen
	}
	field := data[i:end]
	if end == len(data) || data[end] == '\n' {
		if field = bytes.TrimSuffix(field, []byte("\r")); len(field) < end-i {
			end--
		}
	}
	r.keep(field)
	return end, rowGood
}

func (r *row) keep(field []byte) {
	if r.count++; r.count <= r.most {
		r.fields = append(r.fields, field)
	}
}

// quoted takes the field that begins behind a quote.
func (r *row) quoted(data []byte, i int, all bool) (int, rowStatus) {
	start, from, copied := i, i, len(r.scratch)
	if r.breaks == 0 {
		r.open = start - 1
	}
	for {
		n := bytes.IndexByte(data[i:], r.quote)
		if n < 0 || i+n+1 == len(data) && !all {
			if all {
				r.open, r.size = start-1, len(data)
				r.bad, r.what = start-1, "a quote that is not closed"
				return i, rowBad
			}
			return len(data), rowOpen
		}
		i += n + 1
		if i < len(data) && data[i] == r.quote { // two are one
			r.scratch = append(r.scratch, data[from:i]...)
			i++
			from = i
			continue
		}
		break
	}
	field := data[from : i-1]
	if from > start {
		r.scratch = append(r.scratch, field...)
		field = r.scratch[copied:len(r.scratch):len(r.scratch)]
	}
	breaks := bytes.Count(data[start:i], []byte("\n"))
	switch {
	case i == len(data), data[i] == r.comma, data[i] == '\n':
	case data[i] == '\r' && i+1 == len(data) && !all:
		return i, rowOpen
	case data[i] == '\r' && (i+1 == len(data) || data[i+1] == '\n'):
	default:
		r.size, r.bad, r.what = i, i, "text behind a closing quote"
		if r.open = start - 1; breaks > 0 { // it is a quote that opens another field, or text
			r.bad, r.what = start-1, "a quote that is not closed"
		}
		return i, rowBad
	}
	if r.breaks == 0 {
		r.close = i - 1
	}
	r.breaks += breaks
	r.keep(field)
	return i, rowGood
}

// alone is how many fields a line has if it is a row of its own: without its end, a quote that stays open being text.
func (r *row) alone(line []byte) (count int) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	for i := 0; ; i++ {
		count++
		i += r.fieldEnd(line[i:])
		if i == len(line) {
			return count
		}
	}
}

// fieldEnd is the length of the field with which a line begins.
func (r *row) fieldEnd(line []byte) int {
	if r.quote != 0 && len(line) > 0 && line[0] == r.quote {
		for i := 1; ; i++ {
			n := bytes.IndexByte(line[i:], r.quote)
			if n < 0 {
				break
			}
			if i += n + 1; i == len(line) || line[i] == r.comma {
				return i
			}
			if line[i] != r.quote {
				break
			}
		}
	}
	if n := bytes.IndexByte(line, r.comma); n >= 0 {
		return n
	}
	return len(line)
}

// head is the beginning of the row, for people.
func (r *row) head() (head []byte) {
	for i, field := range r.fields {
		if len(head) >= recordHead {
			break
		}
		if i > 0 {
			head = append(head, r.comma)
		}
		head = append(head, field[:min(len(field), recordHead)]...)
	}
	return head
}
