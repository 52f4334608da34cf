package parse

import "bytes"

// row splits the first row of a text with separated values into fields.
type row struct {
	comma  byte
	strict bool // a quote in a field without quotes is an error
	most   int  // fields that are kept: a row of nothing but commas has as many as bytes

	fields  [][]byte // of the row, the first of them; good until the text or the row changes
	count   int      // all fields
	size    int      // of the row, with its line end
	bad     int      // where in the text an error is
	what    string
	scratch []byte // fields with quotes in them
}

type rowStatus uint8

const (
	rowGood  rowStatus = iota
	rowOpen            // the text ends inside of the row, and there is more
	rowNone            // there is no text
	rowBlank           // a line without anything
	rowBad
)

// parse looks at the row with which data begins; all says that there is nothing behind data. Line ends are CRLF and LF.
func (r *row) parse(data []byte, all bool) rowStatus {
	r.fields, r.count, r.scratch = r.fields[:0], 0, r.scratch[:0]
	if len(data) == 0 && all {
		return rowNone
	}
	for i := 0; ; i++ {
		var status rowStatus
		if i < len(data) && data[i] == '"' {
			i, status = r.quoted(data, i+1, all)
		} else {
			i, status = r.plain(data, i, all)
		}
		if status != rowGood {
			return status
		}
		if i < len(data) && data[i] == r.comma {
			continue
		}
		if i < len(data) && data[i] == '\r' {
			i++
		}
		r.size = min(i+1, len(data)) // the line end, if there is one
		if r.count == 1 && len(r.fields[0]) == 0 && data[0] != '"' {
			return rowBlank
		}
		return rowGood
	}
}

// plain takes the field without quotes at i, and returns the index of the comma or line end behind it.
func (r *row) plain(data []byte, i int, all bool) (int, rowStatus) {
	end := i
	for end < len(data) && data[end] != r.comma && data[end] != '\n' {
		if data[end] == '"' && r.strict {
			r.bad, r.what = end, "a quote in a field without quotes"
			return end, rowBad
		}
		end++
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
	for {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 || i+n+1 == len(data) && !all {
			if all {
				r.bad, r.what = start-1, "a quote that is not closed"
				return i, rowBad
			}
			return len(data), rowOpen
		}
		i += n + 1
		if i < len(data) && data[i] == '"' { // two are one
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
	switch {
	case i == len(data), data[i] == r.comma, data[i] == '\n':
	case data[i] == '\r' && i+1 == len(data) && !all:
		return i, rowOpen
	case data[i] == '\r' && (i+1 == len(data) || data[i+1] == '\n'):
	default:
		r.bad, r.what = i, "text behind a closing quote"
		return i, rowBad
	}
	r.keep(field)
	return i, rowGood
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
