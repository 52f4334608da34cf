package parse

// maxControlShare is the share of control characters, NUL among them, above which a file is not text. Compressed data and
// programs have 11 % and more; damaged texts with a few NULs stay below.
const maxControlShare = 0.05

// isControlled says whether there are more control characters in head, which is UTF-8 or damaged, than text has.
func isControlled(head []byte) bool {
	control := 0
	for _, c := range head {
		if c < ' ' && (c < '\t' || c > '\r') || c == 0x7f {
			control++
		}
	}
	return float64(control) > maxControlShare*float64(len(head))
}
