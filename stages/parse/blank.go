package parse

// bom is the UTF-8 byte order mark.
const bom = "\xEF\xBB\xBF"

// maxBlank is the length in bytes, line end included, above which a line counts as text even if it is all white space.
// It bounds how far a reader that starts in the middle of a file must look back to see whether it stands behind a blank
// line.
const maxBlank = 1024

// isBlank says whether a line, with or without its end, is nothing but white space.
func isBlank(line []byte) bool {
	if len(line) > maxBlank {
		return false
	}
	for i := 0; i < len(line); {
		n := separator(line, i)
		if n == 0 {
			if c := line[i]; c != '\r' && c != '\n' && c != '\v' && c != '\f' {
				return false
			}
			n = 1
		}
		i += n
	}
	return true
}

// separator is the length of the space at i: space, tab or U+3000; 0 if there is none.
func separator(b []byte, i int) int {
	switch b[i] {
	case ' ', '\t':
		return 1
	case 0xE3:
		if i+2 < len(b) && b[i+1] == 0x80 && b[i+2] == 0x80 {
			return 3
		}
	}
	return 0
}
