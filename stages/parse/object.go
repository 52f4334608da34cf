package parse

// textMember is a member of a JSON object. One without a value is left out.
type textMember struct{ name, value string }

// appendObject appends an object of valid UTF-8 to metadata, or nothing if none of its members has a value.
func appendObject(meta []byte, members []textMember) []byte {
	start := len(meta)
	for _, m := range members {
		if m.value == "" {
			continue
		}
		before := byte(',')
		if len(meta) == start {
			before = '{'
		}
		meta = append(meta, before)
		meta = append(appendJSONString(meta, []byte(m.name)), ':')
		meta = appendJSONString(meta, []byte(m.value))
	}
	if len(meta) > start {
		meta = append(meta, '}')
	}
	return meta
}
