package charset

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/pipeline/text"
)

// Mender reads records that were taken for UTF-8 and are not valid UTF-8. The zero value is ready. Not safe for concurrent use.
type Mender struct {
	known []*lines // of the encodings that were met
}

// Mend appends a record to dst whose lines are in UTF-8 and in other encodings, each told by its own bytes, and says which the
// first of these is and how many characters were undecodable; what it appends is valid UTF-8. Where all that is not valid is
// damage to UTF-8 it returns UTF8, and Unknown where a line is in no encoding that convinces; dst is as it was then.
func (m *Mender) Mend(dst, rec []byte) (out []byte, name string, replaced int64) {
	name = firstOther(rec)
	if name == UTF8 || name == Unknown {
		return dst, name, 0
	}
	out, counts := m.lines(name).appendTo(dst, rec)
	if text.ValidPrefix(out[len(dst):]) < len(out)-len(dst) {
		return dst, Unknown, 0
	}
	return out, name, counts.Replaced
}

// firstOther is the encoding of the first line of a record that is neither UTF-8 nor that with damage and can be told.
func firstOther(rec []byte) (name string) {
	name = UTF8
	for len(rec) > 0 {
		good := text.ValidPrefix(rec)
		if good == len(rec) {
			break
		}
		start := bytes.LastIndexAny(rec[:good], "\r\n") + 1
		line := rec[start:]
		if size := lineEnd(line); size > 0 {
			line = line[:size]
		}
		rec = rec[start+len(line):]
		high := firstHigh(line)
		if invalid := good - start; invalid-high > sampleBytes/2 {
			high = invalid
		}
		switch found := ofLine(line, high, true); found {
		case UTF8:
		case Unknown:
			name = Unknown
		default:
			return found
		}
	}
	return name
}

func (m *Mender) lines(name string) *lines {
	if i := slices.IndexFunc(m.known, func(l *lines) bool { return l.name == name }); i >= 0 {
		return m.known[i]
	}
	l := newLines(name, newDecoder(name), false)
	m.known = append(m.known, l)
	return l
}

// appendTo decodes a record that is in memory.
func (l *lines) appendTo(dst, rec []byte) (out []byte, c Counts) {
	for l.next(rec, false, true, &c) {
		var taken int
		dst, taken = appendDecoded(dst, l.dec, rec[:l.run], true, &c)
		rec = rec[taken:]
	}
	return dst, c
}
