package parse

import "github.com/millrace/millrace/pipeline/columnar"

// takeMeta takes the metadata that a framer made out of a batch, and gives that other memory to write in. It has a row a
// record, or none.
func (s *Stage) takeMeta(b *columnar.Batch) columnar.Strings {
	if len(b.Meta.Offsets) == 0 {
		b.Meta.Reset()
		return columnar.Strings{}
	}
	s.given, b.Meta = b.Meta, s.given
	b.Meta.Reset()
	return s.given
}

// mergeObjects puts the members of a JSON object in front of those of the object that begins at start in meta, or of none.
func mergeObjects(meta []byte, start int, object []byte) []byte {
	if len(object) <= len("{}") {
		return meta
	}
	if len(meta) == start {
		return append(meta, object...)
	}
	own := len(meta) - start
	meta = append(meta, object[:len(object)-1]...) // as long as the object without its end, and a comma
	copy(meta[len(meta)-own+1:], meta[start+1:start+own])
	copy(meta[start:], object[:len(object)-1])
	meta[start+len(object)-1] = ','
	return meta
}
