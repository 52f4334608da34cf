package warc

import (
	"bytes"
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// An ARC entry has one line before its block: in version 1 "URL IP-address Archive-date Content-type Archive-length", in
// version 2 with "Result-code Checksum Location Offset Filename" before the length. Which one it is shows in every line,
// so that reading may begin anywhere. URLs with spaces occur, hence fields are counted from the right.

// maxLine is more than the line before an ARC entry has.
const maxLine = 16 << 10

var errNoEntry = errors.New("neither the start of a WARC record nor an ARC entry")

// parseARC reads the line that w begins with.
func parseARC(w []byte) (Record, error) {
	line, _, ok := cutLine(w[:min(len(w), maxLine)])
	if !ok {
		if len(w) < maxLine && maybeURL(w) {
			return Record{}, errIncomplete
		}
		return Record{}, errNoEntry
	}
	rec, length, ok := arcLine(line)
	if !ok {
		return Record{}, errNoEntry
	}
	rec.header = len(line) + 1
	if w[len(line)] == '\r' {
		rec.header++
	}
	n, err := parseLength(length)
	if err != nil {
		return rec, err
	}
	rec.Length = n + int64(rec.header)
	return rec, nil
}

// arcLine reads a line as that before an entry. The length need not be a number for the line to be one.
func arcLine(line []byte) (rec Record, length string, ok bool) {
	if len(line) > maxLine || !maybeURL(line) {
		return rec, "", false
	}
	fields := strings.Split(clean(line), " ")
	at := len(fields) - 3 // the date, before type and length
	for ; at >= 2; at-- {
		if isDate(fields[at]) && isAddress(fields[at-1]) {
			break
		}
	}
	if at < 2 {
		return rec, "", false
	}
	rec = Record{
		Kind: ARC, Type: Response, URI: strings.Join(fields[:at-1], " "), Date: isoDate(fields[at]),
		ContentType: fields[at+1],
	}
	if rec.ContentType == "-" || rec.ContentType == "no-type" {
		rec.ContentType = ""
	}
	if strings.HasPrefix(rec.URI, "filedesc:") {
		rec.Type = Filedesc
	}
	return rec, fields[len(fields)-1], true
}

// maybeURL says whether a line begins with a scheme and a colon (RFC 3986, 3.1).
func maybeURL(line []byte) bool {
	for i, c := range line[:min(len(line), maxLabel)] {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'):
		default:
			return i > 0 && c == ':'
		}
	}
	return false
}

// isDate says whether a field is YYYYMMDDhhmmss, which some writers fill up with zeros, or its first 12 digits.
func isDate(s string) bool {
	if len(s) < 12 || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	month, _ := strconv.Atoi(s[4:6]) // these are digits
	day, _ := strconv.Atoi(s[6:8])
	return s[0] != '0' && month <= 12 && day <= 31
}

// isoDate writes a date of an ARC as a WARC has it.
func isoDate(s string) string {
	s = (s + "00")[:14]
	return s[:4] + "-" + s[4:6] + "-" + s[6:8] + "T" + s[8:10] + ":" + s[10:12] + ":" + s[12:14] + "Z"
}

func isAddress(s string) bool {
	if s == "-" {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// arcStart returns where in w a line begins that announces an entry; -1: nowhere. The first line counts if w begins with
// one, the last if it is complete. Where strict, the entry must have a length.
func arcStart(w []byte, atLine, strict bool) int {
	for at := 0; at < len(w); {
		n := bytes.IndexByte(w[at:], '\n')
		if n < 0 {
			return -1
		}
		if line := w[at : at+n]; (at > 0 || atLine) && maybeURL(line) {
			if _, length, ok := arcLine(bytes.TrimSuffix(line, []byte("\r"))); ok {
				if _, err := parseLength(length); err == nil || !strict {
					return at
				}
			}
		}
		at += n + 1
	}
	return -1
}
