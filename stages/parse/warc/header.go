package warc

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads the header of one raw record, as Reader.Raw gives it, and returns its block, which lies in raw. Offset is 0.
// An error is a *DamageError.
func Parse(raw []byte) (rec Record, block []byte, err error) {
	rec, err = parseHeader(raw)
	if err != nil {
		return Record{}, nil, &DamageError{Lost: int64(len(raw)), Reason: err.Error()}
	}
	block = raw[rec.header:]
	rec.short = rec.block() > int64(len(block))
	rec.Length = int64(len(raw))
	rec.classify(block)
	return rec, block, nil
}

// parseHeader reads the header that w begins with. The error errIncomplete says that w ends before it does.
func parseHeader(w []byte) (Record, error) {
	if bytes.HasPrefix(w, []byte(magic)) {
		return parseWARC(w)
	}
	if bytes.HasPrefix([]byte(magic), w) {
		return Record{}, errIncomplete
	}
	return parseARC(w)
}

// magic is what every WARC record begins with, before its version.
const magic = "WARC/"

// parseWARC reads named fields up to the empty line (ISO 28500, 4). Line ends without CR, lines without a colon and
// folded lines are taken as they come; only without a length there is no going on.
func parseWARC(w []byte) (Record, error) {
	rec := Record{Kind: WARC}
	length := ""
	var last *string // the field that a folded line goes on with
	line, rest, ok := cutLine(w)
	if !ok {
		return rec, errIncomplete
	}
	if !isVersion(line) {
		return rec, errors.New("no version in the first line")
	}
	for {
		line, rest, ok = cutLine(rest)
		if !ok {
			return rec, errIncomplete
		}
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last != nil {
				*last = strings.TrimSpace(*last + " " + clean(line))
			}
			continue
		}
		if isVersion(line) {
			return rec, errors.New("another record starts within the header")
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		rec.odd = rec.odd || !ok
		if last = rec.field(name, &length); last != nil && *last == "" {
			*last = clean(value)
		}
	}
	rec.header = len(w) - len(rest)
	n, err := parseLength(length)
	if err != nil {
		return rec, err
	}
	rec.Length = n + int64(rec.header)
	rec.Type = strings.ToLower(rec.Type)
	rec.URI, rec.ID = unbracket(rec.URI), unbracket(rec.ID)
	return rec, nil
}

// field returns where the value of a field belongs; nil: nowhere.
func (rec *Record) field(name []byte, length *string) *string {
	switch strings.ToLower(strings.TrimSpace(string(name))) {
	case "content-length":
		return length
	case "content-type":
		return &rec.ContentType
	case "warc-type":
		return &rec.Type
	case "warc-target-uri":
		return &rec.URI
	case "warc-date":
		return &rec.Date
	case "warc-record-id":
		return &rec.ID
	case "warc-truncated":
		return &rec.Truncated
	case "warc-identified-payload-type":
		return &rec.identified
	}
	return nil
}

// maxLength keeps sums of offsets and lengths from overflowing.
const maxLength = 1 << 60

func parseLength(s string) (int64, error) {
	if s == "" {
		return 0, errors.New("no Content-Length")
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n > maxLength {
		return 0, errors.New("bad length " + strconv.Quote(s[:min(len(s), maxLabel)]))
	}
	return int64(n), nil
}

// isVersion says whether a line is the first one of a WARC record.
func isVersion(line []byte) bool {
	v, ok := bytes.CutPrefix(line, []byte(magic))
	if !ok {
		return false
	}
	v = bytes.TrimRight(v, " \r\n")
	return len(v) >= 3 && len(v) <= 5 && isDigit(v[0]) && v[1] == '.' && isDigit(v[2])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// cutLine cuts the first line off, without its end. ok is false if w has no complete line.
func cutLine(w []byte) (line, rest []byte, ok bool) {
	line, rest, ok = bytes.Cut(w, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest, ok
}

// clean makes a header's bytes a text.
func clean(b []byte) string {
	return strings.ToValidUTF8(string(bytes.TrimSpace(b)), string(utf8.RuneError))
}

func unbracket(s string) string {
	if inner, ok := strings.CutPrefix(s, "<"); ok {
		if inner, ok = strings.CutSuffix(inner, ">"); ok {
			return inner
		}
	}
	return s
}
