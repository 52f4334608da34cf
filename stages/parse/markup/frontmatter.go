package markup

import "bytes"

// maxFront bounds front matter, in bytes.
const maxFront = 64 << 10

// cutFront cuts YAML (between --- and --- or ...) or TOML (between +++) off the beginning of a document. A document that
// begins with a line that only looks like it stays whole: between the two there must be keys.
func cutFront(src []byte) (front, body []byte) {
	rest := bytes.TrimPrefix(src, []byte("\ufeff"))
	first, rest, ok := cutLine(rest)
	fence := string(first)
	if !ok || fence != "---" && fence != "+++" {
		return nil, src
	}
	from, keys := rest, 0
	for len(from)-len(rest) < maxFront {
		line, next, ok := cutLine(rest)
		switch {
		case string(line) == fence || fence == "---" && string(line) == "...":
			if keys == 0 {
				return nil, src
			}
			return from[:len(from)-len(rest)], next
		case isKey(line, fence):
			keys++
		case keys == 0 && len(line) > 0 && line[0] != '#':
			return nil, src
		}
		if rest = next; !ok {
			break
		}
	}
	return nil, src
}

// isKey says whether a line of front matter begins a value: "key: value", "key = value" or "[table]".
func isKey(line []byte, fence string) bool {
	if len(line) == 0 || bytes.IndexByte([]byte(" \t#-"), line[0]) >= 0 {
		return false
	}
	if fence == "+++" {
		return line[0] == '[' || bytes.IndexByte(line, '=') > 0
	}
	i := bytes.IndexByte(line, ':')
	return i > 0 && (i+1 == len(line) || line[i+1] == ' ')
}

// cutLine cuts the first line off, without its end. ok is false if it was the last.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	line, rest, ok = bytes.Cut(b, []byte("\n"))
	return bytes.TrimRight(line, " \t\r"), rest, ok
}
