package parse

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/stages/parse/charset"
)

// mended makes valid UTF-8 of a record that is not: by decoding what of it is in another encoding than its file, or, where what
// is not valid is damage to UTF-8, by repair. good is the length of its valid prefix.
func (s *Stage) mended(rec []byte, good int, f *format) (out []byte, reason, detail string) {
	name := charset.UTF8
	var replaced int64
	if s.cfg.Encoding == Auto {
		out, name, replaced = s.mender.Mend(s.scratch[:0], rec)
	}
	switch {
	case name == charset.UTF8:
		return s.repaired(rec, good)
	case name == charset.Unknown || f.escaped:
		return nil, ingest.ReasonEncodingUnknown, fmt.Sprintf("byte %d is no utf-8, and no other encoding convinces", good)
	}
	s.scratch = out
	if allowed := int64(s.cfg.MaxReplacementShare * float64(utf8.RuneCount(out))); replaced > allowed {
		return nil, ingest.ReasonEncoding, fmt.Sprintf("%d characters could not be decoded from %s, more than %d", replaced, name, allowed)
	}
	s.count.others++
	return out, "", ""
}

// repaired replaces what of a record is damaged.
func (s *Stage) repaired(rec []byte, good int) (out []byte, reason, detail string) {
	var invalid int64
	var ok bool
	allowed := int64(s.cfg.MaxReplacementShare * float64(len(rec)))
	s.scratch, invalid, ok = repair(s.scratch[:0], rec, good, allowed)
	if !ok {
		return nil, ingest.ReasonEncoding, fmt.Sprintf("more than %d bytes are no utf-8, the first is byte %d", allowed, good)
	}
	s.count.invalid += invalid
	return s.scratch, "", ""
}

// fieldMender reads the fields of a row that is not valid UTF-8 before anything is made of them.
type fieldMender struct {
	mender      charset.Mender
	joined, out []byte
	fields      [][]byte
}

// fieldEnd stands between fields: a line feed, so that each is judged by itself where it can be, behind what no text has.
const fieldEnd = "\x1f\n"

// mend returns the fields in UTF-8 and true where they were in an encoding that convinces, else as they are.
func (m *fieldMender) mend(fields [][]byte, cfg *Config) ([][]byte, bool) {
	valid := true
	for _, field := range fields {
		valid = valid && text.ValidPrefix(field) == len(field)
	}
	if valid || cfg.Encoding != Auto {
		return fields, false
	}
	m.joined = m.joined[:0]
	for _, field := range fields {
		m.joined = append(append(m.joined, field...), fieldEnd...)
	}
	out, name, replaced := m.mender.Mend(m.out[:0], m.joined)
	if name == charset.UTF8 || name == charset.Unknown || replaced > 0 {
		return fields, false
	}
	m.out, m.fields = out, m.fields[:0]
	for field := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte(fieldEnd)), []byte(fieldEnd)) {
		m.fields = append(m.fields, field)
	}
	if len(m.fields) != len(fields) {
		return fields, false
	}
	return m.fields, true
}
