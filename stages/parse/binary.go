package parse

// maxControlShare is the share of control characters, NUL among them, above which a file is not text. Compressed data and
// programs have 11 % and more; damaged texts with a few NULs stay below.
const maxControlShare = 0.05

// controlGuessed is how many bytes must stand beside each control character of what is taken for UTF-16 only because nothing
// else fits it.
const controlGuessed = 200

// isControlled says whether there are more control characters in head, which is UTF-8 or damaged, than text has.
func isControlled(head []byte) bool {
	return float64(controls(head)) > maxControlShare*float64(len(head))
}

// controls counts the control characters but white space.
func controls(head []byte) (n int) {
	for _, c := range head {
		if c < ' ' && (c < '\t' || c > '\r') || c == 0x7f {
			n++
		}
	}
	return n
}
