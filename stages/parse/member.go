package parse

import (
	"bytes"
	"encoding/json"

	"github.com/millrace/millrace/pipeline/columnar"
)

// memberField is the field of the metadata that names the member of the container a document was read from. A document
// that has such a field keeps it: the name then goes into the same field with an underscore in front, or as many as it takes.
const memberField = "member"

// memberState is where Process stands among the members of a batch.
type memberState struct {
	next   int // in Batch.Members
	kind   recordKind
	object []byte // the name of the member, as metadata
}

// memberKind is how a row of a container is decoded. It is asked with rows in their order.
func (s *Stage) memberKind(members []columnar.Member, row int) recordKind {
	m := &s.member
	for m.next < len(members) && members[m.next].Row <= row {
		at := &members[m.next]
		m.kind = recordKind{
			format: formatByName(at.Format), trim: at.Document == RuleLine || at.Document == RuleBlankLine, recoded: at.Encoding != "",
			members: true, name: at.Name,
		}
		m.object = nil
		m.next++
	}
	return m.kind
}

// nameMember puts the name of the current member in front of the metadata that begins at start in meta.
func (s *Stage) nameMember(meta []byte, start int) []byte {
	m := &s.member
	if field := freeField(meta[start:]); field != memberField {
		return mergeObjects(meta, start, nameObject(field, m.kind.name))
	}
	if m.object == nil {
		m.object = nameObject(memberField, m.kind.name)
	}
	return mergeObjects(meta, start, m.object)
}

// nameObject is a JSON object of one field.
func nameObject(field, name string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(map[string]string{field: name}) != nil {
		return nil // of a string, which can always be written
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// freeField finds a name for the field that the object does not have.
func freeField(object []byte) string {
	// A field may be written with escapes, but then with a backslash.
	if !bytes.Contains(object, []byte(memberField)) && bytes.IndexByte(object, '\\') < 0 {
		return memberField
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return memberField
	}
	field := memberField
	for _, taken := fields[field]; taken; _, taken = fields[field] {
		field = "_" + field
	}
	return field
}
